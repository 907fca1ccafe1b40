package dev.firn.server.pages;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.MessageHandler;
import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.seam.Clock;
import dev.firn.pagestore.service.PageClient;
import dev.firn.pagestore.service.PageClientConfig;
import dev.firn.pagestore.service.PageHandler;
import dev.firn.pagestore.service.ReadRefusal;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.file.RelationPath;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.server.CommandException;
import dev.firn.server.store.StoppedException;
import dev.firn.transport.request.RequestFailure;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/**
 * Writes relations' files from a page server: many ranges of pages are on their way at the same time, and each is written where it
 * belongs as it comes, by {@link PageWriters}. A page server that restarts meanwhile is waited for. For one thread that may block: it
 * speaks to the page server, and tells how far it is.
 */
final class RelationDownload implements AutoCloseable {
    /** Pages of one request, and requests on their way: 4 MiB, as much as a client's queue at the server takes. */
    private static final int PAGES_A_REQUEST = 32;

    private static final int REQUESTS = 16;

    /**
     * How long pages are waited for. What a server had heard when it died is answered by nobody, and a server in good health answers within a
     * fraction of the first; whose object store is slow has twice the time for the next ones, each time.
     */
    private static final long FIRST_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(4);

    private static final long LAST_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(60);

    /** How long a page server that restarts, or cannot reach the store, is waited for. */
    private static final long PATIENCE_NS = PageConnection.RESTART_LIMIT_NS;

    /** How long it is waited for before that is said. */
    private static final long QUIET_NS = TimeUnit.SECONDS.toNanos(2);

    /** From a refusal that will pass to the next try. */
    private static final long PAUSE_NS = TimeUnit.MILLISECONDS.toNanos(200);

    private static final int MESSAGES_A_POLL = 64;
    private static final long MIN_PARK_NS = 1_000;
    private static final long MAX_PARK_NS = 500_000;

    private final Endpoint endpoint;
    private final int node;
    private final long timelineId;
    private final long lsn;
    private final PostgresVersion version;
    private final ReaderLease lease;
    private final Function<String, FileChannel> files;
    private final Clock clock;
    private final BooleanSupplier stop;
    private final LongConsumer progress;
    private final Consumer<String> onWaiting;
    private final PageClient client;
    private final MessageHandler onMessage;
    private final IdleStrategy idle = new BackoffIdleStrategy(100, 10, MIN_PARK_NS, MAX_PARK_NS);
    private final PageWriters writers;
    private final Map<Long, Range> onTheWay = new HashMap<>();

    /** Those that have to be asked again. */
    private final ArrayDeque<Range> again = new ArrayDeque<>();

    private long nextToken;

    /** Of the lease's last renewal. */
    private long leaseToken = -1;

    private long toldBytes;
    private long timeoutNs = FIRST_TIMEOUT_NS;
    private long timeoutSinceNs;

    /** Whether requests have failed since a page came last, and since when. */
    private boolean troubled;

    private long troubledSinceNs;

    /** Whether it was said that it is waited for; until pages come. */
    private boolean saidWaiting;

    /** What has to be asked again waits for this. */
    private long askAgainAtNs;

    /** Some blocks of a fork, all in one file. */
    private record Range(RelFileLocator relation, Fork fork, int[] blocks, PageFile file) {}

    /**
     * @param endpoint borrowed; nobody else polls it until {@link #finish} has returned.
     * @param checksums whether pages get checksums.
     * @param lease of the LSN; renewed here.
     * @param files makes a file of a path below the data directory.
     * @param progress hears how many bytes were written, often.
     * @param onWaiting hears a sentence when the page server is waited for, once for each time that it is.
     */
    RelationDownload(
            final Endpoint endpoint,
            final int node,
            final long timelineId,
            final long lsn,
            final PostgresVersion version,
            final boolean checksums,
            final ReaderLease lease,
            final Function<String, FileChannel> files,
            final Clock clock,
            final RandomGenerator random,
            final BooleanSupplier stop,
            final LongConsumer progress,
            final Consumer<String> onWaiting) {
        this.endpoint = endpoint;
        this.node = node;
        this.timelineId = timelineId;
        this.lsn = lsn;
        this.version = version;
        this.lease = lease;
        this.files = files;
        this.clock = clock;
        this.stop = stop;
        this.progress = progress;
        this.onWaiting = onWaiting;
        this.writers = new PageWriters(PAGES_A_REQUEST * PageLayout.PAGE_BYTES, checksums);
        this.askAgainAtNs = clock.nanoTime();
        this.timeoutSinceNs = askAgainAtNs;
        this.client = new PageClient(endpoint, clock, random, PageClientConfig.DEFAULT, new Pages());
        this.onMessage = client::onMessage;
    }

