package dev.firn.postgres.redo.gin;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;

/**
 * The layout of a GIN page: GinPageOpaqueData, GinMetaPageData and PostingItem of access/ginblock.h, and the functions of ginutil.c and
 * gindatapage.c that redo shares with the server.
 *
 * <p>Pages of the entry tree and of the pending list have ordinary items. Pages of a posting tree have none: their data begin behind a right
 * bound, and end at the page's lower.
 */
final class GinPage {
    static final int DATA = 0x0001;
    static final int LEAF = 0x0002;
    static final int DELETED = 0x0004;
    static final int META = 0x0008;
    static final int LIST = 0x0010;
    static final int LIST_FULL_ROW = 0x0020;
    static final int INCOMPLETE_SPLIT = 0x0040;
    static final int COMPRESSED = 0x0080;

    /** InvalidBlockNumber: there is no page to the right. */
    static final int NO_BLOCK = -1;

    /** sizeof(GinMetaPageData). */
    static final int META_BYTES = 56;

    /** GinDataPageGetData: behind the page's header and the right bound, rounded up to eight bytes. */
    static final int DATA_OFFSET = PageLayout.HEADER_BYTES + 8;

    /** sizeof(PostingItem): the child's block number, and an item pointer as its key. */
    static final int POSTING_ITEM_BYTES = 10;

    private static final int OPAQUE_BYTES = 8;
    private static final int MAX_OFFSET_AT = 4;
    private static final int FLAGS_AT = 6;

    private GinPage() {}

    /** GinInitPage: an empty page without a page to the right. */
    static void initialize(final PageFlyweight page, final int flags) {
        page.initialize(OPAQUE_BYTES);
        flags(page, flags);
        rightLink(page, NO_BLOCK);
    }

    /** GinInitMetabuffer, with metadata that lie elsewhere: all 56 bytes of them, padding included. */
    static void initializeMeta(final PageFlyweight page, final MemorySegment metadata, final long offset) {
        initialize(page, META);
        MemorySegment.copy(metadata, offset, page.segment(), page.base() + PageLayout.HEADER_BYTES, META_BYTES);
        page.lower(PageLayout.HEADER_BYTES + META_BYTES);
    }

    /** Where the special space begins, relative to the page. On every GIN page it has eight bytes. */
    static int opaqueOffset(final PageFlyweight page) {
        final int special = page.special();
        if (special != PageLayout.PAGE_BYTES - OPAQUE_BYTES) {
            throw new MalformedDataException("the page's special space begins at " + special + ": it is no GIN page");
        }
        return special;
    }

    private static long opaque(final PageFlyweight page) {
        return page.base() + opaqueOffset(page);
    }

    static int flags(final PageFlyweight page) {
        return LittleEndian.getUnsignedShort(page.segment(), opaque(page) + FLAGS_AT);
    }

    static void flags(final PageFlyweight page, final int flags) {
        LittleEndian.putShort(page.segment(), opaque(page) + FLAGS_AT, flags);
    }

    /** Asks that of the flags in {@code mask} just those in {@code expected} are set: that the page is of the kind that redo takes it for. */
    static void requireFlags(final PageFlyweight page, final int mask, final int expected) {
        final int flags = flags(page);
        if ((flags & mask) != expected) {
            throw new MalformedDataException(
                    "the page's flags are 0x%02X: not the kind of GIN page that this record changes".formatted(flags));
        }
    }

    static void rightLink(final PageFlyweight page, final int block) {
        LittleEndian.putInt(page.segment(), opaque(page), block);
    }

    /** maxoff: the posting items of an inner page of a posting tree, the items of an uncompressed leaf, the heap rows of a list page. */
    static int maxOffset(final PageFlyweight page) {
        return LittleEndian.getUnsignedShort(page.segment(), opaque(page) + MAX_OFFSET_AT);
    }

    static void maxOffset(final PageFlyweight page, final int count) {
        LittleEndian.putShort(page.segment(), opaque(page) + MAX_OFFSET_AT, count);
    }

    /** BlockIdSet: a block number as two uint16, the upper one first. */
    static void putBlockId(final MemorySegment segment, final long offset, final int block) {
        LittleEndian.putShort(segment, offset, block >>> Short.SIZE);
        LittleEndian.putShort(segment, offset + Short.BYTES, block);
    }

    /** GinSetDownlink: the item pointer that an inner entry tuple begins with; its offset number is InvalidOffsetNumber. */
    static void putDownlink(final MemorySegment segment, final long offset, final int block) {
        putBlockId(segment, offset, block);
        LittleEndian.putShort(segment, offset + Integer.BYTES, 0);
    }

    /** PostingItemSetBlockNumber of the item at an offset number. */
    static void child(final PageFlyweight page, final int offsetNumber, final int block) {
        requirePostingItem(page, offsetNumber);
        putBlockId(page.segment(), postingItem(page, offsetNumber), block);
    }

    /** GinDataPageAddPostingItem, before an item that is there. */
    static void addPostingItem(
            final PageFlyweight page, final int offsetNumber, final MemorySegment item, final long itemOffset) {
        requirePostingItem(page, offsetNumber);
        final int count = maxOffset(page) + 1;
        final int end = DATA_OFFSET + count * POSTING_ITEM_BYTES;
        if (end > opaqueOffset(page)) {
            throw new MalformedDataException("the page has no room for its posting item " + count);
        }
        final long at = postingItem(page, offsetNumber);
        MemorySegment.copy(page.segment(), at, page.segment(), at + POSTING_ITEM_BYTES, postingItem(page, count) - at);
        MemorySegment.copy(item, itemOffset, page.segment(), at, POSTING_ITEM_BYTES);
        maxOffset(page, count);
        page.lower(end);
    }

    /** GinPageDeletePostingItem. */
    static void deletePostingItem(final PageFlyweight page, final int offsetNumber) {
        requirePostingItem(page, offsetNumber);
        final int count = maxOffset(page);
        final long at = postingItem(page, offsetNumber);
        final long next = at + POSTING_ITEM_BYTES;
        MemorySegment.copy(page.segment(), next, page.segment(), at, postingItem(page, count + 1) - next);
        maxOffset(page, count - 1);
        page.lower(DATA_OFFSET + (count - 1) * POSTING_ITEM_BYTES);
    }

    private static long postingItem(final PageFlyweight page, final int offsetNumber) {
        return page.base() + DATA_OFFSET + (long) (offsetNumber - 1) * POSTING_ITEM_BYTES;
    }

    /** Asks for a place among the page's posting items, and that all of those lie before the special space. */
    private static void requirePostingItem(final PageFlyweight page, final int offsetNumber) {
        final int count = maxOffset(page);
        if (offsetNumber < 1 || offsetNumber > count || DATA_OFFSET + count * POSTING_ITEM_BYTES > opaqueOffset(page)) {
            throw new MalformedDataException("there is no posting item " + offsetNumber + " among " + count);
        }
    }
}
