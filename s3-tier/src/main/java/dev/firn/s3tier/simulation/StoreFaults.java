package dev.firn.s3tier.simulation;

import dev.firn.nativeio.simulation.Latency;
import dev.firn.nativeio.simulation.Probability;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * How unkind the simulated store is.
 *
 * @param chances for each kind of fault that {@link StoreFault#isChance()}, the probability that it strikes a request that it
 *     can strike; none for those that are missing.
 * @param latency from a request to its answer. Requests overtake each other freely within it.
 * @param maxLateNs how long after its time a late or doubled write takes effect at most.
 * @param silence share of broken connections of which the client sees nothing before its own time-out.
 * @param silenceNs when even a client without time-outs is told then.
 * @param slowKeys share of keys whose requests take up to {@code maxSlowNs} longer.
 * @param meanOutageGapNs mean time between outages, of the store or of one host's way to it; 0 for none.
 * @param meanThrottlingGapNs mean time between bursts of throttling; 0 for none.
 */
public record StoreFaults(
        Map<StoreFault, Double> chances,
        Latency latency,
        long maxLateNs,
        double silence,
        long silenceNs,
        double slowKeys,
        long maxSlowNs,
        long meanOutageGapNs,
        long maxOutageNs,
        long meanThrottlingGapNs,
        long maxThrottlingNs) {
    private static final long MILLISECOND_NS = 1_000_000L;
    private static final long SECOND_NS = 1_000 * MILLISECOND_NS;

    /** Every request arrives and is answered; requests still overtake each other. */
    public static final StoreFaults NONE = new StoreFaults(
            Map.of(),
            new Latency(2 * MILLISECOND_NS, 40 * MILLISECOND_NS, 0, 0),
            SECOND_NS,
            0,
            60 * SECOND_NS,
            0,
            0,
            0,
            0,
            0,
            0);

    /** What a good store and a good network do in a bad month. */
    public static final StoreFaults GENTLE = NONE.with(StoreFault.REQUEST_LOST, 0.002)
            .with(StoreFault.ANSWER_LOST, 0.002)
            .with(StoreFault.ERROR_WITHOUT_EFFECT, 0.002)
            .with(StoreFault.ERROR_WITH_EFFECT, 0.001)
            .with(StoreFault.THROTTLED, 0.005)
            .with(StoreFault.CONFLICT, 0.005)
            .with(StoreFault.UPLOAD_FORGOTTEN, 0.002)
            .with(StoreFault.READ_CUT, 0.002)
            .with(StoreFault.PAGE_CUT, 0.05)
            .withLatency(new Latency(2 * MILLISECOND_NS, 40 * MILLISECOND_NS, 0.01, 2 * SECOND_NS))
            .withSilence(0.2, 60 * SECOND_NS)
            .withOutages(60 * SECOND_NS, 2 * SECOND_NS)
            .withThrottling(30 * SECOND_NS, 2 * SECOND_NS);

    /** What no store should do, and what stands on it must survive. */
    public static final StoreFaults HARSH = NONE.with(StoreFault.REQUEST_LOST, 0.02)
            .with(StoreFault.ANSWER_LOST, 0.03)
            .with(StoreFault.ERROR_WITHOUT_EFFECT, 0.02)
            .with(StoreFault.ERROR_WITH_EFFECT, 0.02)
            .with(StoreFault.THROTTLED, 0.02)
            .with(StoreFault.CONFLICT, 0.03)
            .with(StoreFault.UPLOAD_FORGOTTEN, 0.02)
            .with(StoreFault.WRITE_LATE, 0.02)
            .with(StoreFault.WRITE_DUPLICATED, 0.02)
            .with(StoreFault.BODY_CORRUPTED, 0.01)
            .with(StoreFault.READ_CUT, 0.02)
            .with(StoreFault.READ_CORRUPTED, 0.01)
            .with(StoreFault.PAGE_CUT, 0.2)
            .with(StoreFault.DELETE_REFUSED, 0.05)
            .withLatency(new Latency(1 * MILLISECOND_NS, 100 * MILLISECOND_NS, 0.02, 5 * SECOND_NS))
            .withLateWrites(20 * SECOND_NS)
            .withSilence(0.3, 60 * SECOND_NS)
            .withSlowKeys(0.05, 2 * SECOND_NS)
            .withOutages(20 * SECOND_NS, 5 * SECOND_NS)
            .withThrottling(20 * SECOND_NS, 5 * SECOND_NS);

    public StoreFaults {
        final Map<StoreFault, Double> copy = new EnumMap<>(StoreFault.class);
        chances.forEach((fault, probability) -> {
            Probability.check(fault.name(), probability);
            if (!fault.isChance()) {
                throw new IllegalArgumentException(fault + " does not strike single requests by chance");
            }
            copy.put(fault, probability);
        });
        chances = Collections.unmodifiableMap(copy);
        Probability.check("silence", silence);
        Probability.check("slowKeys", slowKeys);
        if (maxLateNs < 1 || silenceNs < 1 || maxSlowNs < 0 || maxOutageNs < 0 || maxThrottlingNs < 0) {
            throw new IllegalArgumentException("the store's faults are not in order: late " + maxLateNs + ", silence "
                    + silenceNs + ", slow " + maxSlowNs + ", outage " + maxOutageNs + ", throttling "
                    + maxThrottlingNs + " ns");
        }
    }

    /** The preset with this name: none, gentle or harsh. */
    public static StoreFaults named(final String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "none" -> NONE;
            case "gentle" -> GENTLE;
            case "harsh" -> HARSH;
            default -> throw new IllegalArgumentException("no fault profile " + name + "; use none, gentle or harsh");
        };
    }

    double chance(final StoreFault fault) {
        return chances.getOrDefault(fault, 0.0);
    }

    public StoreFaults with(final StoreFault fault, final double probability) {
        final Map<StoreFault, Double> changed = new EnumMap<>(StoreFault.class);
        changed.putAll(chances);
        changed.put(fault, probability);
        return new StoreFaults(
                changed,
                latency,
                maxLateNs,
                silence,
                silenceNs,
                slowKeys,
                maxSlowNs,
                meanOutageGapNs,
                maxOutageNs,
                meanThrottlingGapNs,
                maxThrottlingNs);
    }

    public StoreFaults withLatency(final Latency chosen) {
        return new StoreFaults(
                chances,
                chosen,
                maxLateNs,
                silence,
                silenceNs,
                slowKeys,
                maxSlowNs,
                meanOutageGapNs,
                maxOutageNs,
                meanThrottlingGapNs,
                maxThrottlingNs);
    }

    /** Late and doubled writes take effect so much after their time at most. */
    public StoreFaults withLateWrites(final long longestNs) {
        return new StoreFaults(
                chances,
                latency,
                longestNs,
                silence,
                silenceNs,
                slowKeys,
                maxSlowNs,
                meanOutageGapNs,
                maxOutageNs,
                meanThrottlingGapNs,
                maxThrottlingNs);
    }

    /** No write takes effect after its connection broke, or a second time. */
    public StoreFaults withoutLateWrites() {
        return with(StoreFault.WRITE_LATE, 0).with(StoreFault.WRITE_DUPLICATED, 0);
    }

    public StoreFaults withSilence(final double share, final long longestNs) {
        return new StoreFaults(
                chances,
                latency,
                maxLateNs,
                share,
                longestNs,
                slowKeys,
                maxSlowNs,
                meanOutageGapNs,
                maxOutageNs,
                meanThrottlingGapNs,
                maxThrottlingNs);
    }

    public StoreFaults withSlowKeys(final double share, final long longestNs) {
        return new StoreFaults(
                chances,
                latency,
                maxLateNs,
                silence,
                silenceNs,
                share,
                longestNs,
                meanOutageGapNs,
                maxOutageNs,
                meanThrottlingGapNs,
                maxThrottlingNs);
    }

    public StoreFaults withOutages(final long meanGapNs, final long longestNs) {
        return new StoreFaults(
                chances,
                latency,
                maxLateNs,
                silence,
                silenceNs,
                slowKeys,
                maxSlowNs,
                meanGapNs,
                longestNs,
                meanThrottlingGapNs,
                maxThrottlingNs);
    }

    public StoreFaults withThrottling(final long meanGapNs, final long longestNs) {
        return new StoreFaults(
                chances,
                latency,
                maxLateNs,
                silence,
                silenceNs,
                slowKeys,
                maxSlowNs,
                meanOutageGapNs,
                maxOutageNs,
                meanGapNs,
                longestNs);
    }
}
