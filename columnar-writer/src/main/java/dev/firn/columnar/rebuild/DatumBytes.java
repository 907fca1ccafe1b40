package dev.firn.columnar.rebuild;

import dev.firn.columnar.buffer.GrowingBuffer;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Datums that had to be made, one after another: a page's worth at most. Owned by one thread. */
final class DatumBytes implements AutoCloseable {
    private static final MemoryTag REBUILD = MemoryTag.of("lake-rebuild");

    private final GrowingBuffer buffer;

    DatumBytes(final OffHeapMemory memory) {
        buffer = new GrowingBuffer(memory, REBUILD);
    }

    void clear() {
        buffer.clear();
    }

    long length() {
        return buffer.length();
    }

    /** Takes back what follows. */
    void cut(final long length) {
        buffer.setLength(length);
    }

    /** Borrowed until the next value is put. */
    MemorySegment segment() {
        return buffer.segment();
    }

    /** Room for so many zeroes; where they begin. */
    long zeroes(final int bytes) {
        final long at = buffer.length();
        final MemorySegment segment = buffer.ensure(at + bytes);
        // A slice to fill is an object, which escape analysis does not always do away with.
        for (int i = 0; i < bytes; i++) {
            segment.set(ValueLayout.JAVA_BYTE, at + i, (byte) 0);
        }
        buffer.setLength(at + bytes);
        return at;
    }

    void put8(final int value) {
        buffer.putByte(value);
    }

    void put16(final int value) {
        final long at = buffer.length();
        LittleEndian.putShort(buffer.ensure(at + Short.BYTES), at, value);
        buffer.setLength(at + Short.BYTES);
    }

    void put32(final int value) {
        buffer.putInt(value);
    }

    void put64(final long value) {
        final long at = buffer.length();
        LittleEndian.putLong(buffer.ensure(at + Long.BYTES), at, value);
        buffer.setLength(at + Long.BYTES);
    }

    void put(final MemorySegment from, final long offset, final int length) {
        buffer.append(from, offset, length);
    }

    @Override
    public void close() {
        buffer.close();
    }
}
