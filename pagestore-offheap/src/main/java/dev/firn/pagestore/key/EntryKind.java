package dev.firn.pagestore.key;

/**
 * What an entry says became of its key. As a byte, with {@link #STANDS_ALONE} for entries that need nothing before them; the numbers are part
 * of the layer format and are never used again.
 */
public final class EntryKind {
    /** A WAL record as it is in the log, to be applied to the page under the entry's touch. Stands alone when it makes the page anew. */
    public static final int RECORD = 1;

    /** A page: 8,192 bytes. Stands alone. */
    public static final int IMAGE = 2;

    /** A page of zeroes; no bytes. Stands alone. */
    public static final int ZEROES = 3;

    /** A page that is initialised and empty, with LSN 0: what Postgres extends a map by; no bytes. Stands alone. */
    public static final int EMPTY_PAGE = 4;

    /** Changes of an SLRU page: 16 bytes each, see {@code SlruChanges} of ingest. Stands alone when they are on a page of zeroes. */
    public static final int SLRU_CHANGES = 5;

    /** A number of blocks or pages: a uint32. Stands alone. */
    public static final int SIZE = 6;

    /** Some bytes, which replace those before. Stands alone. */
    public static final int BYTES = 7;

    /** There is nothing of this name any more; no bytes. Stands alone. */
    public static final int ABSENT = 8;

    /** The highest number. */
    public static final int MAX = ABSENT;

    /** Set in a kind's byte: nothing before the entry matters. */
    public static final int STANDS_ALONE = 0x80;

    private EntryKind() {}

    /** The kind without the flag. */
    public static int kind(final int kindByte) {
        return kindByte & (STANDS_ALONE - 1);
    }

    public static boolean standsAlone(final int kindByte) {
        return (kindByte & STANDS_ALONE) != 0;
    }

    /** Whether this byte is one: a known kind, with the flag where the kind demands it. */
    public static boolean isValid(final int kindByte) {
        final int kind = kind(kindByte);
        return switch (kind) {
            case RECORD, SLRU_CHANGES -> true;
            case IMAGE, ZEROES, EMPTY_PAGE, SIZE, BYTES, ABSENT -> standsAlone(kindByte);
            default -> false;
        };
    }
}
