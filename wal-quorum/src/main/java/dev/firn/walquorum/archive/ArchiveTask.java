package dev.firn.walquorum.archive;

import java.util.List;

/**
 * A log that is to be archived.
 *
 * @param timeline its name.
 * @param logId its log's name; the catalogue must agree.
 * @param startLsn the first byte that this node's log still has.
 * @param nodes the WAL nodes that have it, this one first.
 * @param turn which of the turns are this node's; negative for a node that only takes over.
 * @param turns how many nodes take turns.
 */
public record ArchiveTask(String timeline, long logId, long startLsn, List<Integer> nodes, int turn, int turns) {
    public ArchiveTask {
        nodes = List.copyOf(nodes);
    }
}
