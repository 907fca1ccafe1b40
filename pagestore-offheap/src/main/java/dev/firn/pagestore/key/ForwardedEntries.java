package dev.firn.pagestore.key;

import java.lang.foreign.MemorySegment;

/**
 * Entries of which each lies somewhere else: in a source, or in what was made of one. What it says of itself is kept when it becomes the current one:
 * a writer asks for each of it several times, and through a chain of sources each question would pass through all of them.
 */
public abstract class ForwardedEntries implements SortedEntries {
    private long high;
    private long middle;
    private long low;
    private long lsn;
    private long recordAtLsn;
    private long payloadOffset;
    private MemorySegment payloadSegment;
    private int payloadLength;
    private int kindByte;
    private int touch;

    protected ForwardedEntries() {}

    /** Makes an entry the current one. */
    protected final int give(final Entry entry) {
        high = entry.high();
        middle = entry.middle();
        low = entry.low();
        lsn = entry.lsn();
        recordAtLsn = entry.recordAtLsn();
        payloadOffset = entry.payloadOffset();
        payloadSegment = entry.payloadSegment();
        payloadLength = entry.payloadLength();
        kindByte = entry.kindByte();
        touch = entry.touch();
        return ENTRY;
    }

    @Override
    public final long high() {
        return high;
    }

    @Override
    public final long middle() {
        return middle;
    }

    @Override
    public final long low() {
        return low;
    }

    @Override
    public final long lsn() {
        return lsn;
    }

    @Override
    public final int kindByte() {
        return kindByte;
    }

    @Override
    public final int touch() {
        return touch;
    }

    @Override
    public final long recordAtLsn() {
        return recordAtLsn;
    }

    @Override
    public final MemorySegment payloadSegment() {
        return payloadSegment;
    }

    @Override
    public final long payloadOffset() {
        return payloadOffset;
    }

    @Override
    public final int payloadLength() {
        return payloadLength;
    }
}
