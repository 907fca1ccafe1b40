package dev.firn.postgres.toast;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.source.RelationPages;
import java.lang.foreign.MemorySegment;

/** Some pages of one relation: those that were asked for last, and when they are asked for one after another, those that come next. */
final class PageWindow {
    private final RelationPages pages;
    private final RelFileLocator relation;
    private final MemorySegment[] kept;
    private final long[] numbers;
    private final MemorySegment ahead;
    private final int aheadPages;
    private final PageFlyweight page = new PageFlyweight();
    private long blocks = -1;
    private long lastRead = -1;

    /**
     * @param keptPages how many are kept, each at the place that its number gives it.
     * @param aheadPages how many are read at once when they are asked for in their order.
     */
    PageWindow(final RelationPages pages, final RelFileLocator relation, final int keptPages, final int aheadPages) {
        this.pages = pages;
        this.relation = relation;
        this.aheadPages = aheadPages;
        kept = new MemorySegment[keptPages];
        numbers = new long[keptPages];
        ahead = memory(aheadPages);
    }

    private static MemorySegment memory(final int pages) {
        return MemorySegment.ofArray(new long[pages * (PageLayout.PAGE_BYTES / Long.BYTES)]);
    }

    /** A page with a sane header; borrowed until the next one. */
    PageFlyweight page(final int block) {
        final long number = Integer.toUnsignedLong(block);
        if (blocks < 0) {
            blocks = pages.blocks(relation, Fork.MAIN);
        }
        if (number >= blocks) {
            throw new MalformedDataException("relation " + relation + " has no block " + number + " of " + blocks);
        }
        final int place = (int) (number % kept.length);
        if (kept[place] == null || numbers[place] != number) {
            read(number);
        }
        page.wrap(kept[place], 0);
        if (page.isNew() || !page.isHeaderSane()) {
            throw new MalformedDataException("relation " + relation + ", block " + number + ": no page of a relation");
        }
        return page;
    }

    private void read(final long first) {
        final int count = first == lastRead + 1 ? (int) Math.min(aheadPages, blocks - first) : 1;
        pages.pages(relation, Fork.MAIN, first, count, ahead.asSlice(0, (long) count * PageLayout.PAGE_BYTES));
        for (int i = 0; i < count; i++) {
            final int place = (int) ((first + i) % kept.length);
            if (kept[place] == null) {
                kept[place] = memory(1);
            }
            MemorySegment.copy(ahead, (long) i * PageLayout.PAGE_BYTES, kept[place], 0, PageLayout.PAGE_BYTES);
            numbers[place] = first + i;
        }
        lastRead = first + count - 1;
    }
}
