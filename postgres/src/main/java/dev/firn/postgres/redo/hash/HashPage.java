package dev.firn.postgres.redo.hash;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;

/**
 * What hash adds to a page: its special space (HashPageOpaqueData of access/hash.h), and the bitmap of overflow pages. Functions over a page; each
 * asks first that the special space has hash's size.
 */
final class HashPage {
    /** sizeof(HashPageOpaqueData). */
    static final int SPECIAL_BYTES = 16;

    /** InvalidBlockNumber. */
    static final int NO_BLOCK = -1;

    /** InvalidBucket. */
    static final int NO_BUCKET = -1;

    // LH_*: hasho_flag.
    static final int UNUSED_PAGE = 0;
    static final int OVERFLOW_PAGE = 0x0001;
    static final int BUCKET_PAGE = 0x0002;
    static final int BITMAP_PAGE = 0x0004;
    static final int META_PAGE = 0x0008;
    static final int NEEDS_SPLIT_CLEANUP = 0x0040;
    static final int HAS_DEAD_TUPLES = 0x0080;

    /** LH_PAGE_TYPE. */
    static final int TYPE_MASK = OVERFLOW_PAGE | BUCKET_PAGE | BITMAP_PAGE | META_PAGE;

    /** hashm_bmsize: the greatest power of two of bytes that a page has room for. */
    static final int BITMAP_BYTES = 4096;

    private static final int SPECIAL_AT = PageLayout.PAGE_BYTES - SPECIAL_BYTES;
    private static final int PREVIOUS_OFFSET = SPECIAL_AT;
    private static final int NEXT_OFFSET = SPECIAL_AT + 4;
    private static final int BUCKET_OFFSET = SPECIAL_AT + 8;
    private static final int FLAGS_OFFSET = SPECIAL_AT + 12;
    private static final int PAGE_ID_OFFSET = SPECIAL_AT + 14;

    /** HASHO_PAGE_ID. */
    private static final int PAGE_ID = 0xFF80;

    private HashPage() {}

    /** Asks that the page has hash's special space. All else here relies on it. */
    static PageFlyweight require(final PageFlyweight page) {
        if (page.special() != SPECIAL_AT) {
            throw new MalformedDataException(
                    "the page is none of a hash index: its special space begins at " + page.special());
        }
        return page;
    }

    /** _hash_initbuf: an empty page, the last of its chain. */
    static void initialize(final PageFlyweight page, final int previous, final int bucket, final int flags) {
        page.initialize(SPECIAL_BYTES);
        previous(page, previous);
        next(page, NO_BLOCK);
        LittleEndian.putInt(page.segment(), page.base() + BUCKET_OFFSET, bucket);
        flags(page, flags);
        LittleEndian.putShort(page.segment(), page.base() + PAGE_ID_OFFSET, PAGE_ID);
    }

    /** hasho_prevblkno: of a bucket's first page not a block, but the greatest bucket when it was split last. */
    static void previous(final PageFlyweight page, final int block) {
        LittleEndian.putInt(require(page).segment(), page.base() + PREVIOUS_OFFSET, block);
    }

    /** hasho_nextblkno. */
    static void next(final PageFlyweight page, final int block) {
        LittleEndian.putInt(require(page).segment(), page.base() + NEXT_OFFSET, block);
    }

    /** hasho_flag. */
    static int flags(final PageFlyweight page) {
        return LittleEndian.getUnsignedShort(require(page).segment(), page.base() + FLAGS_OFFSET);
    }

    /** hasho_flag. */
    static void flags(final PageFlyweight page, final int flags) {
        LittleEndian.putShort(require(page).segment(), page.base() + FLAGS_OFFSET, flags);
    }

    /** Clears bits of hasho_flag. */
    static void clearFlags(final PageFlyweight page, final int flags) {
        flags(page, flags(page) & ~flags);
    }

    /** _hash_initbitmapbuffer: all overflow pages are taken, as none of them is there yet. */
    static void initializeBitmap(final PageFlyweight page, final int bitmapBytes) {
        if (bitmapBytes > BITMAP_BYTES) {
            throw new MalformedDataException("a bitmap of " + bitmapBytes + " bytes on one page");
        }
        initialize(page, NO_BLOCK, NO_BUCKET, BITMAP_PAGE);
        page.segment()
                .asSlice(page.base() + PageLayout.HEADER_BYTES, bitmapBytes)
                .fill((byte) 0xFF);
        page.lower(PageLayout.HEADER_BYTES + bitmapBytes);
    }

    /** SETBIT: the overflow page is taken. */
    static void setBit(final PageFlyweight page, final int bit) {
        final long at = bitAt(page, bit);
        final int old = LittleEndian.getUnsignedByte(page.segment(), at);
        LittleEndian.putByte(page.segment(), at, old | 1 << (bit & 7));
    }

    /** CLRBIT: the overflow page is free. */
    static void clearBit(final PageFlyweight page, final int bit) {
        final long at = bitAt(page, bit);
        final int old = LittleEndian.getUnsignedByte(page.segment(), at);
        LittleEndian.putByte(page.segment(), at, old & ~(1 << (bit & 7)));
    }

    /** Postgres counts bits in words of 32; in little-endian memory that is the same. */
    private static long bitAt(final PageFlyweight page, final int bit) {
        if (bit >>> 3 >= BITMAP_BYTES) {
            throw new MalformedDataException(
                    "bit " + Integer.toUnsignedString(bit) + " of a bitmap of " + BITMAP_BYTES + " bytes");
        }
        return require(page).base() + PageLayout.HEADER_BYTES + (bit >>> 3);
    }
}
