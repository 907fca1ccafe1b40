package dev.firn.walquorum.follow;

import dev.firn.postgres.lsn.Lsn;
import dev.firn.walquorum.pgwire.PostgresException;
import dev.firn.walquorum.pgwire.WalStream;
import dev.firn.walquorum.pgwire.WalStreamHandler;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.agrona.DirectBuffer;

/** Compares what a server streams with what it should have. For threads that may block. */
final class WalComparison implements WalStreamHandler {
    private static final long WAIT_NS = 50_000_000L;

    /** Half a minute. */
    private static final int MOST_WAITS = 600;

    private final byte[] expected;
    private final long fromLsn;
    private int compared;
    private long differsAt = Lsn.INVALID;
    private PostgresException error;

    WalComparison(final byte[] expected, final long fromLsn) {
        this.expected = expected;
        this.fromLsn = fromLsn;
    }

    /**
     * Compares what comes, and ends the stream with the connection that it runs on.
     *
     * @param opening asks for the WAL from the first byte on.
     * @return false when it did not come in time, or was not waited for.
     */
    boolean run(final Supplier<WalStream> opening, final BooleanSupplier stop) {
        try (WalStream stream = opening.get()) {
            int waits = 0;
            while (!isDone() && !stream.isEnded()) {
                if (stream.poll(this) == 0) {
                    if (stop.getAsBoolean() || waits++ == MOST_WAITS) {
                        return false;
                    }
                    stream.await(WAIT_NS);
                }
            }
        } catch (final PostgresException e) {
            error = e;
        }
        return true;
    }

    /** Where the first byte is that is another; {@link Lsn#INVALID} when there is none. */
    long differsAt() {
        return differsAt;
    }

    /** What ended the stream; null for nothing. */
    PostgresException error() {
        return error;
    }

    boolean isDone() {
        return compared == expected.length || differsAt != Lsn.INVALID;
    }

    boolean isRemoved() {
        return error != null && StreamOpener.isWalRemoved(error);
    }

    @Override
    public void onWal(
            final long lsn,
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final long serverEndLsn,
            final long serverTimeUs) {
        if (isDone() || lsn != fromLsn + compared) {
            return;
        }
        final byte[] piece = new byte[Math.min(length, expected.length - compared)];
        buffer.getBytes(offset, piece);
        final int same = Arrays.mismatch(piece, 0, piece.length, expected, compared, compared + piece.length);
        if (same >= 0) {
            differsAt = lsn + same;
        } else {
            compared += piece.length;
        }
    }

    @Override
    public void onKeepalive(final long serverEndLsn, final long serverTimeUs, final boolean isReplyRequested) {
        // It is over before anyone asks twice.
    }

    @Override
    public void onEnd(final long nextTimeline, final long switchLsn) {
        // What is compared lies on one timeline.
    }

    @Override
    public void onServerShutdown() {
        // The stream has ended, and is found to be too short.
    }

    @Override
    public void onServerError(final PostgresException cause) {
        error = cause;
    }
}
