package dev.firn.pagestore.replay;

import dev.firn.pagestore.cluster.SlruSegments;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The SLRUs' pages. They are in the {@link PageTable}, owned by the SLRU's number, and come from the base's files when first asked for. A page
 * that is in no file reads as zeroes, as it does in Postgres during recovery. Which segments there are is in {@link SlruSegments}.
 */
final class SlruPages {
    private final BaseDirectory base;
    private final SlruSegments segments = new SlruSegments();

    /** How many of each segment's pages are the base's. */
    private final SlruSegments baseSegments = new SlruSegments();

    private PageTable table;

    SlruPages(final BaseDirectory base) {
        this.base = base;
        for (final Slru slru : Slru.values()) {
            for (final String name : base.names(slru.directory())) {
                takeFile(slru, name);
            }
        }
    }

    private void takeFile(final Slru slru, final String name) {
        if (!name.matches("[0-9A-F]{4,6}") || !SlruSegments.isSegment(slru, Integer.parseInt(name, 16))) {
            return;
        }
        final long bytes =
                BaseDirectory.sizeOf(base.root().resolve(slru.directory()).resolve(name));
        final int pages = (int) Math.min(bytes / PageLayout.PAGE_BYTES, Slru.PAGES_PER_SEGMENT);
        if (pages > 0) {
            segments.put(slru, Integer.parseInt(name, 16), pages);
            baseSegments.put(slru, Integer.parseInt(name, 16), pages);
        }
    }

    /** Where the pages are; told once, as the table asks this object for pages. */
    void table(final PageTable pages) {
        table = pages;
    }

    /** Which segments there are. */
    SlruSegments segments() {
        return segments;
    }

    /** Reads a page from the base; zeroes when it has none. */
    void read(final Slru slru, final int page, final MemorySegment target) {
        if (baseSegments.isThere(slru, page)) {
            base.read(slru.path(slru.segment(page)), slru.offsetInSegment(page), target);
        } else {
            target.fill((byte) 0);
        }
    }

    /** The page to change; it is there from now on. */
    MemorySegment toChange(final Slru slru, final int page) {
        final int frame = table.acquire(slru.ordinal(), page, true);
        table.changed(frame);
        return table.page(frame);
    }

    /** A page becomes zeroes. */
    void zero(final Slru slru, final int page) {
        final int frame = table.acquire(slru.ordinal(), page, false);
        table.page(frame).fill((byte) 0);
        table.changed(frame);
    }

    /** A segment's file goes: what the base has of it counts no more. */
    void remove(final Slru slru, final int segment) {
        baseSegments.remove(slru, segment);
        final int first = segment * Slru.PAGES_PER_SEGMENT;
        table.discard(slru.ordinal(), first, first + Slru.PAGES_PER_SEGMENT);
    }

    /** The segments that there are, and how many pages each has. */
    NavigableMap<Integer, Integer> segments(final Slru slru) {
        final NavigableMap<Integer, Integer> found = new TreeMap<>();
        segments.forEach(slru, (of, number) -> found.put(number, segments.pages(of, number)));
        return found;
    }

    /** How many of a segment's first pages the base's file has. */
    int basePages(final Slru slru, final int segment) {
        return baseSegments.pages(slru, segment);
    }
}
