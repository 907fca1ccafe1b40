package dev.firn.postgres.page;

/** Sizes and field offsets of a page: PageHeaderData of storage/bufpage.h and its neighbours. */
public final class PageLayout {
    /** BLCKSZ: the only block size that Firn serves. */
    public static final int PAGE_BYTES = 8192;

    /** SizeOfPageHeaderData; it is aligned already, so a page's contents begin here too. */
    public static final int HEADER_BYTES = 24;

    /** PG_PAGE_LAYOUT_VERSION, stored in the low byte of pd_pagesize_version. */
    public static final int LAYOUT_VERSION = 4;

    /** Size of one line pointer (ItemIdData of storage/itemid.h). */
    public static final int LINE_POINTER_BYTES = 4;

    /** MaxHeapTuplesPerPage of access/htup_details.h: one for each smallest tuple with its line pointer. */
    public static final int MAX_HEAP_TUPLES = (PAGE_BYTES - HEADER_BYTES) / (24 + LINE_POINTER_BYTES);

    /** MaxOffsetNumber of storage/off.h. */
    public static final int MAX_OFFSET_NUMBER = PAGE_BYTES / LINE_POINTER_BYTES;

    /** There are line pointers that hold nothing. A hint. */
    public static final int HAS_FREE_LINES = 0x0001;

    /** An update found no room here. A hint. */
    public static final int PAGE_FULL = 0x0002;

    /** Every tuple is visible to everyone. */
    public static final int ALL_VISIBLE = 0x0004;

    /** PD_VALID_FLAG_BITS. */
    public static final int VALID_FLAGS = HAS_FREE_LINES | PAGE_FULL | ALL_VISIBLE;

    static final int LSN_OFFSET = 0;
    static final int CHECKSUM_OFFSET = 8;
    static final int FLAGS_OFFSET = 10;
    static final int LOWER_OFFSET = 12;
    static final int UPPER_OFFSET = 14;
    static final int SPECIAL_OFFSET = 16;
    static final int SIZE_AND_VERSION_OFFSET = 18;
    static final int PRUNE_XID_OFFSET = 20;

    /** MAXIMUM_ALIGNOF. */
    private static final int ALIGNMENT = 8;

    private PageLayout() {}

    /** MAXALIGN: the next multiple of eight. */
    public static int align(final int bytes) {
        return bytes + ALIGNMENT - 1 & -ALIGNMENT;
    }
}
