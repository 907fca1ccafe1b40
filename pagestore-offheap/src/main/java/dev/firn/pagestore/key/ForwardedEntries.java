package dev.firn.pagestore.key;

import java.lang.foreign.MemorySegment;

/** Entries of which each lies somewhere else: in a source, or in what was made of one. */
public abstract class ForwardedEntries implements SortedEntries {
    private Entry current;

    protected ForwardedEntries() {}

    /** Makes an entry the current one. */
    protected final int give(final Entry entry) {
        current = entry;
        return ENTRY;
    }

    @Override
    public final long high() {
        return current.high();
    }

    @Override
    public final long middle() {
        return current.middle();
    }

    @Override
    public final long low() {
        return current.low();
    }

    @Override
    public final long lsn() {
        return current.lsn();
    }

    @Override
    public final int kindByte() {
        return current.kindByte();
    }

    @Override
    public final int touch() {
        return current.touch();
    }

    @Override
    public final long recordAtLsn() {
        return current.recordAtLsn();
    }

    @Override
    public final MemorySegment payloadSegment() {
        return current.payloadSegment();
    }

    @Override
    public final long payloadOffset() {
        return current.payloadOffset();
    }

    @Override
    public final int payloadLength() {
        return current.payloadLength();
    }
}
