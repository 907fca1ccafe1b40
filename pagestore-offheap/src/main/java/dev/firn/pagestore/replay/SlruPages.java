package dev.firn.pagestore.replay;

import dev.firn.postgres.file.Slru;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The SLRUs: which segments there are and how many pages each has. The pages themselves are in the {@link PageTable}, owned by the SLRU's number; they
 * come from the base's files when first asked for. A page that is in no file reads as zeroes, as it does in Postgres during recovery.
 */
final class SlruPages {
    private final BaseDirectory base;
    private final List<NavigableMap<Integer, Segment>> segments = new ArrayList<>();

    /** The page of each SLRU that was found to be there the last time. */
    private final int[] lastPages = new int[Slru.values().length];

    /** The newest page that was zeroed; -1 as long as none was. */
    private final int[] newestPages = new int[Slru.values().length];

    private PageTable table;

    /** A segment's file: how many pages it has, and how many of them are the base's. */
    private static final class Segment {
        private int pages;
        private int basePages;
    }

    SlruPages(final BaseDirectory base) {
        this.base = base;
        Arrays.fill(lastPages, -1);
        Arrays.fill(newestPages, -1);
        for (final Slru slru : Slru.values()) {
            segments.add(ofBase(slru));
        }
    }

    /** Where the pages are; told once, as the table asks this object for pages. */
    void table(final PageTable pages) {
        table = pages;
    }

    private NavigableMap<Integer, Segment> ofBase(final Slru slru) {
        final NavigableMap<Integer, Segment> found = new TreeMap<>();
        for (final String name : base.names(slru.directory())) {
            if (!name.matches("[0-9A-F]{4,6}")) {
                continue;
            }
            final Segment segment = new Segment();
            final long bytes =
                    BaseDirectory.sizeOf(base.root().resolve(slru.directory()).resolve(name));
            segment.pages = (int) Math.min(bytes / PageLayout.PAGE_BYTES, Slru.PAGES_PER_SEGMENT);
            segment.basePages = segment.pages;
            found.put(Integer.parseInt(name, 16), segment);
        }
        return found;
    }

    /** Reads a page from the base; zeroes when it has none. */
    void read(final Slru slru, final int page, final MemorySegment target) {
        final Segment segment = segments.get(slru.ordinal()).get(slru.segment(page));
        if (segment == null || page % Slru.PAGES_PER_SEGMENT >= segment.basePages) {
            target.fill((byte) 0);
        } else {
            base.read(slru.path(slru.segment(page)), slru.offsetInSegment(page), target);
        }
    }

    /** The page to change; it is there from now on. */
    MemorySegment toChange(final Slru slru, final int page) {
        final int frame = table.acquire(slru.ordinal(), page, true);
        table.changed(frame);
        if (lastPages[slru.ordinal()] != page) {
            grow(slru, page);
        }
        return table.page(frame);
    }

    /** A page becomes zeroes. */
    void zero(final Slru slru, final int page) {
        final int frame = table.acquire(slru.ordinal(), page, false);
        table.page(frame).fill((byte) 0);
        table.changed(frame);
        grow(slru, page);
        newestPages[slru.ordinal()] = page;
    }

    /** Whether a page is in its file, or will be. */
    boolean isThere(final Slru slru, final int page) {
        final Segment segment = segments.get(slru.ordinal()).get(slru.segment(page));
        return segment != null && page % Slru.PAGES_PER_SEGMENT < segment.pages;
    }

    /** Which page is the newest, before the log has zeroed one. */
    void newest(final Slru slru, final int page) {
        newestPages[slru.ordinal()] = page;
    }

    /** SimpleLruTruncate of slru.c. */
    void truncate(final Slru slru, final int cutoffPage) {
        final int newest = newestPages[slru.ordinal()];
        if (newest >= 0 && slru.precedes(newest, cutoffPage)) {
            return;
        }
        for (final int segment : List.copyOf(segments.get(slru.ordinal()).keySet())) {
            if (slru.segmentPrecedes(segment, cutoffPage)) {
                remove(slru, segment);
            }
        }
    }

    /** A segment's file goes. */
    void remove(final Slru slru, final int segment) {
        if (segments.get(slru.ordinal()).remove(segment) != null) {
            final int first = segment * Slru.PAGES_PER_SEGMENT;
            table.discard(slru.ordinal(), first, first + Slru.PAGES_PER_SEGMENT);
            lastPages[slru.ordinal()] = -1;
        }
    }

    /** All files of an SLRU go. */
    void removeAll(final Slru slru) {
        for (final int segment : List.copyOf(segments.get(slru.ordinal()).keySet())) {
            remove(slru, segment);
        }
    }

    /** The segments that there are, and how many pages each has. */
    NavigableMap<Integer, Integer> segments(final Slru slru) {
        final NavigableMap<Integer, Integer> found = new TreeMap<>();
        segments.get(slru.ordinal()).forEach((number, segment) -> found.put(number, segment.pages));
        return found;
    }

    /** How many of a segment's first pages the base's file has. */
    int basePages(final Slru slru, final int segment) {
        return segments.get(slru.ordinal()).get(segment).basePages;
    }

    private void grow(final Slru slru, final int page) {
        final Segment segment =
                segments.get(slru.ordinal()).computeIfAbsent(slru.segment(page), number -> new Segment());
        segment.pages = Math.max(segment.pages, page % Slru.PAGES_PER_SEGMENT + 1);
        lastPages[slru.ordinal()] = page;
    }
}
