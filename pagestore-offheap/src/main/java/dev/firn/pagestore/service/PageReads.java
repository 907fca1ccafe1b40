package dev.firn.pagestore.service;

import java.lang.foreign.MemorySegment;

/**
 * What a page service reads from: the timelines of one shard. All calls are made on the shard's thread; none blocks. Those of pages
 * and sizes allocate nothing.
 *
 * <p>Timelines are named by small numbers that stay the same while they are open. LSNs are compared without sign.
 */
public interface PageReads {
    /** No timeline of this name or id is open here. */
    int NO_TIMELINE = -1;

    /** The number of the timeline of this id, or {@link #NO_TIMELINE}. */
    int timeline(long timelineId);

    /** The number of the timeline of this name, or {@link #NO_TIMELINE}. Seldom asked. */
    int timeline(String name);

    /** What is to be told of a timeline. Seldom asked; may allocate. */
    TimelineFacts facts(int timeline);

    /** Up to where a timeline is ingested: reads up to there need no wait. Never falls. */
    long appliedLsn(int timeline);

    /** The oldest LSN that may be read: of the history window, or the base backup's end. Never falls. */
    long historyLsn(int timeline);

    /**
     * A page as it is at an LSN, where it is in memory as it stands and this is known without reading anything.
     *
     * @param lsn as of {@link #read}; where that would be refused, there is no page here.
     * @return its 8,192 bytes, borrowed until the next call of any kind; null when it takes a {@link #read}.
     */
    MemorySegment pageInMemory(int timeline, long high, long middle, long low, long lsn);

    /**
     * Begins to read what a key is at an LSN. {@link #poll} tells the outcome, once: a page's or SLRU page's 8,192 bytes; the four
     * bytes, little-endian, of a size or of a segment's pages; else the bytes as they were put.
     *
     * @param token the caller's, 0 or above; not in use by another read.
     * @param lsn within {@link #historyLsn}..{@link #appliedLsn}, or it is refused.
     * @return false when there is no room for another read now.
     */
    boolean read(long token, int timeline, long high, long middle, long low, long lsn);

    /**
     * Begins to read all keys that are there at an LSN from one on and before another. The outcome is a {@link KeyedValues}: as many
     * as fit in {@code maxBytes}, at least one. No key of it has the class PAGE or SLRU_PAGE.
     *
     * @return false when there is no room for another read now.
     */
    boolean scan(
            long token,
            int timeline,
            long fromHigh,
            long fromMiddle,
            long fromLow,
            long toHigh,
            long toMiddle,
            long toLow,
            long lsn,
            int maxBytes);

    /**
     * Begins to find the LSN behind the last commit at or before a time, in microseconds since 2000-01-01. The outcome is eight bytes,
     * little-endian.
     *
     * @return false when there is no room for another read now.
     */
    boolean lsnAt(long token, int timeline, long timestampMicros);

    /** Whether an LSN before {@link #historyLsn} is kept all the same. */
    boolean isHeld(int timeline, long lsn);

    /**
     * Keeps an LSN readable until a time, durably when the handler hears so: on this thread, within {@link #poll} at the earliest. A holder
     * has one LSN of a timeline; another one takes its place. Seldom asked; may allocate.
     *
     * @param lsn readable now, or it is refused.
     */
    void lease(int timeline, String holder, long lsn, long untilEpochMs, HoldHandler handler);

    /** Nobody needs what a holder has leased any more. */
    void endLease(int timeline, String holder, long lsn);

    /** Gives a read up: its outcome is not told. A token that is none is ignored. */
    void abandon(long token);

    /** Goes on with the reads, and tells the outcomes of those that are done; returns how much was done. */
    int poll(ReadHandler handler, int limit);
}
