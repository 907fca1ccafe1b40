package dev.firn.pagestore.service;

/**
 * What a page server tells of a timeline.
 *
 * @param timelineId names it in requests: the id of its quorum log.
 * @param systemIdentifier of the Postgres cluster, unsigned.
 * @param parent the name of the timeline that it is a branch of; empty when it is none.
 * @param branchLsn where it left its parent, or 0.
 * @param historyLsn the oldest LSN that may be read.
 * @param uploadedLsn up to where it is in the object store.
 */
public record TimelineFacts(
        String name,
        long timelineId,
        long systemIdentifier,
        int postgresMajor,
        int walSegmentBytes,
        String parent,
        long branchLsn,
        long historyLsn,
        long appliedLsn,
        long uploadedLsn) {}
