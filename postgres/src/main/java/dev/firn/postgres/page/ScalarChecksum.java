package dev.firn.postgres.page;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;

/** The sum over a page, word by word: the twin that {@link VectorChecksum} is tested against. */
final class ScalarChecksum {
    /** N_SUMS of storage/checksum_impl.h. */
    static final int SUMS = 32;

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

    /** Sum after sum, down the rows: so it needs no array for the 32 of them. */
    static int sum(final MemorySegment segment, final long offset) {
        int folded = 0;
        for (int column = 0; column < SUMS; column++) {
            int sum = BASES[column];
            for (int row = 0; row < ROWS; row++) {
                int word = LittleEndian.getInt(segment, offset + row * ROW_BYTES + column * Integer.BYTES);
                if (row == 0 && column == CHECKSUM_WORD) {
                    word &= FLAGS_MASK;
                }
                sum = mix(sum, word);
            }
            for (int row = 0; row < ZERO_ROWS; row++) {
                sum = mix(sum, 0);
            }
            folded ^= sum;
        }
        return folded;
    }

    private static int mix(final int sum, final int word) {
        final int mixed = sum ^ word;
        return mixed * PRIME ^ mixed >>> SHIFT;
    }
}
