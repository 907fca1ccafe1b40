package dev.firn.walquorum.stream;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import java.lang.foreign.MemorySegment;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The last bytes of the WAL, in a ring of off-heap memory. Old ones leave when room is needed, and not before: they serve
 * acceptors that are a little behind.
 */
final class WalWindow implements AutoCloseable {
    private static final MemoryTag TAG = MemoryTag.of("wal-window");

    private final OffHeapMemory memory;
    private final MemorySegment segment;
    private final UnsafeBuffer ring;
    private final int capacity;
    private final int mask;
    private long startLsn;
    private long endLsn;

    WalWindow(final OffHeapMemory memory, final int capacityBytes) {
        this.memory = memory;
        this.segment = memory.allocate(capacityBytes, TAG);
        this.ring = new UnsafeBuffer(segment.address(), capacityBytes);
        this.capacity = capacityBytes;
        this.mask = capacityBytes - 1;
    }

    /** Empties it; what comes next stands here. */
    void begin(final long lsn) {
        startLsn = lsn;
        endLsn = lsn;
    }

    long startLsn() {
        return startLsn;
    }

    long endLsn() {
        return endLsn;
    }

    /** How much can be taken when everything before this LSN may leave. */
    int room(final long neededFromLsn) {
        final long kept = endLsn - Math.clamp(neededFromLsn, startLsn, endLsn);
        return capacity - (int) kept;
    }

    /** Takes what fits, from the first byte on; what stands before {@code neededFromLsn} leaves as far as it has to. */
    int append(final DirectBuffer buffer, final int offset, final int length, final long neededFromLsn) {
        final int taken = Math.min(length, room(neededFromLsn));
        startLsn = Math.max(startLsn, endLsn + taken - capacity);
        final int at = position(endLsn);
        final int first = Math.min(taken, capacity - at);
        ring.putBytes(at, buffer, offset, first);
        ring.putBytes(0, buffer, offset + first, taken - first);
        endLsn += taken;
        return taken;
    }

    /** How many of the bytes from here on lie in one piece. */
    int contiguous(final long lsn, final int length) {
        return Math.min(length, capacity - position(lsn));
    }

    /** Where a byte lies in {@link #ring}. */
    int position(final long lsn) {
        return (int) lsn & mask;
    }

    DirectBuffer ring() {
        return ring;
    }

    @Override
    public void close() {
        memory.free(segment);
    }
}
