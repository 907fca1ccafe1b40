package dev.firn.postgres.redo.hash;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;

/**
 * A hash index's metapage (HashMetaPageData of access/hash.h): how many buckets and tuples there are, how many overflow pages come before
 * each group of buckets, and where the bitmaps of overflow pages are.
 */
final class HashMetaPage {
    /** HASH_MAX_SPLITPOINTS: the entries of hashm_spares. */
    static final int SPARES = 98;

    /** HASH_MAX_BITMAPS: the entries of hashm_mapp. */
    static final int BITMAPS = 1024;

    private static final int MAGIC = 0x6440640;
    private static final int VERSION = 4;

    // HashMetaPageData, behind the page's header.
    private static final int MAGIC_OFFSET = PageLayout.HEADER_BYTES;
    private static final int VERSION_OFFSET = MAGIC_OFFSET + 4;
    private static final int TUPLES_OFFSET = MAGIC_OFFSET + 8;
    private static final int FILL_FACTOR_OFFSET = MAGIC_OFFSET + 16;
    private static final int PAGE_BYTES_OFFSET = MAGIC_OFFSET + 18;
    private static final int BITMAP_BYTES_OFFSET = MAGIC_OFFSET + 20;
    private static final int BITMAP_SHIFT_OFFSET = MAGIC_OFFSET + 22;
    private static final int MAX_BUCKET_OFFSET = MAGIC_OFFSET + 24;
    private static final int HIGH_MASK_OFFSET = MAGIC_OFFSET + 28;
    private static final int LOW_MASK_OFFSET = MAGIC_OFFSET + 32;
    private static final int SPLIT_POINT_OFFSET = MAGIC_OFFSET + 36;
    private static final int FIRST_FREE_OFFSET = MAGIC_OFFSET + 40;
    private static final int BITMAP_COUNT_OFFSET = MAGIC_OFFSET + 44;
    private static final int FUNCTION_OFFSET = MAGIC_OFFSET + 48;
    private static final int SPARES_OFFSET = MAGIC_OFFSET + 52;
    private static final int BITMAPS_OFFSET = SPARES_OFFSET + SPARES * Integer.BYTES;
    private static final int END = PageLayout.align(BITMAPS_OFFSET + BITMAPS * Integer.BYTES);

    /** BYTE_TO_BIT. */
    private static final int BYTE_SHIFT = 3;

    private static final int MIN_BUCKETS = 2;
    private static final int MAX_BUCKETS = 0x4000_0000;

    private HashMetaPage() {}

    /** Asks that this is a metapage: what else has hash's special space has no magic here. */
    private static PageFlyweight require(final PageFlyweight page) {
        final int magic = LittleEndian.getInt(HashPage.require(page).segment(), page.base() + MAGIC_OFFSET);
        if (magic != MAGIC) {
            throw new MalformedDataException(
                    "the page is no hash index's metapage: its magic is 0x" + Integer.toHexString(magic));
        }
        return page;
    }

    /**
     * _hash_init_metabuffer: the number of buckets follows from the expected number of tuples.
     *
     * @param function the oid of the hash function.
     * @param fillFactor tuples in a bucket.
     */
    static void initialize(
            final PageFlyweight page, final double expectedTuples, final int function, final int fillFactor) {
        final int buckets = initialBuckets(expectedTuples, fillFactor);
        HashPage.initialize(page, HashPage.NO_BLOCK, HashPage.NO_BUCKET, HashPage.META_PAGE);
        putInt(page, MAGIC_OFFSET, MAGIC);
        putInt(page, VERSION_OFFSET, VERSION);
        putShort(page, FILL_FACTOR_OFFSET, fillFactor);
        putShort(page, PAGE_BYTES_OFFSET, PageLayout.PAGE_BYTES - PageLayout.HEADER_BYTES - HashPage.SPECIAL_BYTES);
        putShort(page, BITMAP_BYTES_OFFSET, HashPage.BITMAP_BYTES);
        putShort(page, BITMAP_SHIFT_OFFSET, Integer.numberOfTrailingZeros(HashPage.BITMAP_BYTES) + BYTE_SHIFT);
        putInt(page, FUNCTION_OFFSET, function);
        putInt(page, MAX_BUCKET_OFFSET, buckets - 1);
        // All ones, one bit more than the last bucket's number or as many: pg_nextpower2_32 of one more than the
        // buckets.
        final int highMask = -1 >>> Integer.numberOfLeadingZeros(buckets);
        putInt(page, HIGH_MASK_OFFSET, highMask);
        putInt(page, LOW_MASK_OFFSET, highMask >>> 1);
        final int splitPoint = splitPoint(buckets);
        putInt(page, SPARES_OFFSET + splitPoint * Integer.BYTES, 1);
        putInt(page, SPLIT_POINT_OFFSET, splitPoint);
        page.lower(END);
    }

