package dev.firn.postgres.visibility;

import dev.firn.postgres.file.Slru;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.source.SlruPages;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** The pages of one SLRU that were asked for, by number. When it is full it begins anew: rows that are close ask for the same pages. */
final class SlruCache {
    /** Most pages that are kept: 8 MiB, which of the commit log are 33 million transactions. */
    static final int MAX_PAGES = 1 << 10;

    /** Twice as many, so that a search is short. */
    private static final int SLOTS = MAX_PAGES * 2;

    private static final int SPREAD = 0x9E37_79B9;

    private final SlruPages source;
    private final Slru slru;
    private final int[] numbers = new int[SLOTS];
    private final MemorySegment[] pages = new MemorySegment[SLOTS];
    private int count;
    private int lastNumber = -1;
    private MemorySegment last;

    SlruCache(final SlruPages source, final Slru slru) {
        this.source = source;
        this.slru = slru;
    }

    /** The page that has an id's entry. */
    MemorySegment pageOf(final int id) {
        final int number = slru.page(id);
        if (number != lastNumber) {
            last = find(number);
            lastNumber = number;
        }
        return last;
    }

    private MemorySegment find(final int number) {
        int slot = slot(number);
        while (pages[slot] != null) {
            if (numbers[slot] == number) {
                return pages[slot];
            }
            slot = (slot + 1) & (SLOTS - 1);
        }
        final MemorySegment page = MemorySegment.ofArray(new long[PageLayout.PAGE_BYTES / Long.BYTES]);
        source.slruPage(slru, number, page);
        if (count == MAX_PAGES) {
            Arrays.fill(pages, null);
            count = 0;
            slot = slot(number);
        }
        numbers[slot] = number;
        pages[slot] = page;
        count++;
        return page;
    }

    private static int slot(final int number) {
        return ((number * SPREAD) >>> Short.SIZE) & (SLOTS - 1);
    }
}
