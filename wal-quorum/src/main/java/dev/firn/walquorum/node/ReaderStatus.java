package dev.firn.walquorum.node;

/**
 * A reader of committed WAL, as its WAL node sees it.
 *
 * @param node where it is.
 * @param sentLsn up to where it was sent bytes.
 * @param receivedLsn up to where it has said to have them.
 * @param neededFromLsn what it may still ask for again.
 * @param lagBytes how much of what is committed it has not received.
 */
public record ReaderStatus(
        long readerId, int node, long sentLsn, long receivedLsn, long neededFromLsn, long lagBytes) {}
