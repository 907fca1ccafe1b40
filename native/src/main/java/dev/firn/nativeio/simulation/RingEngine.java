package dev.firn.nativeio.simulation;

import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.OperationKind;
import dev.firn.nativeio.storage.Ring;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Runs what a {@link SimulatedRing} has submitted: chains, drains, timers and cancellation, in the order that io_uring
 * gives where it gives one and in seeded order else.
 *
 * <p>A chain goes: waiting (for a drain) → started (one operation of it at a time) → each of its operations ready.
 */
final class RingEngine {
    /** What the kernel takes for an operation that touches no device. */
    private static final long MAX_KERNEL_NS = 5_000;

    private static final String[] EVENTS = events();

    private final SimulatedDisk disk;
    private final Scheduler scheduler;
    private final RandomGenerator random;
    private final RingTransfers transfers;
    private final ArrayDeque<RingOperation> waiting = new ArrayDeque<>();
    private final List<RingOperation> started = new ArrayList<>();
    private final ArrayDeque<RingOperation> ready = new ArrayDeque<>();
    private int startedChains;
    private boolean drainRuns;

    RingEngine(final SimulatedDisk disk, final RandomGenerator random) {
        this.disk = disk;
        this.scheduler = disk.scheduler();
        this.random = random;
        this.transfers = new RingTransfers(disk, random);
    }

    int readyCount() {
        return ready.size();
    }

    RingOperation takeReady() {
        return ready.poll();
    }

    /** Takes a chain, whose head carries DRAIN when any of it does. */
    void submit(final RingOperation head) {
        waiting.add(head);
    }

    /** Starts chains in order, as far as drains allow. */
    void startWaiting() {
        while (!waiting.isEmpty() && !drainRuns) {
            final boolean drains = (waiting.peek().flags & Ring.DRAIN) != 0;
            if (drains && startedChains > 0) {
                return;
            }
            startedChains++;
            drainRuns = drains;
            start(waiting.remove());
        }
    }

    /** The process is dead: what is in flight is cut where it stands. */
    void die() {
        stop(transfers::cut);
    }

    /** The ring is closed: what is in flight happens whole or not at all. */
    void close() {
        stop(transfers::finishOrCancel);
    }

    private void stop(final Consumer<RingOperation> ending) {
        for (final RingOperation operation : List.copyOf(started)) {
            operation.cancelTasks();
            for (RingOperation next = operation.next; next != null; next = next.next) {
                next.cancelTasks();
            }
            if (operation.file != null) {
                ending.accept(operation);
            }
        }
        started.clear();
        waiting.clear();
        ready.clear();
    }

    private void start(final RingOperation operation) {
        started.add(operation);
        final RingOperation timer = operation.next;
        if (timer != null && timer.kind == OperationKind.LINK_TIMEOUT) {
            timer.completionTask = scheduler.schedule(timer.durationNs, () -> expire(operation, timer));
        }
        switch (operation.kind) {
            case NOP -> finishSoon(operation, 0);
            case CANCEL ->
                operation.completionTask =
                        scheduler.schedule(kernelNs(), () -> finish(operation, cancelOne(operation.targetToken)));
            case TIMEOUT ->
                operation.completionTask =
                        scheduler.schedule(operation.durationNs, () -> finish(operation, -Errno.ETIME));
            case LINK_TIMEOUT -> finishSoon(operation, -Errno.EINVAL);
            default -> startTransfer(operation);
        }
    }

    private void startTransfer(final RingOperation operation) {
        final int errno = transfers.refusal(operation);
        if (errno != 0) {
            finishSoon(operation, -errno);
            return;
        }
        transfers.start(operation);
        final long latencyNs = transfers.latencyNs(operation);
        final long effectNs = random.nextLong(latencyNs);
        operation.effectTask = scheduler.schedule(effectNs, () -> transfers.takeEffect(operation));
        operation.completionTask = scheduler.schedule(latencyNs, () -> {
            transfers.complete(operation);
            finish(operation, operation.result);
        });
    }

    private void finishSoon(final RingOperation operation, final int result) {
        operation.completionTask = scheduler.schedule(kernelNs(), () -> finish(operation, result));
    }

    private void expire(final RingOperation bounded, final RingOperation timer) {
        bounded.next = timer.next;
        timer.next = null;
        final int outcome = tryCancel(bounded);
        makeReady(timer, outcome == 0 ? -Errno.ETIME : outcome);
    }

    private int cancelOne(final long token) {
        for (final RingOperation operation : started) {
            if (operation.token == token && operation.kind != OperationKind.CANCEL) {
                return tryCancel(operation);
            }
        }
        return -Errno.ENOENT;
    }

    /** 0 and the operation ends soon with ECANCELED, or EALREADY: a timer can always be stopped, a transfer by chance. */
    private int tryCancel(final RingOperation operation) {
        final boolean stoppable = operation.kind == OperationKind.TIMEOUT
                || (operation.effectTask != null
                        && !operation.effectDone
                        && !operation.syncs()
                        && random.nextBoolean());
        if (operation.cancelled || !stoppable) {
            return -Errno.EALREADY;
        }
        operation.cancelTasks();
        operation.cancelled = true;
        finishSoon(operation, -Errno.ECANCELED);
        return 0;
    }

    /** Its result is there: it becomes ready, and its chain goes on or breaks. */
    private void finish(final RingOperation operation, final int result) {
        started.removeIf(one -> one.equals(operation));
        makeReady(operation, result);
        RingOperation follower = operation.next;
        operation.next = null;
        if (follower != null && follower.kind == OperationKind.LINK_TIMEOUT) {
            follower.cancelTasks();
            makeReady(follower, -Errno.ECANCELED);
            follower = unlink(follower);
        }
        if (follower != null && (operation.hardLinked() || !operation.failed())) {
            start(follower);
            return;
        }
        while (follower != null) {
            makeReady(follower, -Errno.ECANCELED);
            follower = unlink(follower);
        }
        startedChains--;
        drainRuns = false;
        startWaiting();
    }

    private void makeReady(final RingOperation operation, final int result) {
        operation.result = result;
        ready.add(operation);
        disk.trace()
                .record(
                        disk.node(),
                        EVENTS[operation.kind.ordinal()],
                        operation.file == null ? "" : operation.file.name(),
                        result,
                        operation.fileOffset);
    }

    private long kernelNs() {
        return Seeds.between(random, 1, MAX_KERNEL_NS);
    }

    private static RingOperation unlink(final RingOperation operation) {
        final RingOperation follower = operation.next;
        operation.next = null;
        return follower;
    }

    private static String[] events() {
        final OperationKind[] kinds = OperationKind.values();
        final String[] events = new String[kinds.length];
        for (final OperationKind kind : kinds) {
            events[kind.ordinal()] = kind.name() + " completes with {} at {}";
        }
        return events;
    }
}
