package dev.firn.s3tier.session;

import dev.firn.s3tier.store.StoreCounters;

/**
 * Stops sending to a store that answers nothing but failures, over all of its sessions. After so many failed attempts in a row
 * it is open: nothing goes for a while. Then one attempt, the probe, may go; with its success (or that of any other that was
 * still on its way) the circuit is closed, with its failure it stays open for as long again.
 *
 * <p>What counts as failed is that the store was not there: unreachable, 5xx, throttled, no answer in time. A refusal is an
 * answer. Thread-safe; closed, it costs one volatile read an attempt.
 */
final class Circuit {
    enum Pass {
        GO,
        PROBE,
        REFUSED
    }

    private final int failuresToOpen;
    private final long openNs;
    private final StoreCounters counters;

    private volatile boolean open;
    private int failures;
    private boolean probing;
    private long openUntilNs;

    Circuit(final int failuresToOpen, final long openNs, final StoreCounters counters) {
        this.failuresToOpen = failuresToOpen;
        this.openNs = openNs;
        this.counters = counters;
    }

    /** May an attempt go? A probe must come back with one of the three methods below. */
    Pass enter(final long nowNs) {
        if (!open) {
            return Pass.GO;
        }
        synchronized (this) {
            if (!open) {
                return Pass.GO;
            }
            if (probing || nowNs - openUntilNs < 0) {
                return Pass.REFUSED;
            }
            probing = true;
            return Pass.PROBE;
        }
    }

    /** Whether {@link #enter} would refuse now. */
    boolean refuses(final long nowNs) {
        if (!open) {
            return false;
        }
        synchronized (this) {
            return open && (probing || nowNs - openUntilNs < 0);
        }
    }

    /** How long it makes no sense to ask again; 0 when a probe is on its way. */
    synchronized long openForNs(final long nowNs) {
        return open ? Math.max(0, openUntilNs - nowNs) : 0;
    }

    synchronized void succeeded() {
        failures = 0;
        probing = false;
        open = false;
    }

    synchronized void failed(final boolean probe, final long nowNs) {
        failures++;
        if (probe) {
            probing = false;
            openUntilNs = nowNs + openNs;
        } else if (!open && failures >= failuresToOpen) {
            open = true;
            probing = false;
            openUntilNs = nowNs + openNs;
            counters.circuitWasOpened();
        }
    }

    /** An attempt ended without saying anything about the store: it was cancelled. */
    synchronized void ended(final boolean probe) {
        if (probe) {
            probing = false;
        }
    }

    boolean isOpen() {
        return open;
    }
}
