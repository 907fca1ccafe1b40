package dev.firn.pagestore.service;

/** Why there is no answer to a read. {@link #status} goes over the wire: the numbers are never used again. */
public enum ReadRefusal {
    /** The LSN was not ingested within the time that the client gave it. Asking again later makes sense. */
    NOT_YET_INGESTED(16),

    /** The LSN is before the timeline's history window, or before the end of its base backup. */
    BEFORE_HISTORY(17),

    /** No timeline of this id or name is served here. */
    NO_SUCH_TIMELINE(18),

    /** What the answer is made of is damaged, or does not fit together. */
    DAMAGED(19),

    /** The request makes no sense. */
    BAD_REQUEST(20),

    /** There is nothing of this name at that LSN: no such fork, no such block, no such segment. */
    ABSENT(21),

    /** What the answer is made of cannot be reached at present: the object store is away. Asking again later makes sense. */
    UNREACHABLE(22),

    /** This server owns the timeline no more. */
    DEPOSED(23),

    /** The timeline is known, and is not served yet: it is being opened. Asking again later makes sense. */
    NOT_OPEN_YET(24);

    private static final ReadRefusal[] ALL = values();

    private final int status;

    ReadRefusal(final int status) {
        this.status = status;
    }

    /** Its status in a response. */
    public int status() {
        return status;
    }

    /** The refusal of a status, or null. */
    public static ReadRefusal of(final int status) {
        final int index = status - NOT_YET_INGESTED.status;
        return index >= 0 && index < ALL.length ? ALL[index] : null;
    }
}
