package dev.firn.postgres.redo.gist;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;

/** The special space of a GiST page: GISTPageOpaqueData of access/gist.h, and what of gistutil.c redo shares with the server. */
final class GistPage {
    static final int LEAF = 0x0001;
    static final int DELETED = 0x0002;
    static final int TUPLES_DELETED = 0x0004;
    static final int FOLLOW_RIGHT = 0x0008;
    static final int HAS_GARBAGE = 0x0010;

    /** GIST_ROOT_BLKNO. */
    static final int ROOT_BLOCK = 0;

    /** InvalidBlockNumber: there is no page to the right. */
    static final int NO_BLOCK = -1;

    private static final int OPAQUE_BYTES = 16;
    private static final int RIGHT_LINK_AT = 8;
    private static final int FLAGS_AT = 12;
    private static final int PAGE_ID_AT = 14;

    /** GIST_PAGE_ID. */
    private static final int PAGE_ID = 0xFF81;

    private GistPage() {}

    /** gistinitpage: an empty page without a page to the right. */
    static void initialize(final PageFlyweight page, final int flags) {
        page.initialize(OPAQUE_BYTES);
        rightLink(page, NO_BLOCK);
        flags(page, flags);
        LittleEndian.putShort(page.segment(), opaque(page) + PAGE_ID_AT, PAGE_ID);
    }

    private static long opaque(final PageFlyweight page) {
        final int special = page.special();
        if (special != PageLayout.PAGE_BYTES - OPAQUE_BYTES) {
            throw new MalformedDataException("the page's special space begins at " + special + ": it is no GiST page");
        }
        return page.base() + special;
    }

    static int flags(final PageFlyweight page) {
        return LittleEndian.getUnsignedShort(page.segment(), opaque(page) + FLAGS_AT);
    }

    static void flags(final PageFlyweight page, final int flags) {
        LittleEndian.putShort(page.segment(), opaque(page) + FLAGS_AT, flags);
    }

    static void rightLink(final PageFlyweight page, final int block) {
        LittleEndian.putInt(page.segment(), opaque(page) + RIGHT_LINK_AT, block);
    }

    /** GistPageSetNSN: an LSN by another name, stored like a page's LSN in two halves, the upper one first. */
    static void nsn(final PageFlyweight page, final long nsn) {
        final long at = opaque(page);
        LittleEndian.putInt(page.segment(), at, (int) (nsn >>> Integer.SIZE));
        LittleEndian.putInt(page.segment(), at + Integer.BYTES, (int) nsn);
    }

    /** GistPageSetDeleted: an empty page has, where its first line pointers would be, the transaction until which scans may see it. */
    static void delete(final PageFlyweight page, final long deleteXid) {
        flags(page, flags(page) | DELETED);
        page.lower(PageLayout.HEADER_BYTES + Long.BYTES);
        LittleEndian.putLong(page.segment(), page.base() + PageLayout.HEADER_BYTES, deleteXid);
    }
}
