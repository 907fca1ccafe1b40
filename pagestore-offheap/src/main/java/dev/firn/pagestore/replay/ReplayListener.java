package dev.firn.pagestore.replay;

/** Hears of a replay while it runs, on its thread. */
public interface ReplayListener {
    /** Hears nothing. */
    ReplayListener NONE = new ReplayListener() {};

    /** Said every few thousand records: the log has been replayed up to here. */
    default void progress(final long lsn, final long records) {}

    /** Something that the one who asked for the replay should read: one sentence. */
    default void warn(final String sentence) {}
}
