package dev.firn.walquorum.follow;

import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.wakeup.WaitSet;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.walquorum.pgwire.PgwireException;
import dev.firn.walquorum.pgwire.PostgresException;
import dev.firn.walquorum.pgwire.WalStreamHandler;
import dev.firn.walquorum.stream.QuorumWriter;
import dev.firn.walquorum.stream.WriterState;
import dev.firn.walquorum.wire.LogSpec;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.HdrHistogram.Histogram;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.Agent;

/**
 * The receiver: an agent that takes the WAL of a Postgres server into the quorum, and tells the server what is committed, so that
 * its {@code COMMIT} waits for the quorum.
 *
 * <p><b>Its life.</b> It waits until its writer leads; a control executor connects, checks the server and asks for the WAL from where
 * the quorum's ends; then it streams. Whatever ends the stream is told, and tried again later, and later each time; what needs
 * somebody's help is {@link FollowerState#FAILED}, and tried again now and then, for that may have come. When the writer loses its term, the stream ends, for what another
 * writes is not known here.
 *
 * <p><b>Back-pressure:</b> the socket is read only while the writer's window has room for what one read can bring. The server is told
 * of progress all the same, so it does not give up.
 *
 * <p><b>Statuses:</b> write is what a majority has received, flush and apply what it has on disk.
 */
public final class Follower implements Agent {
    private static final int READS_A_CYCLE = 4;
    private static final int NO_DESCRIPTOR = -1;
    private static final double NS_A_SECOND = 1e9;

    /** How old what {@link #status} tells may be while nothing else happens. */
    private static final long PUBLISH_NS = 100_000_000L;

    private final FollowerConfig config;
    private final LogSpec spec;
    private final QuorumWriter writer;
    private final StreamOpener opener;
    private final ControlTask control;
    private final Clock clock;
    private final Backoff backoff;
    private final Incoming incoming = new Incoming();

    /** Of a branch, whose servers have nothing else to be told apart by. */
    private final WalTail tail = new WalTail();

    private FollowerState state = FollowerState.WAITING;
    private OpenStream open;
    private String host = "";
    private int postgresTimeline;
    private long nowNs;
    private long tryAgainNs;
    private long openedNs;
    private long opened;
    private String lastError = "";
    private boolean isStatusWanted;
    private long toldWriteLsn;
    private long toldFlushLsn;
    private long toldNs;
    private long serverLsn;
    private long caughtUpNs;
    private long publishedNs;

    /** Set when the stream said so, for after the poll. */
    private String streamError;

    private boolean isStreamErrorFinal;
    private int nextTimeline;
    private long switchLsn;

    /** Null when the thread looks for work by itself. */
    private WaitSet waits;

    /** The socket that it is woken by now. */
    private int watched = NO_DESCRIPTOR;

    private volatile FollowerStatus published;

    /**
     * @param writer of this follower; closed with it.
     * @param control runs what blocks; a thread of its own for each task, or one for all.
     * @param firstTimeline Postgres' timeline of the log's first byte.
     */
    public Follower(
            final FollowerConfig config,
            final LogSpec spec,
            final int firstTimeline,
            final QuorumWriter writer,
            final Primary primary,
            final HistoryKeeper histories,
            final Executor control,
            final Clock clock,
            final RandomGenerator random) {
        this.config = config;
        this.spec = spec;
        this.writer = writer;
        this.opener = new StreamOpener(primary, histories, spec, firstTimeline, config.slot(), config.isSlotProof());
        this.control = new ControlTask(control);
        this.clock = clock;
        this.backoff = new Backoff(config.firstBackoffNs(), config.longestBackoffNs(), random);
        this.nowNs = clock.nanoTime();
        this.tryAgainNs = nowNs;
        this.caughtUpNs = nowNs;
        publish();
    }

    // --- from any thread ------------------------------------------------------------------------------------------

    /** As of a moment ago. */
    public FollowerStatus status() {
        return published;
    }

    /** From append to commit, in nanoseconds, since it was last asked for. For one thread. */
    public Histogram commitLatency(final Histogram recycled) {
        return writer.commitLatency(recycled);
    }

    // --- the agent ------------------------------------------------------------------------------------------------

    @Override
    public String roleName() {
        return "receiver-" + spec.timeline();
    }

    @Override
    public int doWork() {
        nowNs = clock.nanoTime();
        int work = writer.doWork();
        final FollowerState before = state;
        switch (state) {
            case WAITING, RECONNECTING -> work += waitForQuorum();
            case CONNECTING -> work += takeOpened();
            case STREAMING -> work += stream();
            case DEPOSED -> work += standBack();
            case FAILED -> work += lookAgain();
            case STOPPED -> {}
        }
        watchSocket();
        if (waits != null) {
            waits.wakeWithin(writer.patienceNs());
        } else if (writer.patienceNs() < QuorumWriter.NEVER) {
            // A thread without a wait set parks for longer than a piece of WAL should wait.
            work++;
        }
        if (state != before || nowNs - publishedNs >= PUBLISH_NS) {
            publish();
        }
        return work;
    }

