package dev.firn.postgres.value;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A value's bytes in place: of a type of variable length without its varlena header, decompressed. The memory is borrowed from
 * {@link #wrap} until the next one. Indexes count from the value's begin, and each access is checked against its end.
 */
public final class DatumFlyweight {
    /** The varlena header, which stands before the value when Postgres aligns what is in it. */
    private static final int VARLENA_HEADER_BYTES = 4;

    private MemorySegment segment;
    private long base;
    private int length;

    /** Borrows a value. */
    public DatumFlyweight wrap(final MemorySegment borrowed, final long offset, final int lengthBytes) {
        Objects.checkFromIndexSize(offset, lengthBytes, borrowed.byteSize());
        segment = borrowed;
        base = offset;
        length = lengthBytes;
        return this;
    }

    /** The memory that the value lies in. */
    public MemorySegment segment() {
        return segment;
    }

    /** Where in {@link #segment} it begins. */
    public long base() {
        return base;
    }

    /** How many bytes it has. */
    public int length() {
        return length;
    }

    /** Checks that so many bytes are there. */
    void require(final int index, final int bytes) {
        if (index < 0 || bytes < 0 || index > length - bytes) {
            throw new MalformedDataException(
                    "a value of " + length + " bytes has no " + bytes + " bytes at " + index + " of it");
        }
    }

    int unsignedByte(final int index) {
        require(index, 1);
        return LittleEndian.getUnsignedByte(segment, base + index);
    }

    int unsignedShort(final int index) {
        require(index, Short.BYTES);
        return LittleEndian.getUnsignedShort(segment, base + index);
    }

    int int32(final int index) {
        require(index, Integer.BYTES);
        return LittleEndian.getInt(segment, base + index);
    }

    long int64(final int index) {
        require(index, Long.BYTES);
        return LittleEndian.getLong(segment, base + index);
    }

    double float64(final int index) {
        return Double.longBitsToDouble(int64(index));
    }

    /** The next index that is aligned as Postgres aligns within a varlena: counted from the header of four bytes before the value. */
    static int align(final int index, final int alignment) {
        return ((index + VARLENA_HEADER_BYTES + alignment - 1) & -alignment) - VARLENA_HEADER_BYTES;
    }

    @Override
    public String toString() {
        return "datum[" + length + " bytes]";
    }
}
