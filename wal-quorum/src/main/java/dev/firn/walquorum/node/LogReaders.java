package dev.firn.walquorum.node;

import dev.firn.postgres.lsn.Lsn;
import dev.firn.walquorum.log.BytesHandler;
import dev.firn.walquorum.log.WalLog;
import dev.firn.walquorum.wire.Refusal;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;

/**
 * The readers of one log's committed WAL. Each has its own position and window; all get their turn in each duty cycle, beginning
 * with another one each time, and no more than a named number of bytes.
 *
 * <p>What a reader has missed it asks for again, by subscribing where it is. What the network has no room for is sent later.
 */
final class LogReaders {
    private static final int TOKEN_SLOT_BITS = Integer.numberOfTrailingZeros(WalNodeConfig.MAX_READERS);

    private final long logId;
    private final NodeWire wire;
    private final WalLog log;
    private final WalNodeConfig config;
    private final Subscription[] slots;
    private final BytesHandler toReader = this::sendBytes;
    private Subscription served;
    private boolean isSendRefused;
    private long committedLsn;
    private long nowNs;
    private int first;
    private long drawnTokens;
    private long sentBytes;
    private long refusedSends;

    LogReaders(final long logId, final NodeWire wire, final WalLog log, final WalNodeConfig config) {
        this.logId = logId;
        this.wire = wire;
        this.log = log;
        this.config = config;
        this.slots = new Subscription[config.maxReaders()];
    }

    void onSubscribe(
            final int from,
            final long readerId,
            final long fromLsn,
            final int windowBytes,
            final long startLsn,
            final long itsNowNs) {
        int at = find(from, readerId);
        if (fromLsn < startLsn) {
            remove(at);
            refuse(from, readerId, Refusal.TRIMMED, trimmed(fromLsn, startLsn));
            return;
        }
        if (at < 0) {
            at = free();
            if (at < 0) {
                refuse(
                        from,
                        readerId,
                        Refusal.NO_ROOM,
                        "the log has " + slots.length + " readers already, which is its limit");
                return;
            }
            slots[at] = new Subscription(from, readerId, tokenOf(at));
        }
        // Who asks again for what was lost still needs what it needed.
        slots[at].neededFromLsn = Math.min(slots[at].neededFromLsn, fromLsn);
        slots[at].begin(fromLsn, Math.min(windowBytes, config.maxReaderWindowBytes()), itsNowNs);
        slots[at].lastSentNs = itsNowNs - config.readerHeartbeatNs();
    }

    void onConsumed(
            final int from,
            final long readerId,
            final long receivedLsn,
            final long neededFromLsn,
            final long itsNowNs) {
        final int at = find(from, readerId);
        if (at < 0) {
            refuse(
                    from,
                    readerId,
                    Refusal.BAD_REQUEST,
                    "reader " + Long.toHexString(readerId) + " has no subscription here: subscribe again");
            return;
        }
        final Subscription reader = slots[at];
        reader.lastHeardNs = itsNowNs;
        reader.receivedLsn = Math.max(reader.receivedLsn, Math.min(receivedLsn, reader.nextLsn));
        reader.neededFromLsn = Math.min(neededFromLsn, reader.nextLsn);
    }

    void onUnsubscribe(final int from, final long readerId) {
        remove(find(from, readerId));
    }

    /** Sends what is committed; returns how much was done. */
    int doWork(final long itsCommittedLsn, final long startLsn, final long itsNowNs) {
        committedLsn = itsCommittedLsn;
        nowNs = itsNowNs;
        int work = 0;
        for (int i = 0; i < slots.length; i++) {
            final int at = first + i < slots.length ? first + i : first + i - slots.length;
            if (slots[at] != null) {
                work += serve(at, startLsn);
            }
        }
        first = first + 1 < slots.length ? first + 1 : 0;
        return work;
    }

    private int serve(final int at, final long startLsn) {
        final Subscription reader = slots[at];
        if (nowNs - reader.lastHeardNs >= config.readerTimeoutNs()) {
            remove(at);
            return 1;
        }
        if (reader.nextLsn < startLsn) {
            remove(at);
            refuse(reader.node, reader.readerId, Refusal.TRIMMED, trimmed(reader.nextLsn, startLsn));
            return 1;
        }
        final long limit = Math.min(
                Math.min(committedLsn, reader.receivedLsn + reader.windowBytes),
                reader.nextLsn + config.readerBytesPerCycle());
        if (reader.nextLsn < limit && !reader.isReading) {
            return send(reader, limit);
        }
        if (nowNs - reader.lastSentNs >= config.readerHeartbeatNs()) {
            final int length = wire.writer.walChunk(logId, reader.readerId, reader.nextLsn, committedLsn);
            count(wire.send(reader.node, length));
            reader.lastSentNs = nowNs;
            return 1;
        }
        return 0;
    }

