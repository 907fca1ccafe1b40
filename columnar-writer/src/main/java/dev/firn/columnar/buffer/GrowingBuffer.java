package dev.firn.columnar.buffer;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** Off-heap memory that is filled from its beginning and at least doubles when it is full. Nothing is held before the first byte. */
public final class GrowingBuffer implements AutoCloseable {
    /** Longest buffer: the compression library's buffers are shorter than 2 GiB. */
    public static final long MAX_BYTES = 1L << 30;

    /** What a kernel may write past its result. */
    public static final int SLACK_BYTES = 64;

    private static final long LEAST_BYTES = 4 << 10;
    private static final int VARINT_SHIFT = 7;
    private static final int VARINT_MASK = 0x7F;
    private static final int VARINT_MORE = 0x80;
    private static final int LONGEST_VARINT = 10;

    private final OffHeapMemory memory;
    private final MemoryTag tag;

    /** Null before the first byte, and after close. */
    private MemorySegment segment;

    /** Over the segment, made when first asked for. */
    private ByteBuffer view;

    private long length;

    public GrowingBuffer(final OffHeapMemory memory, final MemoryTag tag) {
        this.memory = memory;
        this.tag = tag;
    }

    /** Valid until the buffer grows; null before the first {@link #ensure}. */
    public MemorySegment segment() {
        return segment;
    }

    /** The same memory, for libraries that take nothing else; its position and limit are the caller's to set. */
    public ByteBuffer view() {
        if (view == null && segment != null) {
            view = segment.asSlice(0, Math.min(segment.byteSize(), Integer.MAX_VALUE))
                    .asByteBuffer();
        }
        return view;
    }

    public long length() {
        return length;
    }

    /** Says how much of what was written into the memory counts. */
    public void setLength(final long bytes) {
        length = bytes;
    }

    public void clear() {
        length = 0;
    }

    /** Sees to so much room in all, and slack beyond it; what is in the buffer stays. */
    public MemorySegment ensure(final long bytes) {
        final long wanted = bytes + SLACK_BYTES;
        if (segment == null || segment.byteSize() < wanted) {
            grow(wanted);
        }
        return segment;
    }

    private void grow(final long wanted) {
        if (wanted > MAX_BYTES) {
            throw new IllegalStateException(
                    wanted + " bytes of " + tag.name() + " are more than its limit of " + MAX_BYTES);
        }
        final long doubled = segment == null ? LEAST_BYTES : 2 * segment.byteSize();
        final MemorySegment larger = memory.allocateAtLeast(Math.max(Math.min(doubled, MAX_BYTES), wanted), tag);
        if (segment != null) {
            MemorySegment.copy(segment, 0, larger, 0, length);
            memory.free(segment);
        }
        segment = larger;
        view = null;
    }

    public void append(final MemorySegment from, final long offset, final long bytes) {
        ensure(length + bytes);
        MemorySegment.copy(from, offset, segment, length, bytes);
        length += bytes;
    }

    public void putByte(final int value) {
        ensure(length + 1);
        LittleEndian.putByte(segment, length++, value);
    }

    public void putInt(final int value) {
        ensure(length + Integer.BYTES);
        LittleEndian.putInt(segment, length, value);
        length += Integer.BYTES;
    }

    /** ULEB128. */
    public void putVarint(final long value) {
        ensure(length + LONGEST_VARINT);
        long rest = value;
        while ((rest & ~VARINT_MASK) != 0) {
            LittleEndian.putByte(segment, length++, (int) (rest & VARINT_MASK) | VARINT_MORE);
            rest >>>= VARINT_SHIFT;
        }
        LittleEndian.putByte(segment, length++, (int) rest);
    }

    /** ULEB128 of the zigzag form. */
    public void putZigzag(final long value) {
        putVarint(value << 1 ^ value >> (Long.SIZE - 1));
    }

    @Override
    public void close() {
        if (segment != null) {
            memory.free(segment);
            segment = null;
            view = null;
        }
        length = 0;
    }
}
