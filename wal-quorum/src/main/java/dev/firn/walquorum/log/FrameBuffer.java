package dev.firn.walquorum.log;

import dev.firn.walquorum.term.TermHistory;
import java.lang.foreign.MemorySegment;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Frames in memory, one behind the other, round and round: at last the one that is filled, before it full ones that wait for
 * a write to end, then those that are on their way to the disk, before these the durable ones that nothing has been written over
 * yet, which are read from here.
 *
 * <p>Frames have numbers that rise: {@code tail <= oldest <= waiting <= filling}, where {@code oldest} is the first that is not known
 * to be durable, and {@code waiting} the first that is not sealed. A frame that is begun has room to grow to its full length;
 * closed, it takes only what it needs, so that many small ones stay.
 */
final class FrameBuffer {
    final MemorySegment memory;

    private final UnsafeBuffer view;
    private final int frameBytes;
    private final int mask;
    private final int[] positions;
    private final int[] payloads;
    private final int[] done;
    private final long[] lsns;
    private final long[] terms;
    private final FrameKind[] kinds;
    private final boolean[] durable;

    private long tail;
    private long oldest;
    private long waiting;
    private long filling;

    /** Where the frame begins that is filled, or the next one. */
    private int head;

    private boolean isOpen;

    /** What the frames take on disk that are closed and not sealed. */
    private int waitingBytes;

    FrameBuffer(final MemorySegment memory, final int frameBytes) {
        this.memory = memory;
        this.frameBytes = frameBytes;
        this.view = new UnsafeBuffer(memory.address(), (int) memory.byteSize());
        final int most = Integer.highestOneBit((int) (memory.byteSize() / FrameLayout.ALIGNMENT) + 2) * 2;
        this.mask = most - 1;
        this.positions = new int[most];
        this.payloads = new int[most];
        this.done = new int[most];
        this.lsns = new long[most];
        this.terms = new long[most];
        this.kinds = new FrameKind[most];
        this.durable = new boolean[most];
    }

    /** Begins the next frame; false when those on their way leave no room. */
    boolean begin(final FrameKind kind, final long term, final long lsn) {
        final boolean isWrapped = memory.byteSize() - head < frameBytes;
        final int at = isWrapped ? 0 : head;
        while (tail < filling && isInTheWay(at, isWrapped)) {
            if (tail == oldest) {
                return false;
            }
            tail++;
        }
        final int slot = slot(filling);
        head = at;
        positions[slot] = at;
        payloads[slot] = 0;
        done[slot] = 0;
        lsns[slot] = lsn;
        terms[slot] = term;
        kinds[slot] = kind;
        durable[slot] = false;
        isOpen = true;
        return true;
    }

    /** Whether the first frame has to go for one that begins here. */
    private boolean isInTheWay(final int at, final boolean isWrapped) {
        final int position = positions[slot(tail)];
        return (isWrapped && position >= head)
                || (position < at + frameBytes && position + FrameLayout.alignedBytes(payloads[slot(tail)]) > at);
    }

    /** Whether a frame is being filled. */
    boolean isOpen() {
        return isOpen;
    }

    /** Whether there is anything to be sealed. */
    boolean isWaiting() {
        return waiting < filling || isOpen;
    }

    /** What the frames that wait take on disk, the one that is filled not counted. */
    int waitingBytes() {
        return waitingBytes;
    }

    /** The frame that is filled waits as it is, and another one may be begun. */
    void close() {
        final int length = FrameLayout.alignedBytes(payloads[slot(filling)]);
        head = positions[slot(filling)] + length;
        waitingBytes += length;
        filling++;
        isOpen = false;
    }

    FrameKind openKind() {
        return kinds[slot(filling)];
    }

    int room() {
        return frameBytes - FrameLayout.HEADER_BYTES - payloads[slot(filling)];
    }

    void put(final DirectBuffer from, final int at, final int length) {
        final int slot = slot(filling);
        from.getBytes(at, view, positions[slot] + FrameLayout.HEADER_BYTES + payloads[slot], length);
        payloads[slot] += length;
    }

