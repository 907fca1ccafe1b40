package dev.firn.postgres;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Access to the fields of Postgres' structures as x86-64 and arm64 write them: little-endian, at any alignment. The segment
 * checks the bounds of each access.
 *
 * <p>Each access asks first whether the memory is native, and does the same twice. The segments' own methods are shared by all of a process, and once
 * C2 has seen three classes of segments there, as it does when catalogs are read into arrays, it calls three methods for each field. Behind the
 * question it knows the class, and needs none.
 */
public final class LittleEndian {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long UINT32_MASK = 0xFFFF_FFFFL;

    /** The class of native memory that is not a file's. A constant: C2 compares class words. */
    private static final Class<?> NATIVE = MemorySegment.NULL.getClass();

    private LittleEndian() {}

    /**
     * Refuses memory that is not native, for loops that only ever see such: what follows knows its class without asking.
     *
     * @throws IllegalArgumentException when it is an array's, or a mapped file's.
     */
    public static void requireNative(final MemorySegment segment) {
        if (((Object) segment).getClass() != NATIVE) {
            throw notNative(segment);
        }
    }

    private static IllegalArgumentException notNative(final MemorySegment segment) {
        return new IllegalArgumentException(segment + " is not native memory");
    }

    /** A byte as 0 to 255. */
    public static int getUnsignedByte(final MemorySegment segment, final long offset) {
        return Byte.toUnsignedInt(
                ((Object) segment).getClass() == NATIVE
                        ? segment.get(ValueLayout.JAVA_BYTE, offset)
                        : otherByte(segment, offset));
    }

    private static byte otherByte(final MemorySegment segment, final long offset) {
        return segment.get(ValueLayout.JAVA_BYTE, offset);
    }

    /** Writes the low eight bits. */
    public static void putByte(final MemorySegment segment, final long offset, final int value) {
        if (((Object) segment).getClass() == NATIVE) {
            segment.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
        } else {
            putOther(segment, offset, (byte) value);
        }
    }

    private static void putOther(final MemorySegment segment, final long offset, final byte value) {
        segment.set(ValueLayout.JAVA_BYTE, offset, value);
    }

    /** A uint16. */
    public static int getUnsignedShort(final MemorySegment segment, final long offset) {
        return Short.toUnsignedInt(
                ((Object) segment).getClass() == NATIVE ? segment.get(SHORT, offset) : otherShort(segment, offset));
    }

    private static short otherShort(final MemorySegment segment, final long offset) {
        return segment.get(SHORT, offset);
    }

    /** Writes the low sixteen bits. */
    public static void putShort(final MemorySegment segment, final long offset, final int value) {
        if (((Object) segment).getClass() == NATIVE) {
            segment.set(SHORT, offset, (short) value);
        } else {
            putOther(segment, offset, (short) value);
        }
    }

    private static void putOther(final MemorySegment segment, final long offset, final short value) {
        segment.set(SHORT, offset, value);
    }

    /** An int32, or the bits of a uint32. */
    public static int getInt(final MemorySegment segment, final long offset) {
        return ((Object) segment).getClass() == NATIVE ? segment.get(INT, offset) : otherInt(segment, offset);
    }

    private static int otherInt(final MemorySegment segment, final long offset) {
        return segment.get(INT, offset);
    }

    /** A uint32 as a number. */
    public static long getUnsignedInt(final MemorySegment segment, final long offset) {
        return (((Object) segment).getClass() == NATIVE ? segment.get(INT, offset) : otherInt(segment, offset))
                & UINT32_MASK;
    }

    /** Writes an int32, or the bits of a uint32. */
    public static void putInt(final MemorySegment segment, final long offset, final int value) {
        if (((Object) segment).getClass() == NATIVE) {
            segment.set(INT, offset, value);
        } else {
            putOther(segment, offset, value);
        }
    }

    private static void putOther(final MemorySegment segment, final long offset, final int value) {
        segment.set(INT, offset, value);
    }

    /** An int64, or the bits of a uint64. */
    public static long getLong(final MemorySegment segment, final long offset) {
        return ((Object) segment).getClass() == NATIVE ? segment.get(LONG, offset) : otherLong(segment, offset);
    }

    private static long otherLong(final MemorySegment segment, final long offset) {
        return segment.get(LONG, offset);
    }

    /** Writes an int64, or the bits of a uint64. */
    public static void putLong(final MemorySegment segment, final long offset, final long value) {
        if (((Object) segment).getClass() == NATIVE) {
            segment.set(LONG, offset, value);
        } else {
            putOther(segment, offset, value);
        }
    }

    private static void putOther(final MemorySegment segment, final long offset, final long value) {
        segment.set(LONG, offset, value);
    }
}
