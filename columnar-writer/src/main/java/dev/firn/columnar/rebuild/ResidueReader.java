package dev.firn.columnar.rebuild;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import java.lang.foreign.MemorySegment;

/** Reads one value of a residue, each byte checked against its end. Owned by one thread. */
final class ResidueReader {
    private static final int VARINT_SHIFT = 7;
    private static final int VARINT_MASK = 0x7F;
    private static final int VARINT_MORE = 0x80;
    private static final int LONGEST_SHIFT = 28;

    private MemorySegment segment;
    private long at;
    private long end;

    ResidueReader wrap(final MemorySegment borrowed, final long begin, final long finish) {
        segment = borrowed;
        at = begin;
        end = finish;
        return this;
    }

    boolean atEnd() {
        return at >= end;
    }

    MemorySegment segment() {
        return segment;
    }

    /** Where the next byte is. */
    long position() {
        return at;
    }

    int left() {
        return (int) (end - at);
    }

    /** Steps over bytes, and says where they begin. */
    long take(final int bytes) {
        if (bytes < 0 || bytes > end - at) {
            throw new MalformedDataException("a residue of " + bytes + " bytes where " + (end - at) + " are left");
        }
        final long begin = at;
        at += bytes;
        return begin;
    }

    int int32() {
        return LittleEndian.getInt(segment, take(Integer.BYTES));
    }

    /** ULEB128 of at most 31 bits. */
    int varint() {
        long number = 0;
        for (int shift = 0; shift <= LONGEST_SHIFT; shift += VARINT_SHIFT) {
            final int next = LittleEndian.getUnsignedByte(segment, take(1));
            number |= (long) (next & VARINT_MASK) << shift;
            if ((next & VARINT_MORE) == 0) {
                if (number > Integer.MAX_VALUE) {
                    break;
                }
                return (int) number;
            }
        }
        throw new MalformedDataException("a residue's number of more than 31 bits");
    }

    int zigzag() {
        final int number = varint();
        return number >>> 1 ^ -(number & 1);
    }
}
