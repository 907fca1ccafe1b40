package dev.firn.pagestore.replay;

/** Hears of a replay while it runs, on its thread. */
public interface ReplayListener {
    /** Hears nothing. */
    ReplayListener NONE = new ReplayListener() {};

    /** Said every few thousand records: the log has been replayed up to here. */
    default void progress(final long lsn, final long records) {}

    /** Said before each record is applied: until then, all is as it was at each LSN before that record's end. */
    default void next(final long endLsn) {}

    /** Something that the one who asked for the replay should read: one sentence. */
    default void warn(final String sentence) {}
}
