package dev.firn.pagestore.timeline;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;

/**
 * Finished pages, off-heap, of each key the newest that was asked for. A page is known to be right for every LSN from its <em>version</em>, the LSN
 * of the last entry in it, to its <em>known LSN</em>, the highest it was read at; for a later one it is where a read stops, as at an image.
 *
 * <p>Replacement is by second chance. Belongs to the shard's thread; neither a hit nor an insertion makes an object.
 */
final class PageCache implements AutoCloseable {
    /** No page of the key is here. */
    static final int ABSENT = -1;

    private static final MemoryTag TAG = MemoryTag.of("page-cache");

    /** Slots a frame, so that a chain of collisions is short. */
    private static final int SLOTS_A_FRAME = 2;

    private final OffHeapMemory memory;
    private final MemorySegment[] pages;
    private final int[] timelines;
    private final long[] highs;
    private final long[] middles;
    private final long[] lows;
    private final long[] versions;
    private final long[] knowns;
    private final boolean[] referenced;

    /** Reads that answer with the frame itself: its page stays as it is. */
    private final int[] pins;

    /** Frame plus one; 0 in a free slot. */
    private final int[] slots;

    private int used;
    private int hand;

    PageCache(final OffHeapMemory memory, final int frames) {
        if (frames < 1 || frames > 1 << 28) {
            throw new IllegalArgumentException("a page cache of " + frames + " pages");
        }
        this.memory = memory;
        this.pages = new MemorySegment[frames];
        this.timelines = new int[frames];
        this.highs = new long[frames];
        this.middles = new long[frames];
        this.lows = new long[frames];
        this.versions = new long[frames];
        this.knowns = new long[frames];
        this.referenced = new boolean[frames];
        this.pins = new int[frames];
        this.slots = new int[Integer.highestOneBit(frames) * 2 * SLOTS_A_FRAME];
    }

    @Override
    public void close() {
        for (int i = 0; i < used; i++) {
            memory.free(pages[i]);
        }
        used = 0;
    }

    /** The frame with the key's page, or {@link #ABSENT}. */
    int find(final int timeline, final long high, final long middle, final long low) {
        final int mask = slots.length - 1;
        int slot = slotOf(timeline, high, middle, low);
        while (slots[slot] != 0) {
            final int frame = slots[slot] - 1;
            if (lows[frame] == low
                    && middles[frame] == middle
                    && highs[frame] == high
                    && timelines[frame] == timeline) {
                referenced[frame] = true;
                return frame;
            }
            slot = slot + 1 & mask;
        }
        return ABSENT;
    }

    /** The LSN of the last entry in the page. */
    long version(final int frame) {
        return versions[frame];
    }

    /** Up to which LSN the page is known not to have changed. */
    long known(final int frame) {
        return knowns[frame];
    }

    /** It was found that the page has not changed up to a later LSN. */
    void known(final int frame, final long lsn) {
        knowns[frame] = lsn;
    }

    /** The page itself, for a look. */
    MemorySegment page(final int frame) {
        return pages[frame];
    }

    /** The page itself, which stays as it is until it is {@linkplain #unpin unpinned}; nobody writes into it. */
    MemorySegment pin(final int frame) {
        pins[frame]++;
        return pages[frame];
    }

    void unpin(final int frame) {
        pins[frame]--;
    }

    void copyTo(final int frame, final MemorySegment target) {
        MemorySegment.copy(pages[frame], 0, target, 0, PageLayout.PAGE_BYTES);
    }

    /** Keeps a copy, unless a later one of the same key is here, or one that is being answered with. */
    void put(
            final int timeline,
            final long high,
            final long middle,
            final long low,
            final long version,
            final long known,
            final MemorySegment page) {
        int frame = find(timeline, high, middle, low);
        if (frame != ABSENT && knowns[frame] > known) {
            return;
        }
        if (frame != ABSENT && versions[frame] == version) {
            knowns[frame] = known;
            return;
        }
        if (frame != ABSENT && pins[frame] > 0) {
            return;
        }
        if (frame == ABSENT) {
            frame = freeFrame();
            if (frame == ABSENT) {
                return;
            }
            timelines[frame] = timeline;
            highs[frame] = high;
            middles[frame] = middle;
            lows[frame] = low;
            index(frame);
        }
        referenced[frame] = false;
        versions[frame] = version;
        knowns[frame] = known;
        MemorySegment.copy(page, 0, pages[frame], 0, PageLayout.PAGE_BYTES);
    }

    /** Frames get their memory when they are first used: a cache that is too large for its memory is smaller. */
    private int freeFrame() {
        if (used < pages.length) {
            final MemorySegment fresh = memory.tryAllocate(PageLayout.PAGE_BYTES, TAG);
            if (fresh != null) {
                pages[used] = fresh;
                return used++;
            }
            if (used == 0) {
                return ABSENT;
            }
        }
        // Twice around: once each frame is given its second chance, and once for those that are not pinned.
        for (int looked = 0; referenced[hand] || pins[hand] > 0; looked++) {
            if (looked == 2 * used) {
                return ABSENT;
            }
            referenced[hand] = false;
            hand = (hand + 1) % used;
        }
        final int frame = hand;
        hand = (hand + 1) % used;
        unindex(frame);
        return frame;
    }

    private void index(final int frame) {
        final int mask = slots.length - 1;
        int slot = slotOf(timelines[frame], highs[frame], middles[frame], lows[frame]);
        while (slots[slot] != 0) {
            slot = slot + 1 & mask;
        }
        slots[slot] = frame + 1;
    }

    /** Removes by moving back what stands behind, so that no slot needs a mark of what was there. */
    private void unindex(final int frame) {
        final int mask = slots.length - 1;
        int gap = slotOf(timelines[frame], highs[frame], middles[frame], lows[frame]);
        while (slots[gap] != frame + 1) {
            gap = gap + 1 & mask;
        }
        for (int next = gap + 1 & mask; slots[next] != 0; next = next + 1 & mask) {
            final int moved = slots[next] - 1;
            final int home = slotOf(timelines[moved], highs[moved], middles[moved], lows[moved]);
            if ((next - home & mask) >= (next - gap & mask)) {
                slots[gap] = slots[next];
                gap = next;
            }
        }
        slots[gap] = 0;
    }

    private int slotOf(final int timeline, final long high, final long middle, final long low) {
        return (int) PageKeys.hash(high, middle, low + ((long) timeline << 40)) & slots.length - 1;
    }
}
