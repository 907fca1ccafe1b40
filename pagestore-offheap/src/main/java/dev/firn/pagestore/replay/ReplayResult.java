package dev.firn.pagestore.replay;

import dev.firn.pagestore.cluster.ClusterCounters;
import dev.firn.postgres.wal.WalEnd;
import java.util.List;

/**
 * What a replay came to.
 *
 * @param startLsn where the first record starts that was applied.
 * @param endLsn where the last one ends; {@code startLsn} without any.
 * @param records how many were applied.
 * @param end why no more followed; null when the limit was reached.
 * @param invalidPages how many pages the log changes that were never there.
 * @param unfinished what the base wants and the log does not have: one sentence each. Empty when the outcome is consistent.
 */
public record ReplayResult(
        long startLsn,
        long endLsn,
        long records,
        WalEnd end,
        int invalidPages,
        List<String> unfinished,
        ClusterCounters counters) {
    public ReplayResult {
        unfinished = List.copyOf(unfinished);
    }

    /** How much of the log was replayed. */
    public long walBytes() {
        return endLsn - startLsn;
    }
}
