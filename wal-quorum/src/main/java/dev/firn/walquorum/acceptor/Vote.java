package dev.firn.walquorum.acceptor;

import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;

/**
 * An acceptor's answer to a candidate.
 *
 * @param promisedTerm the term that it follows or waits for: equal to the candidate's when granted.
 * @param flushedLsn how far its log is on disk.
 * @param history of its log: borrowed.
 * @param membership of the highest generation that it knows.
 */
public record Vote(
        long term, boolean granted, long promisedTerm, long flushedLsn, TermHistory history, Membership membership) {}
