package dev.firn.postgres;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Access to the fields of Postgres' structures as x86-64 and arm64 write them: little-endian, at any alignment. The segment
 * checks the bounds of each access.
 */
public final class LittleEndian {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long UINT32_MASK = 0xFFFF_FFFFL;

    private LittleEndian() {}

    /** A byte as 0 to 255. */
    public static int getUnsignedByte(final MemorySegment segment, final long offset) {
        return Byte.toUnsignedInt(segment.get(ValueLayout.JAVA_BYTE, offset));
    }

    /** Writes the low eight bits. */
    public static void putByte(final MemorySegment segment, final long offset, final int value) {
        segment.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
    }

    /** A uint16. */
    public static int getUnsignedShort(final MemorySegment segment, final long offset) {
        return Short.toUnsignedInt(segment.get(SHORT, offset));
    }

    /** Writes the low sixteen bits. */
    public static void putShort(final MemorySegment segment, final long offset, final int value) {
        segment.set(SHORT, offset, (short) value);
    }

    /** An int32, or the bits of a uint32. */
    public static int getInt(final MemorySegment segment, final long offset) {
        return segment.get(INT, offset);
    }

    /** A uint32 as a number. */
    public static long getUnsignedInt(final MemorySegment segment, final long offset) {
        return segment.get(INT, offset) & UINT32_MASK;
    }

    /** Writes an int32, or the bits of a uint32. */
    public static void putInt(final MemorySegment segment, final long offset, final int value) {
        segment.set(INT, offset, value);
    }

    /** An int64, or the bits of a uint64. */
    public static long getLong(final MemorySegment segment, final long offset) {
        return segment.get(LONG, offset);
    }

    /** Writes an int64, or the bits of a uint64. */
    public static void putLong(final MemorySegment segment, final long offset, final long value) {
        segment.set(LONG, offset, value);
    }
}
