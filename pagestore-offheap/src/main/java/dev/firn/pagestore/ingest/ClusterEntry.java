package dev.firn.pagestore.ingest;

import dev.firn.pagestore.cluster.ClusterProgress;
import dev.firn.pagestore.cluster.RecoverySink;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;

/**
 * The payload of the cluster's entries: first what {@link ClusterProgress#write} writes, which begins with the control file; then what only ingest
 * wants. There is one whenever the control file changes, and one at the end of each memory table, whose counters are those of that LSN.
 *
 * <p>Who restores reads the newest at or below an LSN with {@link ClusterProgress#read}. The counters in it may be older than that LSN: Postgres
 * itself takes them from the log that a restore leaves it.
 */
public final class ClusterEntry {
    /** Its only key. */
    public static final long HIGH = PageKeys.high(KeyClass.CLUSTER, 0);

    public static final long MIDDLE = 0;
    public static final long LOW = 0;

    static final int SINK = ClusterProgress.BYTES;
    static final int COMMIT_SECOND = SINK + RecoverySink.BYTES;

    /** How long it is. */
    public static final int BYTES = COMMIT_SECOND + Long.BYTES;

    private ClusterEntry() {}
}
