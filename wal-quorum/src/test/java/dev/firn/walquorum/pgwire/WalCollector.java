package dev.firn.walquorum.pgwire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.lsn.Lsn;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.agrona.DirectBuffer;

/** Keeps what a stream hands on, and answers as a standby that has all of it on disk at once. */
class WalCollector implements WalStreamHandler {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    final long startLsn;
    long nextLsn;
    long serverEndLsn;
    long serverTimeUs;
    int keepalives;
    int replyRequests;
    long nextTimeline;
    long switchLsn;
    boolean isShutDown;
    boolean answers = true;
    PostgresException error;

    WalCollector(final long startLsn) {
        this.startLsn = startLsn;
        this.nextLsn = startLsn;
    }

    @Override
    public void onWal(
            final long lsn,
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final long newServerEndLsn,
            final long newServerTimeUs) {
        assertThat(lsn).isEqualTo(nextLsn);
        assertThat(length).isPositive();
        final byte[] part = new byte[length];
        buffer.getBytes(offset, part);
        bytes.writeBytes(part);
        nextLsn += length;
        serverEndLsn = newServerEndLsn;
        serverTimeUs = newServerTimeUs;
    }

    @Override
    public void onKeepalive(final long newServerEndLsn, final long newServerTimeUs, final boolean isReplyRequested) {
        keepalives++;
        serverEndLsn = newServerEndLsn;
        serverTimeUs = newServerTimeUs;
        replyRequests += isReplyRequested ? 1 : 0;
    }

    @Override
    public void onEnd(final long newNextTimeline, final long newSwitchLsn) {
        nextTimeline = newNextTimeline;
        switchLsn = newSwitchLsn;
    }

    @Override
    public void onServerShutdown() {
        isShutDown = true;
    }

    @Override
    public void onServerError(final PostgresException newError) {
        error = newError;
    }

    /** Polls until it is so, and tells the server each time something has come. */
    void runUntil(final WalStream stream, final BooleanSupplier done) {
        final long deadlineNs = SystemClock.INSTANCE.nanoTime() + LIMIT.toNanos();
        while (!done.getAsBoolean()) {
            assertThat(SystemClock.INSTANCE.nanoTime())
                    .as("time, at %s", Lsn.format(nextLsn))
                    .isLessThan(deadlineNs);
            if (stream.poll(this) == 0) {
                stream.await(Duration.ofMillis(20).toNanos());
            } else if (answers) {
                stream.sendStatus(nextLsn, nextLsn, nextLsn, false);
            }
        }
    }
}
