package dev.firn.walquorum.node;

import dev.firn.nativeio.seam.Clock;
import dev.firn.walquorum.acceptor.Acceptor;
import dev.firn.walquorum.acceptor.AcceptorPort;
import dev.firn.walquorum.acceptor.Vote;
import dev.firn.walquorum.log.LogIdentity;
import dev.firn.walquorum.log.LogListener;
import dev.firn.walquorum.log.WalLog;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import dev.firn.walquorum.wire.AcceptorIds;
import dev.firn.walquorum.wire.LogDescription;
import dev.firn.walquorum.wire.LogSpec;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.agrona.DirectBuffer;

/**
 * One acceptor with its log on disk, tied to the wire.
 *
 * <p><b>Answers to appends are put together:</b> of all that the acceptor says to its proposer in one duty cycle the last is sent, at
 * the cycle's end, and kept until there is room for it. The same holds for what it asks of its donor.
 *
 * <p>All other messages are dropped when there is no room: whoever waits for them asks again.
 *
 * <p>Not thread-safe, but for {@link #archived}.
 */
final class HostedLog implements AcceptorPort, LogListener, AutoCloseable {
    private static final int NOBODY = -1;

    /** A proposer or a donor that was not heard of for so long is missed. */
    private static final long MISSED_NS = 2_000_000_000L;

    /** What was asked for is asked for again after this time, if nothing came. */
    private static final long FETCH_RETRY_NS = 100_000_000L;

    private final NodeWire wire;
    private final WalNodeConfig config;
    private final Clock clock;
    private final LogIdentity identity;
    private final WalLog log;
    private final Acceptor acceptor;
    private final PeerFetches fetches;
    private final LogReaders readers;
    private final FlushLatency flushLatency = new FlushLatency();
    private final AtomicLong archivedLsn = new AtomicLong();

    /** Whom an answer is owed, and the answer. */
    private int answerTo = NOBODY;

    private long answeredPromisedTerm;
    private long answeredFollowedTerm;
    private long answeredReceivedLsn;
    private long answeredFlushedLsn;

    /** What is to be asked of a donor at the cycle's end; 0 for nobody. */
    private long fetchFrom;

    private long fetchTerm;
    private long fetchLsn;
    private long fetchedLsn = -1;
    private long fetchedAtNs;

    private long nowNs;
    private long lastTickNs;
    private long proposerHeardNs;
    private boolean isDiskFull;
    private String trouble = "";

    /** The bytes whose flush is measured end here; 0 when none is. */
    private long measuredLsn;

    private long measuredSinceNs;

    private long appendedBytes;
    private long appendsRefused;
    private long refusedSends;

    /** @param opening opens the log, which tells this object what becomes of it. */
    HostedLog(
            final NodeWire wire,
            final WalNodeConfig config,
            final Clock clock,
            final Function<LogListener, WalLog> opening) {
        this.wire = wire;
        this.config = config;
        this.clock = clock;
        this.log = opening.apply(this);
        this.identity = log.identity();
        this.acceptor = new Acceptor(this, log.found());
        this.fetches = new PeerFetches(identity.logId(), wire, log, config.log().roomBytes());
        this.readers = new LogReaders(identity.logId(), wire, log, config);
        this.nowNs = clock.nanoTime();
        this.lastTickNs = nowNs;
        this.proposerHeardNs = nowNs - MISSED_NS;
    }

    LogIdentity identity() {
        return identity;
    }

    Acceptor acceptor() {
        return acceptor;
    }

    LogReaders readers() {
        return readers;
    }

    /** From any thread: the archive has all before this LSN. */
    void archived(final long lsn) {
        archivedLsn.accumulateAndGet(lsn, Math::max);
    }

    /** The proposer has spoken to the acceptor. */
    void proposerHeard() {
        proposerHeardNs = nowNs;
    }

    /** One duty cycle, after the messages were taken; returns how much was done. */
    int doWork(final long itsNowNs) {
        nowNs = itsNowNs;
        int work = log.doWork();
        if (nowNs - lastTickNs >= config.tickNs()) {
            lastTickNs = nowNs;
            acceptor.onTick();
            trim();
        }
        work += answer();
        work += ask();
        work += fetches.doWork(acceptor.followedTerm(), acceptor.startLsn());
        return work + readers.doWork(acceptor.committedLsn(), acceptor.startLsn(), nowNs);
    }

    /** Lets go of what is committed, archived, and needed by no reader. */
    private void trim() {
        final long needed = Math.min(Math.min(archivedLsn.get(), acceptor.committedLsn()), readers.neededFromLsn());
        if (needed - config.reserveBytes() > acceptor.startLsn()) {
            log.trim(needed - config.reserveBytes());
        }
    }

    private int answer() {
        if (answerTo == NOBODY) {
            return 0;
        }
        final int length = wire.writer.appended(
                identity.logId(),
                identity.acceptorId(),
                answeredPromisedTerm,
                answeredFollowedTerm,
                answeredReceivedLsn,
                answeredFlushedLsn);
        if (!count(wire.send(answerTo, length))) {
            return 0;
        }
        answerTo = NOBODY;
        return 1;
    }

    private int ask() {
        if (fetchFrom == 0) {
            return 0;
        }
        final long donor = fetchFrom;
        fetchFrom = 0;
        if (fetchLsn == fetchedLsn && nowNs - fetchedAtNs < FETCH_RETRY_NS) {
            return 0;
        }
        final int length = wire.writer.fetch(identity.logId(), donor, identity.acceptorId(), fetchTerm, fetchLsn);
        if (!count(wire.sendToStranger(AcceptorIds.node(donor), length))) {
            return 0;
        }
        fetchedLsn = fetchLsn;
        fetchedAtNs = nowNs;
        return 1;
    }

