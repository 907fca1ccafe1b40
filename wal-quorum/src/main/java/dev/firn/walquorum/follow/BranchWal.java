package dev.firn.walquorum.follow;

import dev.firn.walquorum.catalog.BranchEntry;

/**
 * What a branch's Postgres must go on from: the WAL that the branch has, its own and what it shares with those above it. For threads
 * that may block.
 *
 * <p>What cannot be had is thrown as an {@link IllegalStateException} of one sentence.
 */
public interface BranchWal {
    BranchEntry branch();

    /** Of the cluster that it is a branch of, as a number without sign. */
    long systemIdentifier();

    int postgresMajor();

    int walSegmentBytes();

    /** Postgres' own timeline of the last byte before the branch left its parent. */
    int postgresTimeline();

    /** The bytes of a range that is committed. */
    byte[] read(long fromLsn, long toLsn);
}
