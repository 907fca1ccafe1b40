package dev.firn.server.pages;

import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.seam.Clock;
import dev.firn.pagestore.service.PageClient;
import dev.firn.pagestore.service.TimelineFacts;
import dev.firn.server.CommandException;
import dev.firn.server.store.StoppedException;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Keeps an LSN readable for as long as somebody reads at it, however far the history window moves on meanwhile. Renewed by who reads; should
 * nobody do so any more, it ends by itself. For one thread that may block.
 */
public final class ReaderLease implements AutoCloseable {
    /** How long it lasts without being renewed, and when it is renewed: a page server that is away for minutes does no harm. */
    private static final long SECONDS = 900;

    private static final long RENEW_NS = TimeUnit.MINUTES.toNanos(3);
    private static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(20);

    private final PageConnection connection;
    private final TimelineFacts timeline;
    private final long lsn;
    private final long holder;
    private final Clock clock;
    private long renewAtNs;

    private ReaderLease(
            final PageConnection connection,
            final TimelineFacts timeline,
            final long lsn,
            final long holder,
            final Clock clock) {
        this.connection = connection;
        this.timeline = timeline;
        this.lsn = lsn;
        this.holder = holder;
        this.clock = clock;
        this.renewAtNs = clock.nanoTime() + RENEW_NS;
    }

    /**
     * Waits until the page server has promised it.
     *
     * @throws CommandException when the LSN is not kept any more.
     */
    public static ReaderLease take(
            final PageConnection connection,
            final TimelineFacts timeline,
            final long lsn,
            final Clock clock,
            final RandomGenerator random) {
        final long holder = random.nextLong();
        connection.lease(timeline, lsn, holder, SECONDS);
        return new ReaderLease(connection, timeline, lsn, holder, clock);
    }

    /** Renews it when it is time, for who reads through the same connection. */
    public void keep() {
        if (isDue()) {
            connection.lease(timeline, lsn, holder, SECONDS);
            renewAtNs = clock.nanoTime() + RENEW_NS;
        }
    }

    boolean isDue() {
        return clock.nanoTime() - renewAtNs >= 0;
    }

    /** Renews it through another client on the same endpoint, which hears the answer under a token of its own. */
    void renew(final PageClient client, final int node, final long token) {
        if (client.lease(node, timeline.timelineId(), lsn, holder, SECONDS, TIMEOUT_NS, token) == SendResult.SENT) {
            renewAtNs = clock.nanoTime() + RENEW_NS;
        }
    }

    /** Gives it back; what the page server does not hear of ends in a quarter of an hour. */
    @Override
    public void close() {
        try {
            connection.lease(timeline, lsn, holder, 0);
        } catch (final CommandException | StoppedException _) {
            // It is not given back, then.
        }
    }
}