    private static int initialBuckets(final double expectedTuples, final int fillFactor) {
        final double buckets = expectedTuples / fillFactor;
        if (fillFactor == 0 || Double.isNaN(buckets)) {
            throw new MalformedDataException(
                    "a hash index for " + expectedTuples + " tuples, " + fillFactor + " in a bucket");
        }
        if (buckets <= MIN_BUCKETS) {
            return MIN_BUCKETS;
        }
        return buckets >= MAX_BUCKETS ? MAX_BUCKETS : bucketsAt(splitPoint((int) buckets));
    }

    // Until 2^9 the buckets double at each split point. From there on each doubling takes four of them, a quarter each.
    private static final int SINGLE_PHASE_GROUPS = 10;
    private static final int PHASE_BITS = 2;
    private static final int PHASE_MASK = 3;

    /** _hash_spareindex: the split point at which so many buckets are there. */
    static int splitPoint(final int buckets) {
        final int group = Integer.SIZE - Integer.numberOfLeadingZeros(buckets - 1);
        if (group < SINGLE_PHASE_GROUPS) {
            return group;
        }
        final int quarterShift = group - 1 - PHASE_BITS;
        final int phase = ((buckets - 1) >>> quarterShift) & PHASE_MASK;
        return SINGLE_PHASE_GROUPS + ((group - SINGLE_PHASE_GROUPS) << PHASE_BITS) + phase;
    }

    /** _hash_get_totalbuckets: how many buckets are there at a split point. */
    static int bucketsAt(final int splitPoint) {
        if (splitPoint < SINGLE_PHASE_GROUPS) {
            return 1 << splitPoint;
        }
        final int phases = splitPoint - SINGLE_PHASE_GROUPS;
        final int group = SINGLE_PHASE_GROUPS + (phases >>> PHASE_BITS);
        final int before = 1 << (group - 1);
        return before + (before >>> PHASE_BITS) * ((phases & PHASE_MASK) + 1);
    }

    /** hashm_ntuples. */
    static double tuples(final PageFlyweight page) {
        return Double.longBitsToDouble(LittleEndian.getLong(require(page).segment(), page.base() + TUPLES_OFFSET));
    }

    /** hashm_ntuples. */
    static void tuples(final PageFlyweight page, final double tuples) {
        LittleEndian.putLong(require(page).segment(), page.base() + TUPLES_OFFSET, Double.doubleToRawLongBits(tuples));
    }

    /** hashm_maxbucket. */
    static int maxBucket(final PageFlyweight page) {
        return getInt(require(page), MAX_BUCKET_OFFSET);
    }

    /** hashm_maxbucket. */
    static void maxBucket(final PageFlyweight page, final int bucket) {
        putInt(require(page), MAX_BUCKET_OFFSET, bucket);
    }

    /** hashm_lowmask, hashm_highmask. */
    static void masks(final PageFlyweight page, final int low, final int high) {
        putInt(require(page), LOW_MASK_OFFSET, low);
        putInt(page, HIGH_MASK_OFFSET, high);
    }

    /** hashm_ovflpoint, and its entry of hashm_spares. */
    static void splitPoint(final PageFlyweight page, final int splitPoint, final int spares) {
        putInt(require(page), spareAt(splitPoint), spares);
        putInt(page, SPLIT_POINT_OFFSET, splitPoint);
    }

    /** One more overflow page at the current split point. */
    static void addSpare(final PageFlyweight page) {
        final int at = spareAt(getInt(require(page), SPLIT_POINT_OFFSET));
        putInt(page, at, getInt(page, at) + 1);
    }

    /** hashm_firstfree: the number of the first overflow page that may be free. */
    static void firstFree(final PageFlyweight page, final int bit) {
        putInt(require(page), FIRST_FREE_OFFSET, bit);
    }

    /** One more bitmap: hashm_mapp, hashm_nmaps. */
    static void addBitmap(final PageFlyweight page, final int block) {
        final int count = getInt(require(page), BITMAP_COUNT_OFFSET);
        if (count < 0 || count >= BITMAPS) {
            throw new MalformedDataException("the metapage has " + Integer.toUnsignedString(count)
                    + " bitmaps of overflow pages, and room for " + BITMAPS);
        }
        putInt(page, BITMAPS_OFFSET + count * Integer.BYTES, block);
        putInt(page, BITMAP_COUNT_OFFSET, count + 1);
    }

    private static int spareAt(final int splitPoint) {
        if (splitPoint < 0 || splitPoint >= SPARES) {
            throw new MalformedDataException("split point " + Integer.toUnsignedString(splitPoint) + " of " + SPARES);
        }
        return SPARES_OFFSET + splitPoint * Integer.BYTES;
    }

    private static int getInt(final PageFlyweight page, final int offset) {
        return LittleEndian.getInt(page.segment(), page.base() + offset);
    }

    private static void putInt(final PageFlyweight page, final int offset, final int value) {
        LittleEndian.putInt(page.segment(), page.base() + offset, value);
    }

    private static void putShort(final PageFlyweight page, final int offset, final int value) {
        LittleEndian.putShort(page.segment(), page.base() + offset, value);
    }
}
