package dev.firn.postgres.file;

/** DBState of catalog/pg_control.h, in its order: the ordinal is what the file holds. */
public enum ClusterState {
    STARTUP,
    SHUT_DOWN,
    SHUT_DOWN_IN_RECOVERY,
    SHUTTING_DOWN,
    IN_CRASH_RECOVERY,
    IN_ARCHIVE_RECOVERY,
    IN_PRODUCTION;

    private static final ClusterState[] ALL = values();

    /** The state with this number, or null. */
    static ClusterState of(final int number) {
        return number >= 0 && number < ALL.length ? ALL[number] : null;
    }
}
