package dev.firn.walquorum.reader;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.SendResult;
import dev.firn.walquorum.wire.LogDescription;
import dev.firn.walquorum.wire.QuorumMessageWriter;
import dev.firn.walquorum.wire.Refusal;
import org.agrona.DirectBuffer;

/**
 * Reads one log's committed WAL, from one WAL node at a time, and hands it on in order.
 *
 * <p><b>It leaves a node</b> that is silent, refuses, or lags behind others while there is nothing to read from it; the nodes come in
 * the order in which they were given, over and over. What a node had on its way is asked of the next one.
 *
 * <p><b>Back-pressure:</b> what the handler does not take waits in memory, and the node sends no more than a window beyond what
 * was taken.
 *
 * <p>Made by {@link CommittedWalReaders#open}. Everything on its agent's thread.
 */
public final class CommittedWalReader implements AutoCloseable {
    /** The window is told of when this part of it is free again. */
    private static final int TOLD_PARTS = 4;

    private static final long FIRST_PAUSE_NS = 1_000_000;

    private final CommittedWalReaders owner;
    private final Endpoint endpoint;
    private final QuorumMessageWriter writer;
    private final ReaderConfig config;
    private final long logId;
    private final long readerId;
    private final int[] nodes;
    private final boolean[] hasTrimmed;
    private final WalHandler handler;
    private final WalBacklog backlog;

    private ReaderState state = ReaderState.SEEKING;

    /** Which of the nodes is asked, or reads. */
    private int at;

    /** How many nodes were passed over since the last that served. */
    private int passedOver;

    private boolean isAsked;
    private boolean isSubscribed;

    /** Up to where the handler has taken bytes; those in the backlog follow. */
    private long positionLsn;

    private long neededFromLsn;
    private boolean isNeededFromSet;
    private long committedLsn;
    private long toldLsn;

    private long toldAtNs;
    private long askedAtNs;
    private long heardAtNs;
    private long movedAtNs;
    private long probedAtNs;
    private long pauseUntilNs;
    private boolean isPausing;

    /** How long the next pause is: short ones at first, for the way to a node takes some milliseconds to open. */
    private long pauseNs;

    /** When a gap was seen first that has not been filled. */
    private long gapSinceNs;

    private boolean hasGap;
    private long gaps;
    private long changes;
    private String refusal = "";

    CommittedWalReader(
            final CommittedWalReaders owner,
            final Endpoint endpoint,
            final QuorumMessageWriter writer,
            final OffHeapMemory memory,
            final ReaderConfig config,
            final long logId,
            final long readerId,
            final int[] nodes,
            final long fromLsn,
            final WalHandler handler,
            final long nowNs) {
        if (nodes.length == 0) {
            throw new IllegalArgumentException("a reader needs a WAL node to read from");
        }
        this.owner = owner;
        this.endpoint = endpoint;
        this.writer = writer;
        this.config = config;
        this.logId = logId;
        this.readerId = readerId;
        this.nodes = nodes.clone();
        this.hasTrimmed = new boolean[nodes.length];
        this.handler = handler;
        this.backlog = new WalBacklog(memory, config.windowBytes());
        this.positionLsn = fromLsn;
        this.movedAtNs = nowNs;
        this.probedAtNs = nowNs;
        this.pauseNs = firstPauseNs();
    }

    private long firstPauseNs() {
        return Math.min(FIRST_PAUSE_NS, config.roundNs());
    }

    public ReaderState state() {
        return state;
    }

    public long logId() {
        return logId;
    }

    /** Up to where the handler has taken bytes. */
    public long positionLsn() {
        return positionLsn;
    }

    /** Up to where the log is committed, as far as was heard; never falls. */
    public long committedLsn() {
        return committedLsn;
    }

    /** The node that sends at present; the one that is asked when none does. */
    public int node() {
        return nodes[at];
    }

    /** How often another node was turned to. */
    public long changes() {
        return changes;
    }

    /** How often bytes were missed and asked for again. */
    public long gaps() {
        return gaps;
    }

    /** What a node said that did not serve, in one sentence; empty when the last one serves. */
    public String refusal() {
        return refusal;
    }

