package dev.firn.postgres.redo.mask;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;

/** The masks that access methods share: access/common/bufmask.c. What is masked becomes zero (MASK_MARKER). */
public final class Masks {
    private Masks() {}

    /** mask_page_lsn_and_checksum. */
    public static void lsnAndChecksum(final PageFlyweight page) {
        page.lsn(0);
        page.checksum(0);
    }

    /** mask_page_hint_bits. */
    public static void pageHints(final PageFlyweight page) {
        page.pruneXid(0);
        page.clearFlag(PageLayout.PAGE_FULL | PageLayout.HAS_FREE_LINES | PageLayout.ALL_VISIBLE);
    }

    /** mask_unused_space: the hole. */
    public static void unusedSpace(final PageFlyweight page) {
        final int lower = page.lower();
        final int upper = page.upper();
        final int special = page.special();
        if (lower > upper || special < upper || lower < PageLayout.HEADER_BYTES || special > PageLayout.PAGE_BYTES) {
            throw new MalformedDataException(
                    "the page to compare has lower " + lower + ", upper " + upper + ", special " + special);
        }
        zero(page, lower, upper);
    }

    /** mask_lp_flags: the state of every line pointer that is used. */
    public static void linePointerStates(final PageFlyweight page) {
        final int count = page.linePointerCount();
        for (int offsetNumber = 1; offsetNumber <= count; offsetNumber++) {
            final int pointer = page.linePointer(offsetNumber);
            page.linePointer(
                    offsetNumber,
                    LinePointer.of(LinePointer.offset(pointer), LinePointer.UNUSED, LinePointer.length(pointer)));
        }
    }

    /** mask_page_content: all but the header, and where the hole begins and ends. */
    public static void content(final PageFlyweight page) {
        zero(page, PageLayout.HEADER_BYTES, PageLayout.PAGE_BYTES);
        page.lower(0);
        page.upper(0);
    }

    /** Zeroes bytes of the page. */
    public static void zero(final PageFlyweight page, final int from, final int to) {
        page.segment().asSlice(page.base() + from, (long) to - from).fill((byte) 0);
    }
}
