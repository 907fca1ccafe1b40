package dev.firn.walquorum.node;

/** One reader of a log. */
final class Subscription {
    final int node;
    final long readerId;

    /** Names the reads of this subscription, as long as it lives. */
    final long token;

    int windowBytes;

    /** What is sent next. */
    long nextLsn;

    long receivedLsn;
    long neededFromLsn = Long.MAX_VALUE;
    long lastHeardNs;
    long lastSentNs;
    boolean isReading;

    Subscription(final int node, final long readerId, final long token) {
        this.node = node;
        this.readerId = readerId;
        this.token = token;
    }

    void begin(final long fromLsn, final int window, final long nowNs) {
        nextLsn = fromLsn;
        receivedLsn = fromLsn;
        windowBytes = window;
        lastHeardNs = nowNs;
    }
}
