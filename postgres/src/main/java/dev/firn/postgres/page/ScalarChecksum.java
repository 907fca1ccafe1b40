package dev.firn.postgres.page;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;

/** The sum over a page, word by word: the twin that {@link VectorChecksum} is tested against. */
final class ScalarChecksum {
    /** N_SUMS of storage/checksum_impl.h. */
    static final int SUMS = 32;

    /** The checksum's own word is the third of the first four. */
    private static final int SIDE_BY_SIDE = 4;

    static final int ROW_BYTES = SUMS * Integer.BYTES;
    static final int ROWS = PageLayout.PAGE_BYTES / ROW_BYTES;

    /** Rows of zeroes that are summed after the page's own, for a better mix. */
    static final int ZERO_ROWS = 2;

    static final int PRIME = 16777619;
    static final int SHIFT = 17;

    /** The word that holds checksum and flags, and the bits of it that are the flags. */
    static final int CHECKSUM_WORD = PageLayout.CHECKSUM_OFFSET / Integer.BYTES;

    static final int FLAGS_MASK = 0xFFFF_0000;

    /** What each sum begins with (checksumBaseOffsets). */
    static final int[] BASES = {
        0x5B1F36E9, 0xB8525960, 0x02AB50AA, 0x1DE66D2A, 0x79FF467A, 0x9BB9F8A3, 0x217E7CD2, 0x83E13D2C,
        0xF8D4474F, 0xE39EB970, 0x42C6AE16, 0x993216FA, 0x7B093B5D, 0x98DAFF3C, 0xF718902A, 0x0B1C9CDB,
        0xE58F764B, 0x187636BC, 0x5D7B3BB1, 0xE73DE7DE, 0x92BEC979, 0xCCA6C0B2, 0x304A0979, 0x85AA43D4,
        0x783125BB, 0x6CA8EAA2, 0xE407EAC6, 0x4B5CFC3E, 0x9FBF8C76, 0x15CA20BE, 0xF2CA9FD3, 0x959BD756
    };

    private ScalarChecksum() {}

    /** Four sums side by side, down the rows: each step of one waits for the step before, and nobody for the others. */
    static int sum(final MemorySegment segment, final long offset) {
        int folded = 0;
        for (int column = 0; column < SUMS; column += SIDE_BY_SIDE) {
            final long at = offset + column * (long) Integer.BYTES;
            int sum0 = mix(BASES[column], LittleEndian.getInt(segment, at));
            int sum1 = mix(BASES[column + 1], LittleEndian.getInt(segment, at + Integer.BYTES));
            int sum2 = mix(BASES[column + 2], firstWord(segment, at, column + 2));
            int sum3 = mix(BASES[column + 3], LittleEndian.getInt(segment, at + 3 * Integer.BYTES));
            for (int row = 1; row < ROWS; row++) {
                final long inRow = at + row * (long) ROW_BYTES;
                sum0 = mix(sum0, LittleEndian.getInt(segment, inRow));
                sum1 = mix(sum1, LittleEndian.getInt(segment, inRow + Integer.BYTES));
                sum2 = mix(sum2, LittleEndian.getInt(segment, inRow + 2 * Integer.BYTES));
                sum3 = mix(sum3, LittleEndian.getInt(segment, inRow + 3 * Integer.BYTES));
            }
            folded ^= end(sum0) ^ end(sum1) ^ end(sum2) ^ end(sum3);
        }
        return folded;
    }

    /** The word of the checksum itself counts without it. */
    private static int firstWord(final MemorySegment segment, final long at, final int column) {
        final int word = LittleEndian.getInt(segment, at + 2 * Integer.BYTES);
        return column == CHECKSUM_WORD ? word & FLAGS_MASK : word;
    }

    private static int end(final int sum) {
        int end = sum;
        for (int row = 0; row < ZERO_ROWS; row++) {
            end = mix(end, 0);
        }
        return end;
    }

    private static int mix(final int sum, final int word) {
        final int mixed = sum ^ word;
        return mixed * PRIME ^ mixed >>> SHIFT;
    }
}
