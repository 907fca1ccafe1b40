package dev.firn.postgres.wal;

/** Why no record follows. The checks are those of Postgres' xlogreader.c. */
public enum WalEndReason {
    /** Nothing more was fed, between two records. */
    NO_MORE_BYTES(true, "there is no more log"),

    /** Nothing more was fed, within a record. */
    PARTIAL_RECORD(true, "the log stops within a record"),

    /** Space that was never written: a page without header, or a record of length 0. */
    ZEROES(true, "zeroes follow"),

    /** The page is of a recycled segment: it names another address. */
    STALE_PAGE(true, "the page names another address, as in a recycled segment"),

    /** What stands there is not the next record: a recycled segment, or a torn page. */
    WRONG_PREV_LINK(true, "the record's link to the record before is wrong"),

    /** Torn or damaged. */
    BAD_CRC(true, "the record's checksum is wrong"),

    /** Shorter than a header. */
    INVALID_RECORD_LENGTH(true, "the record is shorter than its header"),

    /** Longer than Postgres makes one, or than the reader was told to take. */
    RECORD_TOO_LONG(true, "the record is longer than the limit"),

    /** No built-in one, and not of an extension's range. */
    INVALID_RESOURCE_MANAGER(true, "the record names an unknown resource manager"),

    /** Within a record, the next page does not go on with it. */
    MISSING_CONTRECORD(true, "the next page does not continue the record"),

    /** The page says that another number of bytes remains. */
    WRONG_CONTRECORD_LENGTH(true, "the next page continues a record of another length"),

    /** A record should start here, but the page says that one goes on. */
    UNEXPECTED_CONTRECORD(true, "a record should start here, but the page continues one"),

    /** Of another major version, or no WAL at all. */
    WRONG_PAGE_MAGIC(true, "the page's magic number is wrong"),

    /** Flags that no version has, or no long header on a segment's first page. */
    INVALID_PAGE_FLAGS(true, "the page's flags are invalid"),

    /** Pages of an older timeline follow: the tail of a recycled segment. */
    TIMELINE_WENT_BACK(true, "the page is of an older timeline than the one before"),

    /** Of another cluster. */
    WRONG_SYSTEM(false, "the page is of another database system"),

    /** The segment's header says another {@code wal_segment_size}. */
    WRONG_SEGMENT_SIZE(false, "the page names another segment size"),

    /** The segment's header says another WAL page size. */
    WRONG_PAGE_SIZE(false, "the page names another WAL page size"),

    /** Where reading should start is within a page header. */
    INVALID_START(false, "the position to start at is within a page header"),

    /** The record that replaces a lost one names another. */
    WRONG_OVERWRITTEN_RECORD(false, "the record that replaces a lost one names another than the one that was lost"),

    /** The checksum fits, but block ids, flags or lengths contradict each other. */
    MALFORMED_RECORD(false, "the record's checksum is right, but its parts contradict each other");

    private final boolean endOfLog;
    private final String sentence;

    WalEndReason(final boolean endOfLog, final String sentence) {
        this.endOfLog = endOfLog;
        this.sentence = sentence;
    }

    /**
     * Whether a log that was simply written up to here may look like this, after a crash as well as after a clean stop.
     * Recovery goes on from such a place. The others say that something is wrong with the log or with the question.
     */
    public boolean isEndOfLog() {
        return endOfLog;
    }

    /** What it means, as part of a sentence. */
    public String sentence() {
        return sentence;
    }
}
