package dev.firn.nativeio.portable;

import dev.firn.nativeio.ring.OperationTable;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.OperationKind;
import dev.firn.nativeio.storage.Ring;

/**
 * Decides what starts when: chains, drains, time-outs and cancels. An operation goes through: queued (accepted) → waiting
 * (submitted, but its chain's predecessor or a drain is not done) → started (a system call, or a timer, or done at once) →
 * ready (its result is known).
 *
 * <p>Everything here is the ring's thread's alone. An operation without a link is a chain of one.
 */
final class Chains {
    private static final int NONE = -1;

    private final OperationTable table;
    private final Transfers transfers;
    private final Clock clock;

    /** Of each slot: the next operation of its chain, its flags, its duration, the token that it cancels, its result. */
    private final int[] next;

    private final int[] flagsOf;
    private final long[] durationsNs;
    private final long[] targetTokens;
    private final int[] results;

    /** Heads of chains, in order. */
    private final SlotQueue queued;

    private final SlotQueue waiting;

    private final SlotQueue ready;
    private final Timers timers;

    /** The chain that is being queued. */
    private int openHead = NONE;

    private int openTail = NONE;
    private boolean openDrains;

    private int startedChains;
    private boolean drainRuns;

    Chains(final OperationTable table, final Transfers transfers, final Clock clock) {
        final int capacity = table.capacity();
        this.table = table;
        this.transfers = transfers;
        this.clock = clock;
        this.next = new int[capacity];
        this.flagsOf = new int[capacity];
        this.durationsNs = new long[capacity];
        this.targetTokens = new long[capacity];
        this.results = new int[capacity];
        this.queued = new SlotQueue(capacity);
        this.waiting = new SlotQueue(capacity);
        this.ready = new SlotQueue(capacity);
        this.timers = new Timers(capacity);
    }

    void setDuration(final int slot, final long durationNs) {
        durationsNs[slot] = durationNs;
    }

    void setTarget(final int slot, final long targetToken) {
        targetTokens[slot] = targetToken;
    }

    /** Whether the last operation queued carries a link. */
    boolean chainOpen() {
        return openTail != NONE;
    }

    /** Puts a slot at the end of the open chain, or begins one; a chain is queued when it is whole. */
    void queue(final int slot, final int flags) {
        flagsOf[slot] = flags;
        next[slot] = NONE;
        if (openTail == NONE) {
            openHead = slot;
            openDrains = false;
        } else {
            next[openTail] = slot;
        }
        openDrains |= (flags & Ring.DRAIN) != 0;
        if ((flags & (Ring.LINK | Ring.HARD_LINK)) != 0) {
            openTail = slot;
            return;
        }
        if (openDrains) {
            flagsOf[openHead] |= Ring.DRAIN;
        }
        queued.add(openHead);
        openTail = NONE;
    }

    /** Hands over what is queued, starts what may start, and returns how many operations were handed over. */
    int submit() {
        int handedOver = 0;
        while (!queued.isEmpty()) {
            final int head = queued.remove();
            for (int slot = head; slot != NONE; slot = next[slot]) {
                handedOver++;
            }
            waiting.add(head);
        }
        startWaiting();
        return handedOver;
    }

    /** Takes what the pool has done and what timers have run out. */
    void collect() {
        for (int slot = transfers.takeDone(); slot != NONE; slot = transfers.takeDone()) {
            start(finish(slot, transfers.result(slot)));
        }
        while (!timers.isEmpty() && timers.earliestNs() - clock.nanoTime() <= 0) {
            expire(timers.removeEarliest());
        }
        startWaiting();
    }

    int readyCount() {
        return ready.size();
    }

    int takeReady() {
        return ready.remove();
    }

    int result(final int slot) {
        return results[slot];
    }

    /** How long until a timer runs out; {@link Long#MAX_VALUE} when there is none. */
    long untilTimerNs() {
        return timers.isEmpty() ? Long.MAX_VALUE : timers.earliestNs() - clock.nanoTime();
    }

    private void startWaiting() {
        while (!waiting.isEmpty() && !drainRuns) {
            final int head = waiting.peek();
            final boolean drains = (flagsOf[head] & Ring.DRAIN) != 0;
            if (drains && startedChains > 0) {
                return;
            }
            waiting.remove();
            startedChains++;
            drainRuns = drains;
            start(head);
        }
    }

    /** Starts an operation, and those after it as long as they are done at once. */
    private void start(final int first) {
        int slot = first;
        while (slot != NONE) {
            final int timer = next[slot];
            if (timer != NONE && table.kindOf(timer) == OperationKind.LINK_TIMEOUT) {
                timers.add(timer, clock.nanoTime() + durationsNs[timer]);
            }
            switch (table.kindOf(slot)) {
                case NOP -> slot = finish(slot, 0);
                case CANCEL -> slot = finish(slot, cancel(table.slotOf(targetTokens[slot])));
                case TIMEOUT -> {
                    timers.add(slot, clock.nanoTime() + durationsNs[slot]);
                    return;
                }
                default -> {
                    transfers.start(slot);
                    return;
                }
            }
        }
    }

    private void expire(final int timer) {
        if (table.kindOf(timer) == OperationKind.TIMEOUT) {
            start(finish(timer, -Errno.ETIME));
            return;
        }
        final int target = predecessorOf(timer);
        next[target] = unlink(timer);
        final int outcome = cancel(target);
        becomeReady(timer, outcome == 0 ? -Errno.ETIME : outcome);
    }

    private int predecessorOf(final int slot) {
        for (int i = 0; i < next.length; i++) {
            if (next[i] == slot) {
                return i;
            }
        }
        throw new IllegalStateException("a link timeout is armed without the operation that it bounds");
    }

    /** Cancels a started operation; 0, or the negative errno that the one who cancels gets. */
    private int cancel(final int target) {
        if (target == OperationTable.NONE) {
            return -Errno.ENOENT;
        }
        if (table.kindOf(target) == OperationKind.TIMEOUT && timers.remove(target)) {
            start(finish(target, -Errno.ECANCELED));
            return 0;
        }
        return transfers.cancel(target);
    }

    /**
     * A started operation has its result: it becomes ready, and its chain goes on or breaks.
     *
     * @return the operation of the chain that is to be started now, or {@link #NONE}.
     */
    private int finish(final int slot, final int result) {
        int follower = unlink(slot);
        final boolean broken = (flagsOf[slot] & Ring.HARD_LINK) == 0 && failed(slot, result);
        becomeReady(slot, result);
        if (follower != NONE && table.kindOf(follower) == OperationKind.LINK_TIMEOUT) {
            timers.remove(follower);
            becomeReady(follower, -Errno.ECANCELED);
            follower = unlink(follower);
        }
        if (follower != NONE && !broken) {
            return follower;
        }
        while (follower != NONE) {
            becomeReady(follower, -Errno.ECANCELED);
            follower = unlink(follower);
        }
        startedChains--;
        drainRuns = false;
        return NONE;
    }

    private void becomeReady(final int slot, final int result) {
        results[slot] = result;
        ready.add(slot);
    }

    private int unlink(final int slot) {
        final int follower = next[slot];
        next[slot] = NONE;
        return follower;
    }

    /** A chain goes on only after success in full: a short read or write breaks it, as io_uring does. */
    private boolean failed(final int slot, final int result) {
        return switch (table.kindOf(slot)) {
            case READ, WRITE, READ_VECTORED, WRITE_VECTORED -> result != table.requestedBytesOf(slot);
            case NOP, SYNC, DATA_SYNC, ALLOCATE, TIMEOUT, LINK_TIMEOUT, CANCEL -> result < 0;
        };
    }
}
