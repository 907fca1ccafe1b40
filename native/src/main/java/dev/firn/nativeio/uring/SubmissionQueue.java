package dev.firn.nativeio.uring;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.firn.nativeio.liburing.LibUring;
import dev.firn.nativeio.liburing.io_uring;
import dev.firn.nativeio.liburing.io_uring_sq;
import dev.firn.nativeio.liburing.io_uring_sqe;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * The submission queue in the memory that the kernel shares: entries are written at the local tail, and the kernel sees
 * them when {@link #publish} has released that tail.
 *
 * <p>The kernel moves the head after it has taken an entry (io_uring.h: "the application must use acquire semantics"), and
 * the ring keeps no more operations in flight than there are entries, so an entry is always free when it is claimed.
 */
final class SubmissionQueue {
    private static final VarHandle INT = JAVA_INT.varHandle();

    private static final long ENTRY_BYTES = io_uring_sqe.sizeof();
    private static final long OPCODE = io_uring_sqe.opcode$offset();
    private static final long FLAGS = io_uring_sqe.flags$offset();
    private static final long DESCRIPTOR = io_uring_sqe.fd$offset();
    private static final long OFFSET = io_uring_sqe.off$offset();
    private static final long ADDRESS = io_uring_sqe.addr$offset();
    private static final long LENGTH = io_uring_sqe.len$offset();
    private static final long OPERATION_FLAGS = io_uring_sqe.rw_flags$offset();
    private static final long USER_DATA = io_uring_sqe.user_data$offset();
    private static final long BUFFER_INDEX = io_uring_sqe.buf_index$offset();

    private static final int NEED_WAKEUP = LibUring.IORING_SQ_NEED_WAKEUP();
    private static final int COMPLETIONS_WAIT = LibUring.IORING_SQ_TASKRUN() | LibUring.IORING_SQ_CQ_OVERFLOW();

    private final MemorySegment entries;
    private final MemorySegment head;
    private final MemorySegment tail;
    private final MemorySegment flags;
    private final int mask;
    private int localTail;
    private int publishedTail;

    SubmissionQueue(final MemorySegment ring) {
        final MemorySegment queue = io_uring.sq(ring);
        final int entryCount = io_uring_sq.ring_entries(queue);
        mask = io_uring_sq.ring_mask(queue);
        head = io_uring_sq.khead(queue).reinterpret(Integer.BYTES);
        tail = io_uring_sq.ktail(queue).reinterpret(Integer.BYTES);
        flags = io_uring_sq.kflags(queue).reinterpret(Integer.BYTES);
        entries = io_uring_sq.sqes(queue).reinterpret(entryCount * ENTRY_BYTES);
        final MemorySegment indexes = io_uring_sq.array(queue).reinterpret((long) entryCount * Integer.BYTES);
        for (int i = 0; i < entryCount; i++) {
            indexes.setAtIndex(JAVA_INT, i, i);
        }
        localTail = (int) INT.getAcquire(tail, 0L);
        publishedTail = localTail;
    }

    int entryCount() {
        return mask + 1;
    }

    /** The index of the entry that the next {@link #add} writes: where its time-out or vector may be kept. */
    int nextIndex() {
        return localTail & mask;
    }

    /** Entries published but not yet taken by the kernel. */
    int untaken() {
        return publishedTail - (int) INT.getAcquire(head, 0L);
    }

    /** Writes one entry at the local tail. */
    void add(
            final int opcode,
            final int entryFlags,
            final int descriptor,
            final long fileOffset,
            final long address,
            final int length,
            final int operationFlags,
            final long userData,
            final int bufferIndex) {
        final MemorySegment memory = entries;
        final long at = (localTail & mask) * ENTRY_BYTES;
        memory.set(JAVA_BYTE, at + OPCODE, (byte) opcode);
        memory.set(JAVA_BYTE, at + FLAGS, (byte) entryFlags);
        memory.set(JAVA_SHORT, at + OPCODE + 2, (short) 0);
        memory.set(JAVA_INT, at + DESCRIPTOR, descriptor);
        memory.set(JAVA_LONG, at + OFFSET, fileOffset);
        memory.set(JAVA_LONG, at + ADDRESS, address);
        memory.set(JAVA_INT, at + LENGTH, length);
        memory.set(JAVA_INT, at + OPERATION_FLAGS, operationFlags);
        memory.set(JAVA_LONG, at + USER_DATA, userData);
        // buf_index, personality and file_index, then addr3 and padding: cleared, whatever the entry held before.
        memory.set(JAVA_LONG, at + BUFFER_INDEX, bufferIndex & 0xffffL);
        memory.set(JAVA_LONG, at + BUFFER_INDEX + 8, 0);
        memory.set(JAVA_LONG, at + BUFFER_INDEX + 16, 0);
        localTail++;
    }

    /** Makes all written entries visible to the kernel. */
    void publish() {
        if (localTail != publishedTail) {
            INT.setRelease(tail, 0L, localTail);
            publishedTail = localTail;
        }
    }

    /**
     * Forgets the entries that the kernel has not taken, and returns how many. Without a kernel submission thread the
     * kernel reads the tail only when it is entered, so that what was published can be withdrawn too.
     */
    int withdraw(final boolean submissionThread) {
        final int kept = submissionThread ? publishedTail : (int) INT.getAcquire(head, 0L);
        final int dropped = localTail - kept;
        localTail = kept;
        publishedTail = kept;
        INT.setRelease(tail, 0L, kept);
        return dropped;
    }

    /** With a kernel submission thread: whether it sleeps and must be woken. Orders the published tail before the test. */
    boolean needsWakeup() {
        VarHandle.fullFence();
        return ((int) INT.getOpaque(flags, 0L) & NEED_WAKEUP) != 0;
    }

    /** Whether the kernel holds completions back until it is entered: deferred task work, or an overflow. */
    boolean hasHeldBackCompletions() {
        return ((int) INT.getOpaque(flags, 0L) & COMPLETIONS_WAIT) != 0;
    }
}
