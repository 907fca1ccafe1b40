package dev.firn.nativeio.simulation;

import java.util.function.Consumer;

/**
 * What happened, in order: a running hash that two runs of one seed share, the number of each fault, and, when a sink is
 * given, a line for each event.
 *
 * <p>Programs under simulation may add their own events: they make the hash sharper and the lines easier to read.
 */
public final class Trace {
    /** The node of an event that belongs to none. */
    public static final int NO_NODE = -1;

    private static final long NANOS_A_SECOND = 1_000_000_000L;

    private final Consumer<String> sink;
    private final long[] faults = new long[FaultKind.values().length];
    private long nowNs;
    private long hash = 0x51_7C_C1_B7_27_22_0A_95L;
    private long events;

    private Trace(final Consumer<String> sink) {
        this.sink = sink;
    }

    /** A trace that only hashes and counts. */
    public static Trace silent() {
        return new Trace(null);
    }

    /** A trace that also hands each event to the sink as one line of text. */
    public static Trace to(final Consumer<String> sink) {
        return new Trace(sink);
    }

    /** The hash of everything so far. */
    public long hash() {
        return hash;
    }

    public long events() {
        return events;
    }

    /** How often this fault has happened. */
    public long count(final FaultKind kind) {
        return faults[kind.ordinal()];
    }

    /**
     * Adds an event.
     *
     * @param node where it happened, or {@link #NO_NODE}.
     * @param event what happened; the first two {@code {}} in it stand for the two values.
     * @param subject the file, agent or peer it happened to; "" for none.
     */
    public void record(final int node, final String event, final String subject, final long first, final long second) {
        add(nowNs);
        add(node);
        add(event.hashCode());
        add(subject.hashCode());
        add(first);
        add(second);
        events++;
        if (sink != null) {
            sink.accept(line(node, event, subject, first, second));
        }
    }

    void fault(final FaultKind kind, final int node, final String subject, final long first, final long second) {
        faults[kind.ordinal()]++;
        record(node, kind.name() + " {} {}", subject, first, second);
    }

    /** Mixes a value into the hash that has no line of its own. */
    void add(final long value) {
        hash = Seeds.mix(hash ^ value);
    }

    void advanceTo(final long timeNs) {
        nowNs = timeNs;
    }

    private String line(final int node, final String event, final String subject, final long first, final long second) {
        final StringBuilder text = new StringBuilder(96);
        text.append(nowNs / NANOS_A_SECOND).append('.');
        final String fraction = Long.toString(nowNs % NANOS_A_SECOND);
        text.repeat("0", 9 - fraction.length()).append(fraction);
        text.append(node == NO_NODE ? "  -   " : "  n" + node + "  ");
        final int one = event.indexOf("{}");
        final int two = one < 0 ? -1 : event.indexOf("{}", one + 2);
        if (one < 0) {
            text.append(event);
        } else {
            text.append(event, 0, one).append(first);
            if (two < 0) {
                text.append(event, one + 2, event.length());
            } else {
                text.append(event, one + 2, two).append(second).append(event, two + 2, event.length());
            }
        }
        return subject.isEmpty()
                ? text.toString()
                : text.append("  ").append(subject).toString();
    }
}
