package dev.firn.walquorum.node;

import dev.firn.walquorum.log.BytesHandler;
import dev.firn.walquorum.log.WalLog;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.wire.AcceptorIds;
import org.agrona.DirectBuffer;

/**
 * What peers lack, and this node has: a window of bytes for each peer, from what it has on disk on. A peer that asks on, from
 * further than before, moves its window: what lies in it and was not sent yet follows, so that one piece comes while the one before
 * is written. A peer that asks for the same again, or for something else, did not get what was sent; it is sent again.
 *
 * <p>Bytes come from memory at once, or when the disk has read them. What the network has no room for waits for the next cycle.
 */
final class PeerFetches {
    /** Peers of both memberships, while one changes. */
    private static final int MAX_PEERS = 2 * Membership.MAX_MEMBERS;

    private static final long NOTHING = -1;

    private final long logId;
    private final NodeWire wire;
    private final WalLog log;
    private final int windowBytes;
    private final Slot[] slots = new Slot[MAX_PEERS];
    private final BytesHandler toPeer = this::sendBytes;
    private Slot served;
    private long sentBytes;
    private long refusedSends;

    /** @param windowBytes most bytes on the way to a peer: what its log has room for beyond what it has on disk. */
    PeerFetches(final long logId, final NodeWire wire, final WalLog log, final int windowBytes) {
        this.logId = logId;
        this.wire = wire;
        this.log = log;
        this.windowBytes = windowBytes;
        for (int i = 0; i < slots.length; i++) {
            slots[i] = new Slot();
        }
    }

    /** A peer has everything before {@code beginLsn}; what follows is to be sent, up to {@code endLsn} at most. */
    void serve(final long peer, final long term, final long beginLsn, final long endLsn) {
        final Slot slot = slotOf(peer);
        if (slot == null) {
            return;
        }
        final boolean goesOn =
                slot.peer == peer && slot.term == term && beginLsn > slot.askedLsn && beginLsn <= slot.nextLsn;
        slot.peer = peer;
        slot.term = term;
        slot.askedLsn = beginLsn;
        slot.limitLsn = Math.min(endLsn, beginLsn + windowBytes);
        if (!goesOn) {
            slot.nextLsn = beginLsn;
        }
    }

    /**
     * Sends on; returns for how many peers something was done.
     *
     * @param followedTerm the term whose bytes the log has: for peers of another one there are none.
     * @param startLsn where the log begins: whoever lacks what comes before is told so when it asks again.
     */
    int doWork(final long followedTerm, final long startLsn) {
        int work = 0;
        for (int i = 0; i < slots.length; i++) {
            final Slot slot = slots[i];
            if (slot.nextLsn >= slot.limitLsn || slot.isReading) {
                continue;
            }
            if (slot.term != followedTerm || slot.nextLsn < startLsn) {
                slot.limitLsn = NOTHING;
                continue;
            }
            final long before = slot.nextLsn;
            if (log.isRecent(before)) {
                served = slot;
                log.readRecent(before, slot.limitLsn, toPeer);
            } else {
                slot.isReading = log.read(i, before, slot.limitLsn);
            }
            work += slot.isReading || slot.nextLsn > before ? 1 : 0;
        }
        return work;
    }

    /** Bytes have come from the disk; they are the term's own while the log follows it. */
    void onRead(
            final long token,
            final long lsn,
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final boolean isLast,
            final long followedTerm) {
        served = slots[(int) token];
        // Only what comes next: the peer may have asked for something else since, or a piece before was refused.
        if (served.term == followedTerm && served.nextLsn == lsn) {
            sendBytes(lsn, buffer, offset, length);
        }
        if (isLast) {
            served.isReading = false;
        }
    }

    private int sendBytes(final long lsn, final DirectBuffer buffer, final int offset, final int length) {
        int sent = 0;
        while (sent < length) {
            final int part = Math.min(length - sent, wire.maxBodyBytes());
            final int head = wire.writer.fetched(logId, served.peer, served.term, lsn + sent);
            if (!wire.send(AcceptorIds.node(served.peer), head, buffer, offset + sent, part)) {
                refusedSends++;
                break;
            }
            sent += part;
            sentBytes += part;
        }
        served.nextLsn = lsn + sent;
        return sent;
    }

    long sentBytes() {
        return sentBytes;
    }

    long refusedSends() {
        return refusedSends;
    }

    static int maxTokens() {
        return MAX_PEERS;
    }

    /** The peer's own slot, or one that nobody reads for; null when there is none. */
    private Slot slotOf(final long peer) {
        Slot free = null;
        for (final Slot slot : slots) {
            if (slot.peer == peer) {
                return slot;
            }
            if (!slot.isReading && (free == null || slot.nextLsn >= slot.limitLsn)) {
                free = slot;
            }
        }
        return free;
    }

    private static final class Slot {
        private long peer;
        private long term;

        /** The peer had everything before this when it asked last. */
        private long askedLsn = NOTHING;

        /** What is sent next. */
        private long nextLsn;

        /** Where the window ends. */
        private long limitLsn = NOTHING;

        private boolean isReading;
    }
}
