package dev.firn.walquorum.stream;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.SendResult;
import dev.firn.walquorum.proposer.Proposer;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.wire.AcceptorIds;
import dev.firn.walquorum.wire.QuorumMessageWriter;
import java.util.Arrays;

/**
 * Sends pieces of the window to acceptors, straight from where they lie.
 *
 * <p>An idle acceptor gets what there is at once. A short piece waits, for company, in two cases:
 *
 * <ul>
 *   <li>while bytes are on the way to that acceptor: it is flushing what it has, and would have to wait in any case;
 *   <li>where acceptors share a host, while a majority is further than this acceptor: its write would only stand in the way of
 *       theirs. It trails, by a named time at most, so it takes over as soon as one of the majority is late.
 * </ul>
 */
final class AppendSender {
    /** Nothing waits. */
    static final long NEVER = Long.MAX_VALUE;

    private final Endpoint endpoint;
    private final QuorumMessageWriter messages;
    private final WalWindow window;
    private final WriterConfig config;
    private final long logId;
    private final LogNodes nodes;
    private final long[] lastSentNs = new long[2 * Membership.MAX_MEMBERS];

    /** Since when something waits for this acceptor, if anything does. */
    private final long[] waitingSinceNs = new long[2 * Membership.MAX_MEMBERS];

    private final boolean[] isWaiting = new boolean[2 * Membership.MAX_MEMBERS];

    private long sentBytes;
    private long sentMessages;
    private long backPressured;

    /** How long the first of what waits may wait on. */
    private long patienceNs = NEVER;

    AppendSender(
            final Endpoint endpoint,
            final QuorumMessageWriter messages,
            final WalWindow window,
            final WriterConfig config,
            final long logId,
            final LogNodes nodes) {
        this.endpoint = endpoint;
        this.messages = messages;
        this.window = window;
        this.config = config;
        this.logId = logId;
        this.nodes = nodes;
    }

    /** As {@code ProposerPort.sendAppend}. */
    int send(
            final Proposer proposer,
            final long acceptor,
            final long term,
            final long beginLsn,
            final long endLsn,
            final long commitLsn,
            final long donor,
            final long nowNs) {
        final int node = AcceptorIds.node(acceptor);
        if (nodes.find(node) == null) {
            return 0;
        }
        final int index = indexOf(proposer, acceptor);
        final long wanted = endLsn - beginLsn;
        if (wanted > 0 && wanted < config.coalesceBytes() && waits(proposer, index, beginLsn, nowNs)) {
            return 0;
        }
        final int length = window.contiguous(beginLsn, (int) Math.min(wanted, config.maxAppendBytes()));
        final int head = messages.append(logId, acceptor, term, beginLsn, commitLsn, donor);
        final SendResult result =
                endpoint.send(node, messages.buffer(), 0, head, window.ring(), window.position(beginLsn), length);
        if (result != SendResult.SENT) {
            backPressured += result == SendResult.BACK_PRESSURED ? 1 : 0;
            return 0;
        }
        lastSentNs[index] = nowNs;
        isWaiting[index] = false;
        sentMessages++;
        sentBytes += length;
        return length;
    }

    private boolean waits(final Proposer proposer, final int index, final long beginLsn, final long nowNs) {
        long untilNs = nowNs;
        if (proposer.flushedLsn(index) < beginLsn) {
            untilNs = lastSentNs[index] + config.coalesceNs();
        }
        if (config.trailNs() > 0 && proposer.isBehindMajority(index)) {
            if (!isWaiting[index]) {
                isWaiting[index] = true;
                waitingSinceNs[index] = nowNs;
            }
            untilNs = Math.max(untilNs, waitingSinceNs[index] + config.trailNs());
        }
        if (untilNs - nowNs <= 0) {
            return false;
        }
        patienceNs = Math.min(patienceNs, untilNs - nowNs);
        return true;
    }

    /** Nothing is on the way to anybody. */
    void reset(final long nowNs) {
        Arrays.fill(lastSentNs, nowNs - config.coalesceNs());
        Arrays.fill(isWaiting, false);
        patienceNs = NEVER;
    }

    /** A duty cycle begins, in which everything that waits is asked for again. */
    void beginCycle() {
        patienceNs = NEVER;
    }

    /** In how many nanoseconds something that waits wants to be sent; {@link #NEVER} when nothing does. */
    long patienceNs() {
        return patienceNs;
    }

    long sentBytes() {
        return sentBytes;
    }

    long sentMessages() {
        return sentMessages;
    }

    long backPressured() {
        return backPressured;
    }

    private static int indexOf(final Proposer proposer, final long acceptor) {
        int index = 0;
        while (proposer.acceptorId(index) != acceptor) {
            index++;
        }
        return index;
    }
}
