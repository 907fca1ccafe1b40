package dev.firn.pagestore.layer;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import java.lang.foreign.MemorySegment;

/** Off-heap memory that is filled from its beginning and doubles when it is full. Nothing is held before the first byte. */
final class GrowingBuffer implements AutoCloseable {
    private static final long LEAST_BYTES = 4 << 10;

    private final OffHeapMemory memory;
    private final MemoryTag tag;
    private final long limitBytes;

    /** Null before the first byte, and after close. */
    private MemorySegment segment;

    private long length;

    GrowingBuffer(final OffHeapMemory memory, final MemoryTag tag, final long limitBytes) {
        this.memory = memory;
        this.tag = tag;
        this.limitBytes = limitBytes;
    }

    /** Valid until the next {@link #reserve} or {@link #ensure}. */
    MemorySegment segment() {
        return segment;
    }

    long length() {
        return length;
    }

    void clear() {
        length = 0;
    }

    /** Makes room for so many bytes at the end, counts them in, and returns where they begin. */
    long reserve(final long bytes) {
        ensure(length + bytes);
        final long at = length;
        length += bytes;
        return at;
    }

    /** Sees to so much room in all; what is in the buffer stays. */
    MemorySegment ensure(final long bytes) {
        if (segment == null || segment.byteSize() < bytes) {
            if (bytes > limitBytes) {
                throw new LayerWriteException(
                        bytes + " bytes of " + tag.name() + " are more than its limit of " + limitBytes);
            }
            final long doubled = segment == null ? LEAST_BYTES : 2 * segment.byteSize();
            final MemorySegment larger = memory.allocateAtLeast(Math.max(doubled, bytes), tag);
            if (segment != null) {
                MemorySegment.copy(segment, 0, larger, 0, length);
                memory.free(segment);
            }
            segment = larger;
        }
        return segment;
    }

    void append(final MemorySegment from, final long offset, final long bytes) {
        final long at = reserve(bytes);
        MemorySegment.copy(from, offset, segment, at, bytes);
    }

    @Override
    public void close() {
        if (segment != null) {
            memory.free(segment);
            segment = null;
        }
        length = 0;
    }
}
