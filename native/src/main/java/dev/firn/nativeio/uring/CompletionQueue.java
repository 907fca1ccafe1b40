package dev.firn.nativeio.uring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.firn.nativeio.liburing.io_uring;
import dev.firn.nativeio.liburing.io_uring_cq;
import dev.firn.nativeio.liburing.io_uring_cqe;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * The completion queue in the memory that the kernel shares. The kernel releases the tail after it has written an entry;
 * the owner releases the head after it has read one.
 */
final class CompletionQueue {
    private static final VarHandle INT = JAVA_INT.varHandle();

    private static final long ENTRY_BYTES = io_uring_cqe.sizeof();
    private static final long USER_DATA = io_uring_cqe.user_data$offset();
    private static final long RESULT = io_uring_cqe.res$offset();

    private final MemorySegment entries;
    private final MemorySegment head;
    private final MemorySegment tail;
    private final MemorySegment overflow;
    private final int mask;
    private int localHead;

    CompletionQueue(final MemorySegment ring) {
        final MemorySegment queue = io_uring.cq(ring);
        mask = io_uring_cq.ring_mask(queue);
        head = io_uring_cq.khead(queue).reinterpret(Integer.BYTES);
        tail = io_uring_cq.ktail(queue).reinterpret(Integer.BYTES);
        overflow = io_uring_cq.koverflow(queue).reinterpret(Integer.BYTES);
        entries = io_uring_cq.cqes(queue).reinterpret(io_uring_cq.ring_entries(queue) * ENTRY_BYTES);
        localHead = (int) INT.getAcquire(head, 0L);
    }

    /** Completions that can be taken now. */
    int available() {
        return (int) INT.getAcquire(tail, 0L) - localHead;
    }

    /** The user data of the oldest completion; only when {@link #available()} is not 0. */
    long userData() {
        return entries.get(JAVA_LONG, (localHead & mask) * ENTRY_BYTES + USER_DATA);
    }

    /** The result of the oldest completion. */
    int result() {
        return entries.get(JAVA_INT, (localHead & mask) * ENTRY_BYTES + RESULT);
    }

    /** Gives the oldest completion's entry back to the kernel. */
    void advance() {
        localHead++;
        INT.setRelease(head, 0L, localHead);
    }

    /** How many completions the kernel could not place: always 0 while the ring bounds what is in flight. */
    int overflowCount() {
        return (int) INT.getOpaque(overflow, 0L);
    }
}
