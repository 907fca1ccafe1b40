package dev.firn.walquorum.follow;

import dev.firn.walquorum.pgwire.WalStream;

/**
 * A stream that was brought about.
 *
 * @param fromLsn where it begins.
 * @param timeline Postgres' timeline that it is of.
 * @param isSlotMade whether the server had no slot of ours, so that it was made again.
 */
record OpenStream(PrimarySession session, WalStream stream, long fromLsn, int timeline, boolean isSlotMade) {
    void close() {
        stream.close();
        session.close();
    }
}
