package dev.firn.nativeio.portable;

import dev.firn.nativeio.posix.ErrnoCapture;
import java.lang.foreign.Arena;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.ManyToManyConcurrentArrayQueue;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;

/**
 * Threads that run operations, known by their slot numbers. Two bounded queues, as large as the ring: slots to run and slots
 * that are done, so that neither can be full. Nothing is allocated for an operation: slot numbers are boxed once.
 */
final class WorkerPool {
    /** Most threads of one ring. */
    static final int MAX_THREADS = 8;

    private static final int SPINS_BEFORE_PARKING = 64;

    /** Runs one operation, and stores its result where the owner finds it. */
    @FunctionalInterface
    interface Runner {
        void run(int slot, ErrnoCapture errno);
    }

    private final Runner runner;
    private final Thread owner = Thread.currentThread();
    private final Integer[] boxes;
    private final ManyToManyConcurrentArrayQueue<Integer> toRun;
    private final ManyToOneConcurrentArrayQueue<Integer> done;
    private final Worker[] workers;
    private volatile boolean ownerWaits;
    private volatile boolean stopping;

    WorkerPool(final int capacity, final Runner runner) {
        this.runner = runner;
        this.boxes = new Integer[capacity];
        for (int slot = 0; slot < capacity; slot++) {
            boxes[slot] = slot;
        }
        this.toRun = new ManyToManyConcurrentArrayQueue<>(Math.max(2, capacity));
        this.done = new ManyToOneConcurrentArrayQueue<>(Math.max(2, capacity));
        this.workers = new Worker[Math.min(MAX_THREADS, capacity)];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker("firn-portable-ring-" + i);
            workers[i].start();
        }
    }

    int threadCount() {
        return workers.length;
    }

    /** Hands a slot to the threads. */
    void run(final int slot) {
        if (!toRun.offer(boxes[slot])) {
            throw new IllegalStateException("the portable ring's queue is smaller than the ring");
        }
        for (final Worker worker : workers) {
            if (worker.parked) {
                worker.parked = false;
                LockSupport.unpark(worker);
                return;
            }
        }
    }

    /** A slot that is done, or -1. */
    int takeDone() {
        final Integer slot = done.poll();
        return slot == null ? -1 : slot;
    }

    /** Parks the owner until something is done or the time is over; may return early. */
    void awaitDone(final long timeoutNs) {
        ownerWaits = true;
        if (done.isEmpty()) {
            LockSupport.parkNanos(this, timeoutNs);
        }
        ownerWaits = false;
    }

    /** Ends the threads; nothing may be running. */
    void stop() {
        stopping = true;
        boolean interrupted = false;
        for (final Worker worker : workers) {
            LockSupport.unpark(worker);
            while (worker.isAlive()) {
                try {
                    worker.join();
                } catch (final InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Worker extends Thread {
        volatile boolean parked;

        Worker(final String name) {
            super(name);
            setDaemon(true);
        }

        @Override
        public void run() {
            try (Arena arena = Arena.ofConfined()) {
                final ErrnoCapture errno = new ErrnoCapture(arena);
                int idle = 0;
                while (!stopping) {
                    final Integer slot = toRun.poll();
                    if (slot != null) {
                        idle = 0;
                        runner.run(slot, errno);
                        finish(slot);
                    } else if (idle++ < SPINS_BEFORE_PARKING) {
                        Thread.onSpinWait();
                    } else {
                        park();
                    }
                }
            }
        }

        private void park() {
            parked = true;
            // Tested again after the flag is set: the owner offers first and looks at the flag afterwards.
            if (toRun.isEmpty() && !stopping) {
                LockSupport.park(WorkerPool.this);
            }
            parked = false;
        }

        private void finish(final Integer slot) {
            if (!done.offer(slot)) {
                throw new IllegalStateException("the portable ring's queue is smaller than the ring");
            }
            if (ownerWaits) {
                LockSupport.unpark(owner);
            }
        }
    }
}