    /**
     * Has the thread woken when the server has sent something, as long as that can be taken. To be called before the agent runs; what
     * else it waits for, the endpoint's doorbell, is its owner's.
     */
    public void wakeBy(final WaitSet waitSet) {
        waits = waitSet;
    }

    @Override
    public void onClose() {
        control.abandon();
        closeStream();
        writer.close();
        state = FollowerState.STOPPED;
        publish();
    }

    // --- steps ----------------------------------------------------------------------------------------------------

    private int waitForQuorum() {
        final WriterState quorum = writer.state();
        if (quorum == WriterState.REFUSED) {
            fail(writer.sentence());
            return 1;
        }
        if (quorum == WriterState.DEPOSED) {
            deposed();
            return 1;
        }
        if (nowNs - tryAgainNs < 0 || !writer.isLeading()) {
            return 0;
        }
        final long fromLsn = writer.wantedFromLsn();
        final byte[] before = tail.before(fromLsn);
        control.run(() -> opener.open(fromLsn, before));
        state = FollowerState.CONNECTING;
        return 1;
    }

    /** Somebody may have done what the sentence says: put the right server back behind its address, for one. */
    private int lookAgain() {
        return nowNs - tryAgainNs < 0 || !writer.isLeading() ? 0 : waitForQuorum();
    }

    private int takeOpened() {
        final ControlTask.Outcome outcome = control.poll();
        if (outcome == null) {
            return 0;
        }
        switch (outcome) {
            case ControlTask.Opened(final OpenStream stream) -> begin(stream);
            case ControlTask.Threw(final RuntimeException cause) -> onControlFailure(cause);
        }
        return 1;
    }

    private void begin(final OpenStream stream) {
        if (writer.wantedFromLsn() != stream.fromLsn()) {
            stream.close();
            state = FollowerState.WAITING;
            return;
        }
        open = stream;
        host = stream.session().host();
        postgresTimeline = stream.timeline();
        lastError = stream.isSlotMade() && opened > 0
                ? "the server had lost the replication slot " + config.slot() + ", which was made again"
                : "";
        opened++;
        openedNs = nowNs;
        nextTimeline = 0;
        streamError = null;
        toldWriteLsn = 0;
        toldFlushLsn = 0;
        isStatusWanted = true;
        state = FollowerState.STREAMING;
        incoming.expectedLsn = stream.fromLsn();
    }

    private void onControlFailure(final RuntimeException cause) {
        if (cause instanceof FollowFailedException || StreamOpener.isWalRemoved(cause)) {
            fail(StreamOpener.isWalRemoved(cause) ? walRemoved(cause.getMessage()) : cause.getMessage());
        } else if (cause instanceof final PgwireException refused) {
            retry(refused.getMessage(), refused.isTransient());
        } else {
            retry(cause.getMessage() == null ? cause.toString() : cause.getMessage(), true);
        }
    }

    private int stream() {
        int work = 0;
        try {
            if (writer.wantedFromLsn() != incoming.expectedLsn) {
                // A later election has found less than was appended, or this writer was deposed.
                closeStream();
                state = FollowerState.WAITING;
                tryAgainNs = nowNs;
                return 1;
            }
            for (int i = 0; i < READS_A_CYCLE && hasRoom() && nextTimeline == 0 && streamError == null; i++) {
                final int calls = open.stream().poll(incoming);
                work += calls;
                if (calls == 0) {
                    break;
                }
            }
            work += tell();
        } catch (final PgwireException e) {
            endStream(e);
            return 1;
        }
        if (streamError != null) {
            if (isStreamErrorFinal) {
                fail(streamError);
            } else {
                retry(streamError, true);
            }
            return 1;
        }
        if (nextTimeline != 0) {
            goOn();
            return 1;
        }
        if (nowNs - openedNs >= config.steadyNs()) {
            backoff.reset();
        }
        return work;
    }

    /** Tells the server how far it is, when it wants to know, or when that has moved, or now and then. */
    private int tell() {
        final long committed = writer.committedLsn();
        final long received = writer.receivedLsn();
        if (committed >= serverLsn) {
            caughtUpNs = nowNs;
        }
        if (!isStatusWanted
                && committed == toldFlushLsn
                && received == toldWriteLsn
                && nowNs - toldNs < config.statusIntervalNs()) {
            return 0;
        }
        isStatusWanted = false;
        toldFlushLsn = committed;
        toldWriteLsn = received;
        toldNs = nowNs;
        open.stream().sendStatus(received, committed, committed, false);
        return 1;
    }

    private boolean hasRoom() {
        return writer.room() >= config.receiveBufferBytes();
    }

