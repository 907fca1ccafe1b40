package dev.firn.pagestore.cluster;

/**
 * The counters as a checkpoint of this moment would have them.
 *
 * @param nextXid with its epoch in the upper half. The others are uint32.
 */
public record ClusterCounters(
        long nextXid,
        long nextOid,
        long nextMultiXact,
        long nextMemberOffset,
        long oldestXid,
        long oldestXidDatabase,
        long oldestMultiXact,
        long oldestMultiXactDatabase,
        long oldestCommitTimestampXid,
        long newestCommitTimestampXid) {}
