package dev.firn.postgres.redo.heap;

/** What the records of heap tables consist of: the structures and flags of access/heapam_xlog.h that several of them share. */
final class HeapLayout {
    /** XLOG_HEAP_OPMASK: for both resource managers, the rest of an operation is {@link #INIT_PAGE}. */
    static final int OPERATION_MASK = 0x70;

    /** XLOG_HEAP_INIT_PAGE: the tuple is the page's first, so redo makes the page from nothing. */
    static final int INIT_PAGE = 0x80;

    /** The heap page of every record but VISIBLE: of an update, the one with the new tuple. */
    static final int HEAP_BLOCK = 0;

    /** HEAP_*_BLKREF_VM: the map's page, in records with one heap page and of a minor version that registers it. */
    static final int MAP_BLOCK = 1;

    /** SizeOfHeapHeader: infomask2, infomask, t_hoff. */
    static final int TUPLE_HEADER_BYTES = 5;

    /** XLH_*_ALL_VISIBLE_CLEARED of insert and delete. */
    static final int ALL_VISIBLE_CLEARED = 0x01;

    /** XLH_LOCK_ALL_FROZEN_CLEARED. */
    static final int ALL_FROZEN_CLEARED = 0x01;

    // xl_heap_insert.
    static final int INSERT_BYTES = 3;
    static final int INSERT_OFFSET_NUMBER = 0;
    static final int INSERT_FLAGS = 2;

    // xl_heap_delete, xl_heap_lock and xl_heap_lock_updated agree in these.
    static final int XMAX_BYTES = 8;
    static final int XMAX = 0;
    static final int XMAX_OFFSET_NUMBER = 4;
    static final int XMAX_INFOBITS = 6;
    static final int XMAX_FLAGS = 7;

    // xl_heap_multi_insert.
    static final int MULTI_INSERT_BYTES = 4;
    static final int MULTI_INSERT_FLAGS = 0;
    static final int MULTI_INSERT_COUNT = 2;

    private HeapLayout() {}
}
