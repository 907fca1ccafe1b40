package dev.firn.postgres.page;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * The free space map (storage/fsm_internals.h, freespace.c, fsmpage.c): a tree of pages, three levels deep, whose root is block 0. A
 * page is a binary tree of bytes in an array: each inner node is the greater of its children, each leaf the free space of a heap block
 * or, above the bottom level, the root of a page below.
 *
 * <p>It is a hint and not logged; redo sets leaves and their ancestors on the same page, and never the pages above.
 */
public final class FreeSpaceMap {
    /** A heap tuple can't be larger, so this much free space is as good as an empty page (MaxHeapTupleSize). */
    static final int MAX_REQUEST_BYTES =
            PageLayout.PAGE_BYTES - PageLayout.align(PageLayout.HEADER_BYTES + PageLayout.LINE_POINTER_BYTES);

    /** What a category counts. */
    private static final int STEP_BYTES = PageLayout.PAGE_BYTES / 256;

    private static final int MAX_CATEGORY = 255;

    /** fp_next_slot, where a search begins, comes first. */
    private static final int NODES_OFFSET = PageLayout.HEADER_BYTES + Integer.BYTES;

    private static final int NODES = PageLayout.PAGE_BYTES - NODES_OFFSET;
    private static final int INNER_NODES = PageLayout.PAGE_BYTES / 2 - 1;
    private static final int LEVELS = 3;

    /** How many leaves a page has. */
    public static final int SLOTS_PER_PAGE = NODES - INNER_NODES;

    private FreeSpaceMap() {}

    /** The map's block whose leaves cover a heap block; a uint32. */
    public static int mapBlock(final int heapBlock) {
        long leafPage = Integer.toUnsignedLong(heapBlock) / SLOTS_PER_PAGE;
        long pages = 0;
        for (int level = 0; level < LEVELS; level++) {
            pages += leafPage + 1;
            leafPage /= SLOTS_PER_PAGE;
        }
        return (int) (pages - 1);
    }

    /** The leaf of a heap block on that page. */
    public static int slot(final int heapBlock) {
        return Integer.remainderUnsigned(heapBlock, SLOTS_PER_PAGE);
    }

    /** The category that a block with this much free space gets: what it surely has, in steps of 32 bytes. */
    public static int categoryOf(final int freeBytes) {
        Objects.checkIndex(freeBytes, PageLayout.PAGE_BYTES);
        return freeBytes >= MAX_REQUEST_BYTES ? MAX_CATEGORY : Math.min(freeBytes / STEP_BYTES, MAX_CATEGORY - 1);
    }

    /** The free space that a category promises. */
    public static int bytesOf(final int category) {
        Objects.checkIndex(category, MAX_CATEGORY + 1);
        return category == MAX_CATEGORY ? MAX_REQUEST_BYTES : category * STEP_BYTES;
    }

    /** A leaf's category. */
    public static int get(final PageFlyweight page, final int slot) {
        return node(page, INNER_NODES + Objects.checkIndex(slot, SLOTS_PER_PAGE));
    }

    /** The greatest category on the page: its root. */
    public static int greatest(final PageFlyweight page) {
        return node(page, 0);
    }

    /** Sets a leaf and what follows from it up to the page's root (fsm_set_avail), and says whether the page changed. */
    public static boolean set(final PageFlyweight page, final int slot, final int category) {
        Objects.checkIndex(category, MAX_CATEGORY + 1);
        int node = INNER_NODES + Objects.checkIndex(slot, SLOTS_PER_PAGE);
        if (node(page, node) == category && category <= greatest(page)) {
            return false;
        }
        node(page, node, category);
        do {
            node = (node - 1) / 2;
            final int greater = greaterChild(page, node);
            if (node(page, node) == greater) {
                break;
            }
            node(page, node, greater);
        } while (node > 0);
        if (category > greatest(page)) {
            // An ancestor was wrong already: a torn write. Postgres rebuilds the page then.
            rebuild(page);
        }
        return true;
    }

    /** Clears the leaves from a slot on (fsm_truncate_avail), and says whether the page changed. */
    public static boolean clearFrom(final PageFlyweight page, final int slot) {
        boolean changed = false;
        for (int node = INNER_NODES + Objects.checkIndex(slot, SLOTS_PER_PAGE); node < NODES; node++) {
            changed |= node(page, node) != 0;
            node(page, node, 0);
        }
        if (changed) {
            rebuild(page);
        }
        return changed;
    }

    /** Computes all inner nodes anew (fsm_rebuild_page), and says whether one was wrong. */
    public static boolean rebuild(final PageFlyweight page) {
        boolean changed = false;
        for (int node = INNER_NODES - 1; node >= 0; node--) {
            final int greater = greaterChild(page, node);
            if (node(page, node) != greater) {
                node(page, node, greater);
                changed = true;
            }
        }
        return changed;
    }

    /** The leaf level isn't full, so the last inner nodes have one child or none. */
    private static int greaterChild(final PageFlyweight page, final int node) {
        final int left = 2 * node + 1;
        final int leftValue = left < NODES ? node(page, left) : 0;
        return left + 1 < NODES ? Math.max(leftValue, node(page, left + 1)) : leftValue;
    }

    private static int node(final PageFlyweight page, final int node) {
        final MemorySegment segment = page.segment();
        return LittleEndian.getUnsignedByte(segment, page.base() + NODES_OFFSET + node);
    }

    private static void node(final PageFlyweight page, final int node, final int category) {
        LittleEndian.putByte(page.segment(), page.base() + NODES_OFFSET + node, category);
    }
}