    void put(final TermHistory history) {
        final int slot = slot(filling);
        HistoryCodec.encode(history, memory, positions[slot] + FrameLayout.HEADER_BYTES);
        payloads[slot] = HistoryCodec.bytes(history);
    }

    /** Seals the first frame that waits; it is on its way from here on. Returns its checksum. */
    int seal(final int previousCrc, final long log, final long sequence) {
        if (waiting == filling) {
            close();
        }
        final int slot = slot(waiting);
        final int crc = FrameLayout.seal(
                memory,
                positions[slot],
                kinds[slot],
                payloads[slot],
                previousCrc,
                log,
                sequence,
                sequence - inFlight(),
                terms[slot],
                lsns[slot]);
        waitingBytes -= FrameLayout.alignedBytes(payloads[slot]);
        waiting++;
        return crc;
    }

    /** How many frames are sealed and not yet known to be durable. */
    int inFlight() {
        return (int) (waiting - oldest);
    }

    /** The number of the frame that is filled or comes next. */
    long filling() {
        return filling;
    }

    /** The number of the frame that is sealed next. */
    long waiting() {
        return waiting;
    }

    long oldest() {
        return oldest;
    }

    boolean isDurable(final long frame) {
        return durable[slot(frame)];
    }

    void markDurable(final long frame) {
        durable[slot(frame)] = true;
    }

    /** The oldest frame on its way is durable, as are all before it. */
    void oldestIsTold() {
        oldest++;
    }

    FrameKind kind(final long frame) {
        return kinds[slot(frame)];
    }

    long term(final long frame) {
        return terms[slot(frame)];
    }

    long lsn(final long frame) {
        return lsns[slot(frame)];
    }

    int payloadBytes(final long frame) {
        return payloads[slot(frame)];
    }

    int position(final long frame) {
        return positions[slot(frame)];
    }

    /** What of the frame has been written by writes that ended early; the sum with these further bytes. */
    int addDone(final long frame, final int bytes) {
        done[slot(frame)] += bytes;
        return done[slot(frame)];
    }

    /** Forgets what was kept to be read: the log goes on elsewhere. */
    void forgetKept() {
        tail = oldest;
    }

    /** Whether this byte is in a durable frame that is kept. */
    boolean holds(final long lsn) {
        skipHandOvers();
        return tail < oldest && lsn >= lsns[slot(tail)] && lsn < lsns[slot(oldest - 1)] + payloads[slot(oldest - 1)];
    }

    /**
     * Hands kept bytes on, from the first LSN to the second, as far as they are kept and taken.
     *
     * @return how many were taken.
     */
    long read(final long fromLsn, final long toLsn, final BytesHandler handler) {
        if (!holds(fromLsn)) {
            return 0;
        }
        long lsn = fromLsn;
        for (long frame = find(fromLsn); frame < oldest && lsn < toLsn; frame++) {
            final int slot = slot(frame);
            final int skipped = (int) (lsn - lsns[slot]);
            final int offered = (int) Math.min(toLsn - lsn, payloads[slot] - skipped);
            final int taken = handler.onBytes(lsn, view, positions[slot] + FrameLayout.HEADER_BYTES + skipped, offered);
            lsn += taken;
            if (taken < offered) {
                break;
            }
        }
        return lsn - fromLsn;
    }

    private long find(final long lsn) {
        long low = tail;
        long high = oldest - 1;
        while (low < high) {
            final long middle = low + (high - low + 1) / 2;
            if (lsns[slot(middle)] <= lsn) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    /** What was kept before a hand-over is forgotten when it begins, so one can stand first only. */
    private void skipHandOvers() {
        while (tail < oldest && kinds[slot(tail)] == FrameKind.HAND_OVER) {
            tail++;
        }
    }

    private int slot(final long frame) {
        return (int) frame & mask;
    }
}
