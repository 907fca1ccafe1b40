package dev.firn.postgres.redo.brin;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;

/** The pages of a BRIN index: access/brin_page.h, brin_pageops.c and brin_revmap.c. */
final class BrinPage {
    // BRIN_PAGETYPE_*: the last two bytes of the page.
    static final int META = 0xF091;
    static final int REVMAP = 0xF092;
    static final int REGULAR = 0xF093;

    /** BRIN_EVACUATE_PAGE: a flag of the special space. */
    private static final int EVACUATE = 0x0001;

    /** BrinSpecialSpace: flags and type are in its last four bytes. */
    private static final int SPECIAL_BYTES = 8;

    private static final int FLAGS_OFFSET = 4;
    private static final int TYPE_OFFSET = 6;

    // BrinMetaPageData.
    private static final int META_BYTES = 16;
    private static final int META_MAGIC = 0xA8109CFA;
    private static final int META_VERSION_OFFSET = 4;
    private static final int META_PAGES_PER_RANGE_OFFSET = 8;
    private static final int META_LAST_REVMAP_PAGE_OFFSET = 12;

    /** An ItemPointerData: the block's upper and lower half, the offset number. */
    private static final int ITEM_POINTER_BYTES = 6;

    /** REVMAP_PAGE_MAXITEMS: how many ranges a page of the range map has. */
    static final int REVMAP_ITEMS =
            (PageLayout.PAGE_BYTES - PageLayout.HEADER_BYTES - SPECIAL_BYTES) / ITEM_POINTER_BYTES;

    private static final int NO_BLOCK = -1;
    private static final int NO_OFFSET_NUMBER = 0;

    private BrinPage() {}

    /** brin_page_init. */
    static void initialize(final PageFlyweight page, final int type) {
        page.initialize(SPECIAL_BYTES);
        LittleEndian.putShort(page.segment(), special(page) + TYPE_OFFSET, type);
    }

    /** brin_metapage_init. */
    static void initializeMeta(final PageFlyweight page, final int pagesPerRange, final int version) {
        initialize(page, META);
        final long meta = page.base() + PageLayout.HEADER_BYTES;
        LittleEndian.putInt(page.segment(), meta, META_MAGIC);
        LittleEndian.putInt(page.segment(), meta + META_VERSION_OFFSET, version);
        LittleEndian.putInt(page.segment(), meta + META_PAGES_PER_RANGE_OFFSET, pagesPerRange);
        page.lower(PageLayout.HEADER_BYTES + META_BYTES);
    }

    static void requireType(final PageFlyweight page, final int type) {
        if (type(page) != type) {
            throw new MalformedDataException(
                    "the page is of BRIN's type 0x%04X, not 0x%04X".formatted(type(page), type));
        }
    }

    static int type(final PageFlyweight page) {
        return LittleEndian.getUnsignedShort(page.segment(), special(page) + TYPE_OFFSET);
    }

    static void clearEvacuate(final PageFlyweight page) {
        final long at = special(page) + FLAGS_OFFSET;
        LittleEndian.putShort(page.segment(), at, LittleEndian.getUnsignedShort(page.segment(), at) & ~EVACUATE);
    }

    /** The metapage's last page of the range map. Versions before 11 left its lower where the header ends, so it is set again. */
    static void lastRevmapPage(final PageFlyweight page, final int block) {
        LittleEndian.putInt(
                page.segment(), page.base() + PageLayout.HEADER_BYTES + META_LAST_REVMAP_PAGE_OFFSET, block);
        page.lower(PageLayout.HEADER_BYTES + META_BYTES);
    }

    /** brinSetHeapBlockItemptr: where a range's tuple is. An invalid offset number unsets it. */
    static void setItemPointer(
            final PageFlyweight page,
            final int pagesPerRange,
            final int heapBlock,
            final int block,
            final int offsetNumber) {
        if (pagesPerRange == 0) {
            throw new MalformedDataException("the record has ranges of no page");
        }
        final int range = Integer.divideUnsigned(heapBlock, pagesPerRange);
        final long at = page.base()
                + PageLayout.HEADER_BYTES
                + (long) Integer.remainderUnsigned(range, REVMAP_ITEMS) * ITEM_POINTER_BYTES;
        final int stored = offsetNumber == NO_OFFSET_NUMBER ? NO_BLOCK : block;
        LittleEndian.putShort(page.segment(), at, stored >>> Short.SIZE);
        LittleEndian.putShort(page.segment(), at + 2, stored);
        LittleEndian.putShort(page.segment(), at + 4, offsetNumber);
    }

    static void unsetItemPointer(final PageFlyweight page, final int pagesPerRange, final int heapBlock) {
        setItemPointer(page, pagesPerRange, heapBlock, NO_BLOCK, NO_OFFSET_NUMBER);
    }

    /** Where the special space begins in the page's segment, checked. */
    private static long special(final PageFlyweight page) {
        if (page.specialBytes() != SPECIAL_BYTES) {
            throw new MalformedDataException(
                    "the page has " + page.specialBytes() + " bytes of special space, not those of BRIN");
        }
        return page.base() + page.special();
    }
}