    /** The server's timeline has ended: the next one goes on, on the same connection, once its history is stored. */
    private void goOn() {
        if (switchLsn != incoming.expectedLsn) {
            retry("the server ended its timeline at another place than its WAL did", true);
            return;
        }
        watch(NO_DESCRIPTOR);
        final PrimarySession session = open.session();
        final int timeline = nextTimeline;
        final long fromLsn = switchLsn;
        open = null;
        control.run(() -> opener.goOn(session, timeline, fromLsn));
        state = FollowerState.CONNECTING;
    }

    private int standBack() {
        if (!config.isMeantToLead() || nowNs - tryAgainNs < 0) {
            return 0;
        }
        writer.campaignAgain();
        state = FollowerState.WAITING;
        return 1;
    }

    private void endStream(final PgwireException e) {
        if (StreamOpener.isWalRemoved(e)) {
            fail(walRemoved(e.getMessage()));
        } else {
            retry(e.getMessage(), e.isTransient());
        }
    }

    private void deposed() {
        lastError = writer.sentence();
        closeStream();
        tryAgainNs = nowNs + backoff.nextNs();
        state = FollowerState.DEPOSED;
    }

    /** @param isTransient otherwise it will be the same until somebody changes something, so it is not tried often. */
    private void retry(final String sentence, final boolean isTransient) {
        lastError = sentence;
        closeStream();
        tryAgainNs = nowNs + (isTransient ? backoff.nextNs() : config.longestBackoffNs());
        state = FollowerState.RECONNECTING;
    }

    private void fail(final String sentence) {
        lastError = sentence;
        closeStream();
        tryAgainNs = nowNs + config.longestBackoffNs();
        state = FollowerState.FAILED;
    }

    private String walRemoved(final String sentence) {
        return sentence + ": the WAL after " + Lsn.format(writer.committedLsn())
                + " is gone from the server, and "
                + (config.isSlotProof()
                        ? "it cannot go on with the branch: detach " + spec.timeline()
                                + ", and attach a Postgres that is started on what ./firn restore --branch "
                                + spec.timeline()
                                + " writes"
                        : "only a new base backup helps: detach " + spec.timeline() + " and attach it again");
    }

    /** A socket that is not read for want of room would wake the thread all the time. */
    private void watchSocket() {
        final int descriptor = waits != null && state == FollowerState.STREAMING && hasRoom()
                ? open.stream().descriptor()
                : NO_DESCRIPTOR;
        if (descriptor != watched) {
            watch(descriptor);
        }
    }

    private void watch(final int descriptor) {
        if (watched != NO_DESCRIPTOR) {
            waits.removeDescriptor(watched);
        }
        if (descriptor != NO_DESCRIPTOR) {
            waits.addDescriptor(descriptor);
        }
        watched = descriptor;
    }

    private void closeStream() {
        watch(NO_DESCRIPTOR);
        if (open != null) {
            open.close();
            open = null;
        }
    }

    private void publish() {
        publishedNs = nowNs;
        final long committed = writer.committedLsn();
        published = new FollowerStatus(
                state,
                spec.timeline(),
                host,
                postgresTimeline,
                serverLsn,
                writer.appendedLsn(),
                writer.receivedLsn(),
                committed,
                Math.max(0, serverLsn - committed),
                committed >= serverLsn ? 0 : (nowNs - caughtUpNs) / NS_A_SECOND,
                Math.max(0, opened - 1),
                lastError,
                writer.state(),
                writer.sentence(),
                writer.term(),
                writer.membership().generation(),
                writer.acceptors(),
                writer.sentBytes(),
                writer.backPressured());
    }

    /** What comes out of the stream. */
    private final class Incoming implements WalStreamHandler {
        private long expectedLsn;

        @Override
        public void onWal(
                final long lsn,
                final DirectBuffer buffer,
                final int offset,
                final int length,
                final long serverEndLsn,
                final long serverTimeUs) {
            serverLsn = Math.max(serverEndLsn, lsn + length);
            if (lsn != expectedLsn) {
                throw PgwireException.lost("the server sent WAL from another place than the one that was asked for");
            }
            if (writer.append(lsn, buffer, offset, length) != length) {
                throw new IllegalStateException("one read of the stream brought more than "
                        + config.receiveBufferBytes() + " bytes, for which there was room");
            }
            if (config.isSlotProof()) {
                tail.keep(lsn, buffer, offset, length);
            }
            expectedLsn += length;
        }

        @Override
        public void onKeepalive(final long serverEndLsn, final long serverTimeUs, final boolean isReplyRequested) {
            serverLsn = serverEndLsn;
            isStatusWanted |= isReplyRequested;
        }

        @Override
        public void onEnd(final long next, final long lsn) {
            nextTimeline = (int) next;
            switchLsn = lsn;
        }

        @Override
        public void onServerShutdown() {
            streamError = "the server at " + host + " was shut down";
            isStreamErrorFinal = false;
        }

        @Override
        public void onServerError(final PostgresException error) {
            isStreamErrorFinal = StreamOpener.isWalRemoved(error);
            streamError = isStreamErrorFinal ? walRemoved(error.getMessage()) : error.getMessage();
        }
    }
}