    /** WAL from here on may not be trimmed, as long as this reader lives; when never set, all that was taken may be. */
    public void needFrom(final long lsn) {
        neededFromLsn = lsn;
        isNeededFromSet = true;
    }

    /** Goes on reading elsewhere, but not from within the handler: also the way out of {@link ReaderState#TRIMMED}. */
    public void moveTo(final long lsn) {
        requireOpen();
        positionLsn = lsn;
        backlog.clear();
        java.util.Arrays.fill(hasTrimmed, false);
        state = isSubscribed ? state : ReaderState.SEEKING;
        isAsked = false;
        isPausing = false;
        passedOver = 0;
        hasGap = false;
    }

    /** Tells the node that nothing is wanted any more. Idempotent. */
    @Override
    public void close() {
        if (state != ReaderState.CLOSED) {
            state = ReaderState.CLOSED;
            backlog.close();
            owner.onClosed(this);
            try {
                leave();
            } catch (final IllegalStateException e) {
                // The transport is gone, and the node notices by itself that nobody reads.
                isAsked = false;
            }
        }
    }

    @Override
    public String toString() {
        return "reader of log " + Long.toHexString(logId) + ", " + state + " from node " + nodes[at] + " at LSN "
                + positionLsn + " of " + committedLsn + " committed, " + backlog.length() + " bytes waiting, "
                + changes + " changes of node, " + gaps + " gaps" + (refusal.isEmpty() ? "" : ": " + refusal);
    }

    long readerId() {
        return readerId;
    }

    int doWork(final long nowNs) {
        int work = 0;
        if (backlog.length() > 0) {
            work += took(backlog.drain(positionLsn, handler), nowNs);
        }
        if (state == ReaderState.TRIMMED || state == ReaderState.CLOSED) {
            return work;
        }
        if (isPausing && nowNs - pauseUntilNs < 0) {
            return work;
        }
        isPausing = false;
        if (!isAsked) {
            return work + subscribe(nowNs);
        }
        if (!isSubscribed) {
            return work + (nowNs - askedAtNs >= config.answerNs() ? passOver(nowNs, false) : 0);
        }
        if (nowNs - heardAtNs >= config.silentNs()) {
            return work + passOver(nowNs, false);
        }
        if (hasGap && nowNs - gapSinceNs >= config.gapNs()) {
            gaps++;
            return work + subscribe(nowNs);
        }
        return work + tell(nowNs) + probe(nowNs);
    }

    /** What waits in the backlog is asked for again with the rest, so that no more than a window is ever on its way. */
    private int subscribe(final long nowNs) {
        if (backlog.length() > 0) {
            backlog.clear();
        }
        hasGap = false;
        final int length = writer.subscribe(logId, readerId, positionLsn, config.windowBytes());
        final SendResult result = endpoint.send(nodes[at], writer.buffer(), 0, length);
        if (result == SendResult.SENT) {
            isAsked = true;
            askedAtNs = nowNs;
            toldLsn = positionLsn;
            toldAtNs = isNeededFromSet ? nowNs - config.consumedNs() : nowNs;
            return 1;
        }
        return result == SendResult.NOT_CONNECTED ? passOver(nowNs, false) : 0;
    }

    private void leave() {
        if (isAsked) {
            endpoint.send(nodes[at], writer.buffer(), 0, writer.unsubscribe(logId, readerId));
        }
        isAsked = false;
        isSubscribed = false;
    }

    /** Turns to the next node; a pause comes when none has served, and the end when all that answer have trimmed. */
    private int passOver(final long nowNs, final boolean isTrimmed) {
        leave();
        state = ReaderState.SEEKING;
        hasTrimmed[at] = isTrimmed;
        at = (at + 1) % nodes.length;
        changes++;
        passedOver++;
        if (passedOver >= nodes.length) {
            passedOver = 0;
            for (final boolean trimmed : hasTrimmed) {
                if (trimmed) {
                    state = ReaderState.TRIMMED;
                    return 1;
                }
            }
            isPausing = true;
            pauseUntilNs = nowNs + pauseNs;
            pauseNs = Math.min(2 * pauseNs, config.roundNs());
        }
        return 1;
    }

