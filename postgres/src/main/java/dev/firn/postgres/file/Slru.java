package dev.firn.postgres.file;

/**
 * The SLRUs: files of 8 KiB pages without headers, {@link #PAGES_PER_SEGMENT} a file, addressed by transaction, multixact or member
 * offset (access/slru.h). The ids are uint32 in an int; page and segment numbers fit in an int too.
 */
public enum Slru {
    /** Two bits for each transaction: clog.c. */
    XACT("pg_xact", TransactionStatus.PER_PAGE),
    /** The parent of each subtransaction, four bytes: subtrans.c. */
    SUBTRANS("pg_subtrans", 2048),
    /** The offset of each multixact's first member, four bytes: multixact.c. */
    MULTIXACT_OFFSETS("pg_multixact/offsets", MultiXactOffsets.PER_PAGE),
    /** The members, in groups of four: multixact.c. */
    MULTIXACT_MEMBERS("pg_multixact/members", MultiXactMembers.PER_PAGE),
    /** When each transaction committed, and where it came from, ten bytes: commit_ts.c. */
    COMMIT_TS("pg_commit_ts", CommitTimestamps.PER_PAGE);

    /** SLRU_PAGES_PER_SEGMENT. */
    public static final int PAGES_PER_SEGMENT = 32;

    private static final Slru[] ALL = values();

    private final String directory;
    private final int entriesPerPage;

    Slru(final String directory, final int entriesPerPage) {
        this.directory = directory;
        this.entriesPerPage = entriesPerPage;
    }

    /** By its number, which is its place among the constants; makes no copy of them, as {@link #values()} does. */
    public static Slru of(final int number) {
        return ALL[number];
    }

    /** Its directory within the data directory. */
    public String directory() {
        return directory;
    }

    /** How many ids a page covers. */
    public int entriesPerPage() {
        return entriesPerPage;
    }

    /** The page that has an id's entry. */
    public int page(final int id) {
        return Integer.divideUnsigned(id, entriesPerPage);
    }

    /** Which entry of its page that is. */
    public int entry(final int id) {
        return Integer.remainderUnsigned(id, entriesPerPage);
    }

    /** The highest page that an id can be on. */
    public int lastPage() {
        return page(-1);
    }

    /**
     * Whether all ids of one page come before those of another, in the circular order of ids: the PagePrecedes of clog.c,
     * commit_ts.c, subtrans.c and multixact.c. Both the first and the last id of the other page must be later: then it holds although
     * a page may straddle the opposite point of the circle.
     */
    public boolean precedes(final int page, final int otherPage) {
        final int skipped = switch (this) {
            // The first ids of page 0 are special, and compare otherwise.
            case XACT, SUBTRANS, COMMIT_TS -> TransactionId.FIRST_NORMAL + 1;
            case MULTIXACT_OFFSETS -> 2;
            case MULTIXACT_MEMBERS -> 0;
        };
        final int id = page * entriesPerPage + skipped;
        final int other = otherPage * entriesPerPage + skipped;
        return idPrecedes(id, other) && idPrecedes(id, other + entriesPerPage - 1);
    }

    private boolean idPrecedes(final int id, final int other) {
        return switch (this) {
            case XACT, SUBTRANS, COMMIT_TS -> TransactionId.precedes(id, other);
            case MULTIXACT_OFFSETS, MULTIXACT_MEMBERS -> id - other < 0;
        };
    }

    /** Whether cutting off what precedes a page removes a segment: SlruMayDeleteSegment (slru.c). */
    public boolean segmentPrecedes(final int segment, final int cutoffPage) {
        final int firstPage = segment * PAGES_PER_SEGMENT;
        return precedes(firstPage, cutoffPage) && precedes(firstPage + PAGES_PER_SEGMENT - 1, cutoffPage);
    }

    /** The segment that has a page. */
    public int segment(final int page) {
        return page / PAGES_PER_SEGMENT;
    }

    /** A page's offset in its segment's file. */
    public long offsetInSegment(final int page) {
        return page % PAGES_PER_SEGMENT * 8192L;
    }

    /** The path of a segment's file: four hexadecimal digits, more when it takes them. (17's long names are of pg_notify only.) */
    public String path(final int segment) {
        return directory + '/' + "%04X".formatted(segment);
    }
}
