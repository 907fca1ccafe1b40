package dev.firn.pagestore.cluster;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.file.Slru;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Which segments each SLRU has and how many pages are in them, and which page was zeroed last. A byte a segment that there may be: no lookup
 * makes an object.
 */
public final class SlruSegments {
    /** What {@link #write} takes. */
    public static final int NEWEST_BYTES = Slru.values().length * Integer.BYTES;

    private static final int NONE = -1;

    private final byte[][] pages = new byte[Slru.values().length][];
    private final int[] counts = new int[pages.length];

    /** The newest page that was zeroed; -1 as long as none was. */
    private final int[] newest = new int[pages.length];

    /** No segments at all. */
    public SlruSegments() {
        for (final Slru slru : Slru.values()) {
            pages[slru.ordinal()] = new byte[slru.segment(slru.lastPage()) + 1];
        }
        Arrays.fill(newest, NONE);
    }

    /** Hears of segments. */
    @FunctionalInterface
    public interface SegmentHandler {
        void onSegment(Slru slru, int segment);
    }

    /** A segment's file has so many pages: more than none. */
    public void put(final Slru slru, final int segment, final int count) {
        final byte[] of = pages[slru.ordinal()];
        counts[slru.ordinal()] += of[segment] == 0 ? 1 : 0;
        of[segment] = (byte) count;
    }

    /** Whether a segment can have this number. */
    public static boolean isSegment(final Slru slru, final long segment) {
        return segment >= 0 && segment <= slru.segment(slru.lastPage());
    }

    /** How many pages a segment has; 0 when it isn't there. */
    public int pages(final Slru slru, final int segment) {
        return pages[slru.ordinal()][segment];
    }

    /** How many segments there are. */
    public int count(final Slru slru) {
        return counts[slru.ordinal()];
    }

    /** Whether a page is in its file. */
    public boolean isThere(final Slru slru, final int page) {
        return page % Slru.PAGES_PER_SEGMENT < pages(slru, slru.segment(page));
    }

    /** A page is there from now on, and all before it in its segment. Says whether it was not. */
    boolean grow(final Slru slru, final int page) {
        if (isThere(slru, page)) {
            return false;
        }
        put(slru, slru.segment(page), page % Slru.PAGES_PER_SEGMENT + 1);
        return true;
    }

    /** This is the newest page. */
    void newest(final Slru slru, final int page) {
        newest[slru.ordinal()] = page;
    }

    /** A segment goes. Says whether it was there. */
    public boolean remove(final Slru slru, final int segment) {
        final boolean there = pages(slru, segment) > 0;
        pages[slru.ordinal()][segment] = 0;
        counts[slru.ordinal()] -= there ? 1 : 0;
        return there;
    }

    /** SimpleLruTruncate of slru.c: which segments it removes. They are not removed here. */
    void truncated(final Slru slru, final int cutoffPage, final SegmentHandler handler) {
        final int last = newest[slru.ordinal()];
        if (last == NONE || !slru.precedes(last, cutoffPage)) {
            final byte[] of = pages[slru.ordinal()];
            for (int segment = 0; segment < of.length; segment++) {
                if (of[segment] > 0 && slru.segmentPrecedes(segment, cutoffPage)) {
                    handler.onSegment(slru, segment);
                }
            }
        }
    }

    /** All segments that there are, by number. */
    public void forEach(final Slru slru, final SegmentHandler handler) {
        final byte[] of = pages[slru.ordinal()];
        for (int segment = 0; segment < of.length; segment++) {
            if (of[segment] > 0) {
                handler.onSegment(slru, segment);
            }
        }
    }

    /** Writes which pages are the newest: an int each, in the order of {@link Slru}. */
    public void write(final MemorySegment to, final long at) {
        for (int i = 0; i < newest.length; i++) {
            LittleEndian.putInt(to, at + (long) i * Integer.BYTES, newest[i]);
        }
    }

    /** Reads what {@link #write} wrote. */
    public void read(final MemorySegment from, final long at) {
        for (int i = 0; i < newest.length; i++) {
            newest[i] = LittleEndian.getInt(from, at + (long) i * Integer.BYTES);
        }
    }
}
