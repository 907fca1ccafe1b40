package dev.firn.walquorum.archive;

import java.lang.foreign.MemorySegment;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/** A log in memory: hands over what it is asked for, in pieces of random lengths, and forgets what it is told to. */
final class SyntheticLog implements CommittedWal {
    private static final int LONGEST_PIECE = 300_000;

    private final LongFunction<byte[]> segments;
    private final LongSupplier committed;
    private final RandomGenerator random;
    private long startLsn;
    private long fromLsn;
    private long toLsn;
    private long servedBytes;
    private long releasedLsn;
    private long lastNumber = -1;
    private byte[] last;

    SyntheticLog(
            final LongFunction<byte[]> segments,
            final LongSupplier committed,
            final long startLsn,
            final RandomGenerator random) {
        this.segments = segments;
        this.committed = committed;
        this.startLsn = startLsn;
        this.random = random;
    }

    private byte[] segment(final long number) {
        if (number != lastNumber) {
            lastNumber = number;
            last = segments.apply(number);
        }
        return last;
    }

    void trim(final long lsn) {
        startLsn = lsn;
    }

    long servedBytes() {
        return servedBytes;
    }

    @Override
    public long startLsn() {
        return startLsn;
    }

    @Override
    public long committedLsn() {
        return committed.getAsLong();
    }

    @Override
    public void demand(final long from, final long to) {
        if (from < startLsn || to > committed.getAsLong() || from >= to) {
            throw new AssertionError(
                    "asked for " + from + ".." + to + ", and there is " + startLsn + ".." + committed.getAsLong());
        }
        fromLsn = from;
        toLsn = to;
    }

    @Override
    public void release(final long lsn) {
        if (lsn < releasedLsn) {
            throw new AssertionError("released " + lsn + " after " + releasedLsn);
        }
        releasedLsn = lsn;
    }

    @Override
    public int poll(final Handler handler) {
        if (fromLsn >= toLsn || fromLsn < startLsn || random.nextInt(4) == 0) {
            return 0;
        }
        final int inSegment = (int) (fromLsn % SyntheticWal.SEGMENT);
        final int length = (int) Math.min(
                Math.min(toLsn - fromLsn, SyntheticWal.SEGMENT - inSegment), 1 + random.nextInt(LONGEST_PIECE));
        final int taken = handler.onCommitted(
                fromLsn, MemorySegment.ofArray(segment(fromLsn / SyntheticWal.SEGMENT)), inSegment, length);
        fromLsn += taken;
        servedBytes += taken;
        return 1;
    }
}
