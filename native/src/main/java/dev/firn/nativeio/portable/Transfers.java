package dev.firn.nativeio.portable;

import dev.firn.nativeio.posix.ErrnoCapture;
import dev.firn.nativeio.posix.FileCalls;
import dev.firn.nativeio.ring.OperationTable;
import dev.firn.nativeio.storage.Errno;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * The operations that are system calls, by slot: prepared and cancelled by the ring's thread, run by a thread of the pool.
 *
 * <p>Only {@link #states} is written by both. The rest passes with the slot's number through the pool's queues, which order
 * it.
 */
final class Transfers implements WorkerPool.Runner {
    private static final int IDLE = 0;

    /** With the pool, not yet taken by a thread: can still be cancelled. */
    private static final int WITH_POOL = 1;

    private static final int RUNNING = 2;
    private static final int CANCELLED = 3;

    private final OperationTable table;
    private final WorkerPool pool;
    private final int[] descriptors;
    private final long[] addresses;
    private final int[] vectorCounts;
    private final boolean[] durable;
    private final int[] results;
    private final AtomicIntegerArray states;
    private int outstanding;

    Transfers(final OperationTable table) {
        final int capacity = table.capacity();
        this.table = table;
        this.descriptors = new int[capacity];
        this.addresses = new long[capacity];
        this.vectorCounts = new int[capacity];
        this.durable = new boolean[capacity];
        this.results = new int[capacity];
        this.states = new AtomicIntegerArray(capacity);
        this.pool = new WorkerPool(capacity, this);
    }

    int threadCount() {
        return pool.threadCount();
    }

    /**
     * @param address of the buffer, or of the vector of {@code vectorCount} buffers.
     * @param flushed whether the file's data is made durable after the write.
     */
    void prepare(
            final int slot, final int descriptor, final long address, final int vectorCount, final boolean flushed) {
        descriptors[slot] = descriptor;
        addresses[slot] = address;
        vectorCounts[slot] = vectorCount;
        durable[slot] = flushed;
    }

    void start(final int slot) {
        states.set(slot, WITH_POOL);
        outstanding++;
        pool.run(slot);
    }

    /** Cancels it unless a thread has it: 0, or the negative errno that the one who cancels gets. */
    int cancel(final int slot) {
        if (states.compareAndSet(slot, WITH_POOL, CANCELLED)) {
            return 0;
        }
        return states.get(slot) == RUNNING ? -Errno.EALREADY : -Errno.ENOENT;
    }

    /** A slot that is done, or -1. */
    int takeDone() {
        final int slot = pool.takeDone();
        if (slot >= 0) {
            outstanding--;
            states.set(slot, IDLE);
        }
        return slot;
    }

    int result(final int slot) {
        return results[slot];
    }

    void awaitDone(final long timeoutNs) {
        pool.awaitDone(timeoutNs);
    }

    /** Cancels what no thread has taken, waits for the rest, and ends the threads. */
    void close() {
        for (int slot = 0; slot < states.length(); slot++) {
            states.compareAndSet(slot, WITH_POOL, CANCELLED);
        }
        while (outstanding > 0) {
            if (takeDone() < 0) {
                pool.awaitDone(Long.MAX_VALUE);
            }
        }
        pool.stop();
    }

    @Override
    public void run(final int slot, final ErrnoCapture errno) {
        results[slot] = states.compareAndSet(slot, WITH_POOL, RUNNING) ? call(slot, errno) : -Errno.ECANCELED;
    }

    private int call(final int slot, final ErrnoCapture errno) {
        final int descriptor = descriptors[slot];
        final long address = addresses[slot];
        final long offset = table.fileOffsetOf(slot);
        final long length = table.requestedBytesOf(slot);
        long result;
        do {
            result = switch (table.kindOf(slot)) {
                case READ -> FileCalls.pread(errno, descriptor, address, length, offset);
                case WRITE -> FileCalls.pwrite(errno, descriptor, address, length, offset);
                case READ_VECTORED -> FileCalls.preadv(errno, descriptor, address, vectorCounts[slot], offset);
                case WRITE_VECTORED -> FileCalls.pwritev(errno, descriptor, address, vectorCounts[slot], offset);
                case SYNC -> FileCalls.fsync(errno, descriptor);
                case DATA_SYNC -> FileCalls.fdatasync(errno, descriptor);
                case ALLOCATE -> FileCalls.fallocate(errno, descriptor, offset, length);
                case NOP, TIMEOUT, LINK_TIMEOUT, CANCEL ->
                    throw new IllegalStateException(table.kindOf(slot) + " is not a system call");
            };
        } while (result == -Errno.EINTR);
        if (result > 0 && durable[slot]) {
            final int flushed = FileCalls.fdatasync(errno, descriptor);
            return flushed < 0 ? flushed : (int) result;
        }
        return (int) result;
    }
}
