package dev.firn.columnar.kernel;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;

/** Compaction set bit by set bit: the twin of {@link VectorCompaction}, and what serves other widths. */
final class ScalarCompaction {
    private ScalarCompaction() {}

    static int values(
            final MemorySegment validity,
            final long first,
            final MemorySegment in,
            final long offset,
            final int count,
            final int width,
            final MemorySegment out,
            final long outOffset) {
        int kept = 0;
        for (int i = 0; i < count; i += Long.SIZE) {
            long word = Bits.word(validity, first + i, Math.min(Long.SIZE, count - i));
            while (word != 0) {
                final int slot = i + Long.numberOfTrailingZeros(word);
                copy(in, offset + (long) slot * width, width, out, outOffset + (long) kept * width);
                kept++;
                word &= word - 1;
            }
        }
        return kept;
    }

    static int bits(
            final MemorySegment validity,
            final long first,
            final MemorySegment in,
            final long firstIn,
            final int count,
            final MemorySegment out,
            final long outOffset) {
        int kept = 0;
        long pending = 0;
        for (int i = 0; i < count; i += Long.SIZE) {
            final int bits = Math.min(Long.SIZE, count - i);
            final long word = Bits.word(validity, first + i, bits);
            final long packed = Long.compress(Bits.word(in, firstIn + i, bits), word);
            final int used = kept & (Long.SIZE - 1);
            final int added = Long.bitCount(word);
            pending |= packed << used;
            if (used + added >= Long.SIZE) {
                LittleEndian.putLong(out, outOffset + (kept >>> 6) * Long.BYTES, pending);
                pending = used == 0 ? 0 : packed >>> (Long.SIZE - used);
            }
            kept += added;
        }
        LittleEndian.putLong(out, outOffset + (kept >>> 6) * Long.BYTES, pending);
        return kept;
    }

    private static void copy(
            final MemorySegment in, final long from, final int width, final MemorySegment out, final long to) {
        switch (width) {
            case Integer.BYTES -> LittleEndian.putInt(out, to, LittleEndian.getInt(in, from));
            case Long.BYTES -> LittleEndian.putLong(out, to, LittleEndian.getLong(in, from));
            case 2 * Long.BYTES -> {
                LittleEndian.putLong(out, to, LittleEndian.getLong(in, from));
                LittleEndian.putLong(out, to + Long.BYTES, LittleEndian.getLong(in, from + Long.BYTES));
            }
            default -> MemorySegment.copy(in, from, out, to, width);
        }
    }
}
