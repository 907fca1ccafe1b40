package dev.firn.walquorum.reader;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import java.lang.foreign.MemorySegment;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Bytes that have come and that the handler has not taken yet, round and round in one piece of memory. */
final class WalBacklog implements AutoCloseable {
    private static final MemoryTag TAG = MemoryTag.of("wal-reader");

    private final OffHeapMemory memory;
    private final MemorySegment segment;
    private final UnsafeBuffer buffer;
    private final int capacity;
    private int first;
    private int length;

    WalBacklog(final OffHeapMemory memory, final int capacity) {
        this.memory = memory;
        this.capacity = capacity;
        this.segment = memory.allocate(capacity, TAG);
        this.buffer = new UnsafeBuffer(segment.address(), capacity);
    }

    int length() {
        return length;
    }

    void clear() {
        first = 0;
        length = 0;
    }

    /** Keeps what there is room for; returns how much. */
    int add(final DirectBuffer from, final int offset, final int bytes) {
        final int taken = Math.min(bytes, capacity - length);
        final int at = (int) (((long) first + length) % capacity);
        final int part = Math.min(taken, capacity - at);
        buffer.putBytes(at, from, offset, part);
        buffer.putBytes(0, from, offset + part, taken - part);
        length += taken;
        return taken;
    }

    /** Hands bytes on, as many as the handler takes; returns how many that were. */
    int drain(final long lsn, final WalHandler handler) {
        int drained = 0;
        while (length > 0) {
            final int offered = Math.min(length, capacity - first);
            final int taken = handler.onWal(lsn + drained, buffer, first, offered);
            drained += taken;
            length -= taken;
            first = length == 0 ? 0 : (first + taken) % capacity;
            if (taken < offered) {
                break;
            }
        }
        return drained;
    }

    @Override
    public void close() {
        memory.free(segment);
    }
}
