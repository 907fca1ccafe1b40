package dev.firn.walquorum.archive;

import dev.firn.walquorum.reader.CommittedWalReader;
import dev.firn.walquorum.reader.CommittedWalReaders;
import dev.firn.walquorum.reader.ReaderState;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.agrona.DirectBuffer;

/**
 * Committed WAL that a reader brings from the WAL nodes. The bytes come while the readers' owner moves them on, and wait with the
 * reader when nobody wants them.
 */
final class ReaderWal implements CommittedWal, AutoCloseable {
    private final CommittedWalReader reader;
    private long startLsn;
    private long committedLsn;
    private long fromLsn;
    private long toLsn;

    /** Where bytes go, set for the length of a poll. */
    private Handler handler;

    /** @param nodes the WAL nodes that have the log, the nearest first. */
    ReaderWal(final CommittedWalReaders readers, final long logId, final List<Integer> nodes, final long startLsn) {
        this.startLsn = startLsn;
        this.committedLsn = startLsn;
        this.fromLsn = startLsn;
        this.toLsn = startLsn;
        this.reader = readers.open(logId, nodes, startLsn, this::onWal);
    }

    @Override
    public long startLsn() {
        if (reader.state() == ReaderState.TRIMMED && fromLsn < toLsn) {
            // No node has it any more: it is archived. What follows may be there.
            startLsn = Math.max(startLsn, fromLsn + 1);
        }
        return startLsn;
    }

    /** The nodes have nothing before this any more. */
    void trimmed(final long lsn) {
        startLsn = Math.max(startLsn, lsn);
        if (fromLsn >= toLsn) {
            release(startLsn);
        }
    }

    @Override
    public long committedLsn() {
        committedLsn = Math.max(committedLsn, reader.committedLsn());
        return committedLsn;
    }

    @Override
    public void demand(final long from, final long to) {
        fromLsn = from;
        toLsn = to;
        if (reader.positionLsn() != from || reader.state() == ReaderState.TRIMMED) {
            reader.moveTo(from);
        }
    }

    @Override
    public void release(final long lsn) {
        final long next = Math.max(lsn, startLsn);
        fromLsn = next;
        toLsn = next;
        // A reader whose nodes have trimmed hears of nothing any more until it is moved.
        if (reader.positionLsn() < next || reader.state() == ReaderState.TRIMMED) {
            reader.moveTo(next);
        }
    }

    /** Hands over what has come: the readers' owner calls it around moving them on. */
    @Override
    public int poll(final Handler taker) {
        handler = taker;
        return 0;
    }

    private int onWal(final long lsn, final DirectBuffer buffer, final int offset, final int length) {
        if (handler == null || lsn != fromLsn || fromLsn >= toLsn) {
            return 0;
        }
        final int wanted = (int) Math.min(length, toLsn - fromLsn);
        final int taken = handler.onCommitted(lsn, segmentOf(buffer, offset, wanted), 0, wanted);
        fromLsn += taken;
        return taken;
    }

    /** The buffer's memory is borrowed for as long as the bytes are. */
    private static MemorySegment segmentOf(final DirectBuffer buffer, final int offset, final int length) {
        return buffer.byteArray() != null
                ? MemorySegment.ofArray(buffer.byteArray()).asSlice(buffer.wrapAdjustment() + (long) offset, length)
                : MemorySegment.ofAddress(buffer.addressOffset() + offset).reinterpret(length);
    }

    @Override
    public void close() {
        reader.close();
    }
}
