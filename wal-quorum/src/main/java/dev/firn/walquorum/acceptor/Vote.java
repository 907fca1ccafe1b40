package dev.firn.walquorum.acceptor;

import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;

/**
 * An acceptor's answer to a candidate.
 *
 * @param candidate who asked: a proposer that was restarted must not take a vote for its predecessor's name.
 * @param promisedTerm the term that it follows or waits for: equal to the candidate's when granted.
 * @param startLsn where its log begins.
 * @param flushedLsn how far its log is on disk.
 * @param history of its log: borrowed.
 * @param membership of the highest generation that it knows.
 */
public record Vote(
        long term,
        long candidate,
        boolean granted,
        long promisedTerm,
        long startLsn,
        long flushedLsn,
        TermHistory history,
        Membership membership) {}
