package dev.firn.postgres.redo.btree;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.IndexTuple;
import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;

/**
 * What btree adds to a page: its special space (BTPageOpaqueData of access/nbtree.h) and the pages that redo makes from nothing. Functions
 * over a page; each asks first that the special space has btree's size.
 */
final class BtreePage {
    /** sizeof(BTPageOpaqueData). */
    static final int SPECIAL_BYTES = 16;

    /** P_NONE: no sibling. Block 0 is the metapage, so it is nobody's. */
    static final int NO_BLOCK = 0;

    /** P_HIKEY: the high key's line pointer, on a page with a right sibling. */
    static final int HIGH_KEY = 1;

    // BTP_*: btpo_flags.
    static final int LEAF = 0x0001;
    static final int ROOT = 0x0002;
    static final int DELETED = 0x0004;
    static final int META = 0x0008;
    static final int HALF_DEAD = 0x0010;
    static final int SPLIT_END = 0x0020;
    static final int HAS_GARBAGE = 0x0040;
    static final int INCOMPLETE_SPLIT = 0x0080;
    static final int HAS_FULL_XID = 0x0100;

    private static final int SPECIAL_AT = PageLayout.PAGE_BYTES - SPECIAL_BYTES;
    private static final int PREVIOUS_OFFSET = SPECIAL_AT;
    private static final int NEXT_OFFSET = SPECIAL_AT + 4;
    private static final int LEVEL_OFFSET = SPECIAL_AT + 8;
    private static final int FLAGS_OFFSET = SPECIAL_AT + 12;
    private static final int CYCLE_OFFSET = SPECIAL_AT + 14;

    private BtreePage() {}

    /** Asks that the page has btree's special space. All else here relies on it. */
    static PageFlyweight require(final PageFlyweight page) {
        if (page.special() != SPECIAL_AT) {
            throw new MalformedDataException(
                    "the page is none of a btree: its special space begins at " + page.special());
        }
        return page;
    }

    /** _bt_pageinit, and the special space of a page of the tree. */
    static void initialize(
            final PageFlyweight page, final int previous, final int next, final int level, final int flags) {
        page.initialize(SPECIAL_BYTES);
        previous(page, previous);
        next(page, next);
        LittleEndian.putInt(page.segment(), page.base() + LEVEL_OFFSET, level);
        flags(page, flags);
    }

    /** PageGetTempPageCopySpecial: an empty page with the special space of another. */
    static void initializeLike(final PageFlyweight page, final PageFlyweight old) {
        require(old);
        page.initialize(SPECIAL_BYTES);
        MemorySegment.copy(
                old.segment(), old.base() + SPECIAL_AT, page.segment(), page.base() + SPECIAL_AT, SPECIAL_BYTES);
    }

    /** btpo_prev. */
    static void previous(final PageFlyweight page, final int block) {
        LittleEndian.putInt(require(page).segment(), page.base() + PREVIOUS_OFFSET, block);
    }

    /** btpo_next. */
    static int next(final PageFlyweight page) {
        return LittleEndian.getInt(require(page).segment(), page.base() + NEXT_OFFSET);
    }

    /** btpo_next. */
    static void next(final PageFlyweight page, final int block) {
        LittleEndian.putInt(require(page).segment(), page.base() + NEXT_OFFSET, block);
    }

    /** btpo_flags. */
    static int flags(final PageFlyweight page) {
        return LittleEndian.getUnsignedShort(require(page).segment(), page.base() + FLAGS_OFFSET);
    }

    /** btpo_flags. */
    static void flags(final PageFlyweight page, final int flags) {
        LittleEndian.putShort(require(page).segment(), page.base() + FLAGS_OFFSET, flags);
    }

    /** Clears bits of btpo_flags. */
    static void clearFlags(final PageFlyweight page, final int flags) {
        flags(page, flags(page) & ~flags);
    }

    /** btpo_cycleid: the vacuum that ran when the page was split last. Redo knows none. */
    static void clearCycle(final PageFlyweight page) {
        LittleEndian.putShort(require(page).segment(), page.base() + CYCLE_OFFSET, 0);
    }

    /** P_FIRSTDATAKEY: the first line pointer that is not the high key's. */
    static int firstDataOffset(final PageFlyweight page) {
        return next(page) == NO_BLOCK ? HIGH_KEY : HIGH_KEY + 1;
    }

    /**
     * A leaf that is half dead: nothing on it but a high key without attributes, whose downlink is the top of the subtree that goes
     * (BTreeTupleSetTopParent).
     */
    static void initializeHalfDead(final PageFlyweight page, final int previous, final int next, final int topParent) {
        initialize(page, previous, next, 0, HALF_DEAD | LEAF);
        final int upper = page.upper() - IndexTuple.HEADER_BYTES;
        final long tuple = page.base() + upper;
        IndexTuple.block(page.segment(), tuple, topParent);
        IndexTuple.offsetNumber(page.segment(), tuple, 0);
        IndexTuple.info(page.segment(), tuple, IndexTuple.HEADER_BYTES | IndexTuple.ACCESS_METHOD_BIT);
        page.lower(page.lower() + PageLayout.LINE_POINTER_BYTES);
        page.upper(upper);
        page.linePointer(HIGH_KEY, LinePointer.of(upper, LinePointer.NORMAL, IndexTuple.HEADER_BYTES));
    }

    /** A page that has left the tree: BTPageSetDeleted, with the transaction id after which it may be used again. */
    static void initializeDeleted(
            final PageFlyweight page, final int previous, final int next, final int level, final long safeFullXid) {
        initialize(page, previous, next, level, DELETED | HAS_FULL_XID | (level == 0 ? LEAF : 0));
        LittleEndian.putLong(page.segment(), page.base() + PageLayout.HEADER_BYTES, safeFullXid);
        page.lower(PageLayout.HEADER_BYTES + Long.BYTES);
    }
}