    LogDescription describe() {
        return new LogDescription(
                new LogSpec(
                        identity.logId(),
                        identity.timeline(),
                        identity.systemIdentifier(),
                        identity.postgresMajor(),
                        identity.walSegmentBytes(),
                        acceptor.startLsn()),
                identity.acceptorId(),
                acceptor.promisedTerm(),
                acceptor.followedTerm(),
                acceptor.startLsn(),
                acceptor.flushedLsn(),
                acceptor.committedLsn(),
                archivedLsn.get(),
                acceptor.membership());
    }

    LogStatus status() {
        return new LogStatus(
                identity.logId(),
                identity.timeline(),
                identity.acceptorId(),
                state(),
                trouble,
                acceptor.membership(),
                acceptor.promisedTerm(),
                acceptor.followedTerm(),
                acceptor.startLsn(),
                acceptor.flushedLsn(),
                acceptor.committedLsn(),
                archivedLsn.get(),
                readers.status(acceptor.committedLsn()),
                log.segmentCount(),
                appendedBytes,
                appendsRefused,
                refusedSends + fetches.refusedSends() + readers.refusedSends(),
                fetches.sentBytes(),
                readers.sentBytes(),
                flushLatency);
    }

    private LogState state() {
        if (isDiskFull) {
            return LogState.FULL;
        }
        if (nowNs - proposerHeardNs >= MISSED_NS) {
            return LogState.WAITING;
        }
        return fetchedLsn >= 0 && nowNs - fetchedAtNs < MISSED_NS ? LogState.CATCHING_UP : LogState.FOLLOWING;
    }

    @Override
    public void close() {
        log.close();
    }

    @Override
    public void writePromise(final long term, final long candidate, final Membership membership) {
        log.writePromise(term, candidate, membership);
    }

    @Override
    public void writeTerm(final long term, final TermHistory history, final long endLsn) {
        measuredLsn = 0;
        log.handOver(term, history, endLsn);
    }

    @Override
    public void beginAnew(final long term, final TermHistory history, final long startLsn) {
        measuredLsn = 0;
        log.restartAt(term, history, startLsn);
    }

    @Override
    public int append(
            final long term, final long beginLsn, final DirectBuffer buffer, final int offset, final int length) {
        final int taken = log.append(term, beginLsn, buffer, offset, length);
        appendedBytes += taken;
        if (taken < length) {
            appendsRefused++;
        }
        if (measuredLsn == 0 && taken > 0) {
            measuredLsn = beginLsn + taken;
            measuredSinceNs = clock.nanoTime();
        }
        return taken;
    }

    @Override
    public void sendVote(final int proposer, final Vote vote) {
        count(wire.send(proposer, wire.writer.vote(identity.logId(), identity.acceptorId(), vote)));
    }

    @Override
    public void sendTermAccepted(final int proposer, final long term, final long flushedLsn) {
        count(wire.send(proposer, wire.writer.termAccepted(identity.logId(), identity.acceptorId(), term, flushedLsn)));
    }

    @Override
    public void sendAppended(
            final int proposer,
            final long promisedTerm,
            final long followedTerm,
            final long receivedLsn,
            final long flushedLsn) {
        if (answerTo != NOBODY && answerTo != proposer) {
            answer();
        }
        answerTo = proposer;
        answeredPromisedTerm = promisedTerm;
        answeredFollowedTerm = followedTerm;
        answeredReceivedLsn = receivedLsn;
        answeredFlushedLsn = flushedLsn;
    }

    @Override
    public void sendFetch(final long donor, final long term, final long beginLsn) {
        fetchFrom = donor == identity.acceptorId() ? 0 : donor;
        fetchTerm = term;
        // The donor sends a window from here on. What is taken and not on disk yet has its place in it, so that no more
        // comes than
        // the log has room for.
        fetchLsn = acceptor.flushedLsn();
    }

    @Override
    public void sendFetched(final long peer, final long term, final long beginLsn, final long endLsn) {
        fetches.serve(peer, term, beginLsn, endLsn);
    }

    @Override
    public void sendTrimmed(final long peer, final long term, final long startLsn) {
        count(wire.sendToStranger(AcceptorIds.node(peer), wire.writer.trimmed(identity.logId(), peer, term, startLsn)));
    }

    @Override
    public void onFlushed(final long term, final long lsn) {
        if (measuredLsn != 0 && lsn >= measuredLsn) {
            flushLatency.record(clock.nanoTime() - measuredSinceNs);
            measuredLsn = 0;
        }
        acceptor.onFlushed(term, lsn);
        if (fetchedLsn >= 0 && nowNs - fetchedAtNs < FETCH_RETRY_NS) {
            // What is on disk makes room: the donor hears of it now, not at the next tick.
            acceptor.onTick();
        }
    }

    @Override
    public void onHandedOver(final long term) {
        acceptor.onTermDurable(term);
    }

    @Override
    public void onPromiseDurable() {
        acceptor.onPromiseDurable();
    }

    @Override
    public void onTrimmed(final long startLsn) {
        acceptor.onTrimmed(startLsn);
    }

    @Override
    public void onRead(
            final long token,
            final long lsn,
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final boolean isLast) {
        if (LogReaders.isToken(token)) {
            readers.onRead(token, lsn, buffer, offset, length, isLast);
        } else {
            fetches.onRead(token, lsn, buffer, offset, length, isLast, acceptor.followedTerm());
        }
    }

    @Override
    public void onDiskFull(final String sentence) {
        isDiskFull = true;
        trouble = sentence;
    }

    @Override
    public void onDiskRoom() {
        isDiskFull = false;
        trouble = "";
    }

    private boolean count(final boolean isSent) {
        if (!isSent) {
            refusedSends++;
        }
        return isSent;
    }
}
