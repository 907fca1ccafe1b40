package dev.firn.server.wal;

import java.nio.ByteBuffer;

/** Takes committed WAL, byte after byte. */
interface WalSink {
    /** The next byte that is wanted. */
    long positionLsn();

    /** Takes the bytes at {@link #positionLsn}, all of them. */
    void write(ByteBuffer source);

    /** Whether no more are wanted, although there may be more. */
    default boolean isDone() {
        return false;
    }
}
