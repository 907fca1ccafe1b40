package dev.firn.pagestore.upkeep;

import dev.firn.pagestore.key.Entry;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;

/** The image that was made of a chain, as an entry of an LSN. */
final class ImageEntry implements Entry {
    private final PageChain chain;
    private long lsn;

    ImageEntry(final PageChain chain) {
        this.chain = chain;
    }

    ImageEntry at(final long imageLsn) {
        lsn = imageLsn;
        return this;
    }

    @Override
    public long high() {
        return chain.high();
    }

    @Override
    public long middle() {
        return chain.middle();
    }

    @Override
    public long low() {
        return chain.low();
    }

    @Override
    public long lsn() {
        return lsn;
    }

    @Override
    public int kindByte() {
        return EntryKind.IMAGE | EntryKind.STANDS_ALONE;
    }

    @Override
    public int touch() {
        return 0;
    }

    @Override
    public long recordAtLsn() {
        return 0;
    }

    @Override
    public MemorySegment payloadSegment() {
        return chain.page();
    }

    @Override
    public long payloadOffset() {
        return 0;
    }

    @Override
    public int payloadLength() {
        return PageLayout.PAGE_BYTES;
    }
}
