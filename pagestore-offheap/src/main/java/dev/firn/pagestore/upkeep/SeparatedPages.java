package dev.firn.pagestore.upkeep;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.key.Entry;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.key.ForwardedEntries;
import dev.firn.pagestore.key.SortedEntries;
import dev.firn.pagestore.rebuild.DamagedStoreException;
import dev.firn.pagestore.rebuild.Gathered;
import dev.firn.pagestore.rebuild.HintHistory;
import dev.firn.pagestore.rebuild.PageBuilder;
import dev.firn.postgres.page.PageLayout;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;

/**
 * A source in which a page stands in the place of a record that makes it and is longer than a page. Such a record makes several: who builds an index
 * logs the images of up to 32 pages as one. A memory table has it once; in layers it would be written, and read, as often as it makes pages.
 */
final class SeparatedPages extends ForwardedEntries implements AutoCloseable {
    private static final Logger LOG = System.getLogger(SeparatedPages.class.getPackageName());
    private static final MemoryTag TAG = MemoryTag.of("image-pages");

    private final SortedEntries source;
    private final PageBuilder builder;
    private final OffHeapMemory memory;
    private final MemorySegment page;
    private final Gathered record;
    private final Page made = new Page();

    SeparatedPages(final SortedEntries source, final PageBuilder builder, final OffHeapMemory memory) {
        this.source = source;
        this.builder = builder;
        this.memory = memory;
        this.record = new Gathered(memory);
        this.page = memory.allocate(PageLayout.PAGE_BYTES, TAG);
    }

    @Override
    public int advance() {
        final int step = source.advance();
        if (step != ENTRY) {
            return step;
        }
        final boolean makesPages = source.payloadLength() > PageLayout.PAGE_BYTES
                && source.kindByte() == (EntryKind.RECORD | EntryKind.STANDS_ALONE)
                && LayerOutput.isPage(source.high());
        return give(makesPages && build() ? made : source);
    }

    /** What can't be applied stays a record, and is told to who reads it. */
    private boolean build() {
        record.clear();
        record.add(
                source.lsn(),
                source.recordAtLsn(),
                source.kindByte(),
                source.touch(),
                source.payloadSegment(),
                source.payloadOffset(),
                source.payloadLength());
        try {
            // Whether hint bits were logged matters to records that change a page, not to those that make it.
            builder.buildFrom(0, record, HintHistory.NONE, page, source.high(), source.middle(), source.low());
            return true;
        } catch (final DamagedStoreException e) {
            LOG.log(Level.DEBUG, "a record is kept as it is: {0}", e.getMessage());
            return false;
        }
    }

    @Override
    public void close() {
        record.close();
        memory.free(page);
    }

    /** The source's entry, with the page that it makes. */
    private final class Page implements Entry {
        @Override
        public long high() {
            return source.high();
        }

        @Override
        public long middle() {
            return source.middle();
        }

        @Override
        public long low() {
            return source.low();
        }

        @Override
        public long lsn() {
            return source.lsn();
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
            return page;
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
}
