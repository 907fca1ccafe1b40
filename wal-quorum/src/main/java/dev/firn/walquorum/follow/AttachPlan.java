package dev.firn.walquorum.follow;

import dev.firn.walquorum.pgwire.conninfo.ConnInfo;
import java.util.Set;

/**
 * What is to be attached.
 *
 * @param timeline the name that it gets.
 * @param logId drawn by the owner, and stored by it before the first try: with each further one it is the same.
 * @param info how the server is reached.
 * @param nodeIds the WAL nodes.
 * @param isCheckpointFast whether the base backup's checkpoint is done at full speed.
 * @param maxRateKiB the most KiB a second of the base backup; 0 is no limit.
 * @param branch what its Postgres must go on from, when it is a branch, of which there is no base backup; else null.
 */
public record AttachPlan(
        String timeline,
        long logId,
        ConnInfo info,
        Set<Integer> nodeIds,
        boolean isCheckpointFast,
        int maxRateKiB,
        BranchWal branch) {
    public AttachPlan {
        nodeIds = Set.copyOf(nodeIds);
    }

    public static AttachPlan of(
            final String timeline, final long logId, final ConnInfo info, final Set<Integer> nodeIds) {
        return new AttachPlan(timeline, logId, info, nodeIds, true, 0, null);
    }

    /** The same for a branch. */
    public AttachPlan ofBranch(final BranchWal wal) {
        return new AttachPlan(timeline, logId, info, nodeIds, isCheckpointFast, maxRateKiB, wal);
    }
}
