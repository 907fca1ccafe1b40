package dev.firn.columnar.encoding;

import dev.firn.columnar.buffer.GrowingBuffer;
import dev.firn.columnar.kernel.BitPacking;
import dev.firn.columnar.kernel.Runs;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;

/** The RLE/bit-packing hybrid: levels, dictionary indices, booleans. A run is written as one where that takes fewer bytes than packing it. */
public final class HybridEncoder {
    private static final int GROUP = BitPacking.GROUP;

    /** Two headers and a value: what a run within packed values costs. */
    private static final int RUN_COST_BITS = 48;

    private static final int ALL_SET = 0xFF;

    private HybridEncoder() {}

    /** Bits that a number up to this takes. */
    public static int widthOf(final int greatest) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(greatest);
    }

    /** Appends 32-bit values; those after the last one, up to a group, are read and cut off or written as padding. */
    public static void ints(
            final MemorySegment in, final long offset, final int count, final int width, final GrowingBuffer out) {
        if (width == 0) {
            run(count, 0, 0, out);
            return;
        }
        final int worthwhile = Math.max(GROUP, RUN_COST_BITS / width);
        int literals = 0;
        int i = 0;
        while (i < count) {
            final int run = Runs.length(in, offset, i, count);
            if (run >= worthwhile || (i == 0 && run == count)) {
                packed(in, offset, literals, i, width, out);
                // What is not the end keeps to whole groups, since packed values do.
                run(run, LittleEndian.getInt(in, offset + (long) i * Integer.BYTES), width, out);
                i += run;
                literals = i;
            } else {
                i += GROUP;
            }
        }
        packed(in, offset, literals, count, width, out);
    }

    /** Appends values from {@code first} to {@code end}; only at the end of all are they not whole groups. */
    private static void packed(
            final MemorySegment in,
            final long offset,
            final int first,
            final int end,
            final int width,
            final GrowingBuffer out) {
        if (first >= end) {
            return;
        }
        final int groups = (end - first + GROUP - 1) / GROUP;
        out.putVarint((long) groups << 1 | 1);
        final int whole = (end - first) / GROUP * GROUP;
        final long at = out.length();
        final MemorySegment target = out.ensure(at + BitPacking.packedBytes(groups * GROUP, width) + GROUP);
        BitPacking.packInts(in, offset + (long) first * Integer.BYTES, whole, width, target, at);
        long bits = 0;
        long to = at + BitPacking.packedBytes(whole, width);
        int filled = 0;
        for (int i = first + whole; i < end; i++) {
            bits |= (LittleEndian.getInt(in, offset + (long) i * Integer.BYTES) & (1L << width) - 1) << filled;
            filled += width;
            while (filled >= Byte.SIZE) {
                LittleEndian.putByte(target, to++, (int) bits);
                bits >>>= Byte.SIZE;
                filled -= Byte.SIZE;
            }
        }
        final long length = at + (long) groups * width;
        while (to < length) {
            LittleEndian.putByte(target, to++, (int) bits);
            bits = 0;
        }
        out.setLength(length);
    }

    /** Appends one value so many times. */
    public static void run(final int count, final int value, final int width, final GrowingBuffer out) {
        out.putVarint((long) count << 1);
        for (int bit = 0; bit < width; bit += Byte.SIZE) {
            out.putByte(value >>> bit);
        }
    }

    /** Appends single bits, the first of which begins a byte: definition levels of a flat column, and booleans. */
    public static void bits(final MemorySegment in, final long offset, final int count, final GrowingBuffer out) {
        final int groups = count / GROUP;
        final int worthwhile = RUN_COST_BITS / GROUP;
        int literals = 0;
        int i = 0;
        while (i < groups) {
            final int run = equalBytes(in, offset, i, groups);
            if (run >= worthwhile) {
                packedBits(in, offset, literals, i, out);
                run(run * GROUP, LittleEndian.getUnsignedByte(in, offset + i) & 1, 1, out);
                i += run;
                literals = i;
            } else {
                i += Math.max(1, run);
            }
        }
        final int rest = count % GROUP;
        if (rest == 0) {
            packedBits(in, offset, literals, groups, out);
            return;
        }
        final int last = LittleEndian.getUnsignedByte(in, offset + groups) & (1 << rest) - 1;
        if (literals == groups && (last == 0 || last == (1 << rest) - 1)) {
            run(rest, last & 1, 1, out);
            return;
        }
        packedBits(in, offset, literals, groups + 1, out);
        LittleEndian.putByte(out.segment(), out.length() - 1, last);
    }

    /** How many bytes from {@code first} on are all zeros, or all ones; 0 when the first is neither. */
    private static int equalBytes(final MemorySegment in, final long offset, final int first, final int end) {
        final int value = LittleEndian.getUnsignedByte(in, offset + first);
        if (value != 0 && value != ALL_SET) {
            return 0;
        }
        final long eight = value == 0 ? 0 : -1;
        int i = first + 1;
        while (i + Long.BYTES <= end && LittleEndian.getLong(in, offset + i) == eight) {
            i += Long.BYTES;
        }
        while (i < end && LittleEndian.getUnsignedByte(in, offset + i) == value) {
            i++;
        }
        return i - first;
    }

    private static void packedBits(
            final MemorySegment in, final long offset, final int first, final int end, final GrowingBuffer out) {
        if (first < end) {
            out.putVarint((long) (end - first) << 1 | 1);
            out.append(in, offset + first, end - first);
        }
    }
}