    private int tell(final long nowNs) {
        final long needed = isNeededFromSet ? Math.min(neededFromLsn, positionLsn) : positionLsn;
        if (positionLsn - toldLsn < config.windowBytes() / TOLD_PARTS && nowNs - toldAtNs < config.consumedNs()) {
            return 0;
        }
        final int length = writer.consumed(logId, readerId, positionLsn, needed);
        if (endpoint.send(nodes[at], writer.buffer(), 0, length) != SendResult.SENT) {
            return 0;
        }
        toldLsn = positionLsn;
        toldAtNs = nowNs;
        return 1;
    }

    /** Asks the others whether they have more, when there is nothing to read here for long. */
    private int probe(final long nowNs) {
        if (nodes.length == 1
                || backlog.length() > 0
                || nowNs - movedAtNs < config.stalledNs()
                || nowNs - probedAtNs < config.stalledNs()) {
            return 0;
        }
        probedAtNs = nowNs;
        for (int i = 0; i < nodes.length; i++) {
            if (i != at) {
                endpoint.send(nodes[i], writer.buffer(), 0, writer.describeLog(readerId, logId));
            }
        }
        return 1;
    }

    /** Another node has told what it has. If that is more than what this one has, it is turned to; or the archive. */
    void onDescription(final int from, final LogDescription description, final long nowNs) {
        if (!description.isThere() || state == ReaderState.CLOSED) {
            return;
        }
        committedLsn = Math.max(committedLsn, description.committedLsn());
        if (!isSubscribed
                || from == nodes[at]
                || description.committedLsn() <= positionLsn
                || nowNs - movedAtNs < config.stalledNs()) {
            return;
        }
        if (description.startLsn() <= positionLsn) {
            turnTo(from);
        } else {
            leave();
            state = ReaderState.TRIMMED;
        }
    }

    private void turnTo(final int node) {
        for (int i = 0; i < nodes.length; i++) {
            if (nodes[i] == node) {
                leave();
                state = ReaderState.SEEKING;
                at = i;
                changes++;
                return;
            }
        }
    }

    void onRefused(final int from, final Refusal why, final String sentence, final long nowNs) {
        if (from != nodes[at] || !isAsked) {
            return;
        }
        refusal = sentence;
        if (why == Refusal.BAD_REQUEST) {
            isAsked = false;
            isSubscribed = false;
            state = ReaderState.SEEKING;
        } else {
            passOver(nowNs, why == Refusal.TRIMMED);
        }
    }

    void onChunk(
            final int from,
            final long beginLsn,
            final long itsCommittedLsn,
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final long nowNs) {
        if (from != nodes[at] || !isAsked || state == ReaderState.TRIMMED) {
            return;
        }
        if (!isSubscribed) {
            isSubscribed = true;
            state = ReaderState.READING;
            passedOver = 0;
            pauseNs = firstPauseNs();
            java.util.Arrays.fill(hasTrimmed, false);
            refusal = "";
            movedAtNs = nowNs;
        }
        heardAtNs = nowNs;
        committedLsn = Math.max(committedLsn, itsCommittedLsn);
        final long expectedLsn = positionLsn + backlog.length();
        if (beginLsn > expectedLsn) {
            gapSinceNs = hasGap ? gapSinceNs : nowNs;
            hasGap = true;
            return;
        }
        final long known = expectedLsn - beginLsn;
        if (known >= length) {
            return;
        }
        hasGap = false;
        take(buffer, offset + (int) known, length - (int) known, nowNs);
    }

    private void take(final DirectBuffer buffer, final int offset, final int length, final long nowNs) {
        int taken = 0;
        if (backlog.length() == 0) {
            taken = handler.onWal(positionLsn, buffer, offset, length);
            took(taken, nowNs);
        }
        if (taken < length && state != ReaderState.CLOSED) {
            backlog.add(buffer, offset + taken, length - taken);
        }
    }

    private int took(final int bytes, final long nowNs) {
        if (bytes > 0) {
            positionLsn += bytes;
            movedAtNs = nowNs;
            return 1;
        }
        return 0;
    }

    private void requireOpen() {
        if (state == ReaderState.CLOSED) {
            throw new IllegalStateException("this reader is closed");
        }
    }
}