    private int send(final Subscription reader, final long limit) {
        if (!log.isRecent(reader.nextLsn)) {
            reader.isReading = log.read(reader.token, reader.nextLsn, limit);
            return reader.isReading ? 1 : 0;
        }
        served = reader;
        isSendRefused = false;
        log.readRecent(reader.nextLsn, limit, toReader);
        return isSendRefused ? 0 : 1;
    }

    /** Bytes have come from the disk; not all are wanted any more when the reader has moved. */
    void onRead(
            final long token,
            final long lsn,
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final boolean isLast) {
        final Subscription reader = slots[(int) token & (WalNodeConfig.MAX_READERS - 1)];
        if (reader == null || reader.token != token) {
            return;
        }
        if (isLast) {
            reader.isReading = false;
        }
        final long limit = Math.min(lsn + length, reader.receivedLsn + reader.windowBytes);
        if (lsn <= reader.nextLsn && reader.nextLsn < limit) {
            served = reader;
            final int skipped = (int) (reader.nextLsn - lsn);
            sendBytes(reader.nextLsn, buffer, offset + skipped, (int) (limit - reader.nextLsn));
        }
    }

    private int sendBytes(final long lsn, final DirectBuffer buffer, final int offset, final int length) {
        int sent = 0;
        while (sent < length) {
            final int part = Math.min(length - sent, wire.maxBodyBytes());
            final int head = wire.writer.walChunk(logId, served.readerId, lsn + sent, committedLsn);
            if (!count(wire.send(served.node, head, buffer, offset + sent, part))) {
                isSendRefused = true;
                break;
            }
            sent += part;
            sentBytes += part;
            served.lastSentNs = nowNs;
        }
        served.nextLsn = lsn + sent;
        return sent;
    }

    /** What some reader may still ask for; {@link Long#MAX_VALUE} when there is none. */
    long neededFromLsn() {
        long needed = Long.MAX_VALUE;
        for (final Subscription reader : slots) {
            if (reader != null) {
                needed = Math.min(needed, reader.neededFromLsn);
            }
        }
        return needed;
    }

    /** Tells all that there is nothing more to come. */
    void refuseAll(final Refusal refusal, final String sentence) {
        for (int at = 0; at < slots.length; at++) {
            if (slots[at] != null) {
                refuse(slots[at].node, slots[at].readerId, refusal, sentence);
                remove(at);
            }
        }
    }

    List<ReaderStatus> status(final long itsCommittedLsn) {
        final List<ReaderStatus> readers = new ArrayList<>();
        for (final Subscription reader : slots) {
            if (reader != null) {
                readers.add(new ReaderStatus(
                        reader.readerId,
                        reader.node,
                        reader.nextLsn,
                        reader.receivedLsn,
                        reader.neededFromLsn,
                        Math.max(0, itsCommittedLsn - reader.receivedLsn)));
            }
        }
        return readers;
    }

    long sentBytes() {
        return sentBytes;
    }

    long refusedSends() {
        return refusedSends;
    }

    private void refuse(final int node, final long readerId, final Refusal refusal, final String sentence) {
        count(wire.send(node, wire.writer.refused(readerId, logId, refusal, sentence)));
    }

    private boolean count(final boolean isSent) {
        if (!isSent) {
            refusedSends++;
        }
        return isSent;
    }

    private static String trimmed(final long fromLsn, final long startLsn) {
        return "WAL from " + Lsn.format(fromLsn) + " on is asked for, but the log begins at " + Lsn.format(startLsn)
                + ": what is before is in the archive";
    }

    private int find(final int node, final long readerId) {
        for (int at = 0; at < slots.length; at++) {
            if (slots[at] != null && slots[at].readerId == readerId && slots[at].node == node) {
                return at;
            }
        }
        return -1;
    }

    private int free() {
        for (int at = 0; at < slots.length; at++) {
            if (slots[at] == null) {
                return at;
            }
        }
        return -1;
    }

    private void remove(final int at) {
        if (at >= 0) {
            slots[at] = null;
        }
    }

    /** Beyond the tokens of peers, and never used again in this life. */
    private long tokenOf(final int at) {
        drawnTokens++;
        return (drawnTokens << TOKEN_SLOT_BITS) | at;
    }

    /** Whether a read was begun here, and not for a peer. */
    static boolean isToken(final long token) {
        return token >= 1L << TOKEN_SLOT_BITS;
    }
}