    /** Writes a fork's files, of which some pages may still be on their way when this returns. */
    void add(final RelFileLocator relation, final Fork fork, final Fork as, final long blocks) {
        for (int segment = 0; segment == 0 || (long) segment * RelationPath.SEGMENT_BLOCKS < blocks; segment++) {
            final long first = (long) segment * RelationPath.SEGMENT_BLOCKS;
            final long end = Math.min(blocks, first + RelationPath.SEGMENT_BLOCKS);
            final String name = RelationPath.of(version, relation, as, segment);
            final PageFile file = new PageFile(files.apply(name), name, end - first);
            for (long from = first; from < end; from += PAGES_A_REQUEST) {
                final int[] wanted = new int[(int) Math.min(PAGES_A_REQUEST, end - from)];
                for (int i = 0; i < wanted.length; i++) {
                    wanted[i] = (int) (from + i);
                }
                ask(new Range(relation, fork, wanted, file));
            }
        }
    }

    /** Waits until all is written. */
    void finish() {
        while (!onTheWay.isEmpty() || !again.isEmpty() || !writers.isIdle()) {
            if (again.isEmpty() || clock.nanoTime() - askAgainAtNs < 0) {
                turn();
            } else {
                ask(again.remove());
            }
        }
        writers.requireSound();
        tell();
    }

    long bytes() {
        return writers.bytes();
    }

    private void ask(final Range range) {
        while (onTheWay.size() >= REQUESTS || send(range) != SendResult.SENT) {
            turn();
        }
    }

    private SendResult send(final Range range) {
        final SendResult result = client.getPages(
                node,
                timelineId,
                lsn,
                0,
                range.relation().tablespace(),
                range.relation().database(),
                range.relation().relfilenode(),
                range.fork().number(),
                range.blocks(),
                range.blocks().length,
                timeoutNs,
                nextToken);
        if (result == SendResult.SENT) {
            onTheWay.put(nextToken++, range);
        }
        return result;
    }

    private void turn() {
        if (stop.getAsBoolean()) {
            throw new StoppedException();
        }
        if (lease.isDue()) {
            leaseToken = nextToken++;
            lease.renew(client, node, leaseToken);
        }
        writers.requireSound();
        tell();
        idle.idle(endpoint.poll(onMessage, MESSAGES_A_POLL) + client.doWork());
    }

    private void tell() {
        final long bytes = writers.bytes();
        if (bytes != toldBytes) {
            toldBytes = bytes;
            progress.accept(bytes);
        }
    }

    private final class Pages implements PageHandler {
        @Override
        public void onPages(
                final long token, final long asOf, final int count, final DirectBuffer pages, final int offset) {
            final Range range = onTheWay.remove(token);
            troubled = false;
            saidWaiting = false;
            if (count != range.blocks().length) {
                throw new CommandException(
                        "the page server has answered with " + count + " pages instead of " + range.blocks().length);
            }
            final ByteBuffer buffer = writers.take();
            pages.getBytes(offset, buffer, count * PageLayout.PAGE_BYTES);
            writers.write(buffer.flip(), range.file(), range.blocks()[0]);
        }

        @Override
        public void onRefused(
                final long token, final ReadRefusal refusal, final long appliedLsn, final String sentence) {
            if (token == leaseToken) {
                // What was leased before still counts; without it the pages themselves are refused.
                return;
            }
            final Range range = onTheWay.remove(token);
            final boolean passes = refusal == ReadRefusal.UNREACHABLE || refusal == ReadRefusal.NOT_OPEN_YET;
            if (!passes || isGivenUp()) {
                throw new CommandException("cannot read " + range.file().name() + ": " + sentence);
            }
            if (clock.nanoTime() - troubledSinceNs >= QUIET_NS) {
                say(PageConnection.waitingAs(sentence));
            }
            again.add(range);
            askAgainAtNs = clock.nanoTime() + PAUSE_NS;
        }

        @Override
        public void onFailure(final long token, final RequestFailure failure) {
            if (token == leaseToken) {
                return;
            }
            final Range range = onTheWay.remove(token);
            if (isGivenUp()) {
                throw new CommandException("the page server does not answer: ./firn status shows how it is");
            }
            say(PageConnection.waitingForAnswer(PATIENCE_NS));
            again.add(range);
            beMorePatient();
        }
    }

    /** Something has failed, and would be tried again: whether that has gone on for too long. */
    private boolean isGivenUp() {
        final long nowNs = clock.nanoTime();
        if (!troubled) {
            troubled = true;
            troubledSinceNs = nowNs;
        }
        return nowNs - troubledSinceNs >= PATIENCE_NS;
    }

    /** Once for all requests that had this much time. */
    private void beMorePatient() {
        final long nowNs = clock.nanoTime();
        if (nowNs - timeoutSinceNs >= timeoutNs) {
            timeoutSinceNs = nowNs;
            timeoutNs = Math.min(2 * timeoutNs, LAST_TIMEOUT_NS);
        }
    }

    private void say(final String sentence) {
        if (!saidWaiting) {
            saidWaiting = true;
            onWaiting.accept(sentence);
        }
    }

    /** Files that are half written are closed; who gives the directory up removes them. */
    @Override
    public void close() {
        writers.close();
        onTheWay.values().forEach(range -> range.file().close());
        again.forEach(range -> range.file().close());
    }
}
