package dev.firn.postgres.redo.btree;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.PageChange;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.redo.RedoContext;
import java.lang.foreign.MemorySegment;

/**
 * The metapage, which every record that changes it carries whole: _bt_restore_meta of nbtxlog.c makes BTMetaPageData from
 * xl_btree_metadata.
 */
final class BtreeMetaRedo {
    /** BTREE_MAGIC. */
    private static final int MAGIC = 0x053162;

    /** sizeof(xl_btree_metadata): six uint32, a bool, its padding. */
    private static final int RECORD_BYTES = 28;

    private static final int UINT_FIELDS = 6;
    private static final int RECORD_ALL_EQUAL_IMAGE = 24;

    // BTMetaPageData. The six fields of the record follow its magic in the same order.
    private static final int META_VERSION = 4;
    private static final int META_HEAP_TUPLES = 32;
    private static final int META_ALL_EQUAL_IMAGE = 40;
    private static final int META_BYTES = 48;

    private BtreeMetaRedo() {}

    static PageChange restore(final RedoContext redo, final int block) {
        redo.requireInit(block);
        final RecordData data = redo.blockData(block);
        if (data.length() != RECORD_BYTES) {
            throw redo.misfit("the metapage's data have " + data.length() + " bytes, not " + RECORD_BYTES);
        }
        final PageFlyweight page = redo.page();
        BtreePage.initialize(page, BtreePage.NO_BLOCK, BtreePage.NO_BLOCK, 0, BtreePage.META);
        final MemorySegment segment = page.segment();
        final long meta = page.base() + PageLayout.HEADER_BYTES;
        LittleEndian.putInt(segment, meta, MAGIC);
        for (int i = 0; i < UINT_FIELDS; i++) {
            LittleEndian.putInt(segment, meta + META_VERSION + (long) i * Integer.BYTES, data.intAt(i * Integer.BYTES));
        }
        // Nobody counts heap tuples here any more; minus one says so.
        LittleEndian.putLong(segment, meta + META_HEAP_TUPLES, Double.doubleToRawLongBits(-1.0));
        LittleEndian.putByte(segment, meta + META_ALL_EQUAL_IMAGE, data.unsignedByte(RECORD_ALL_EQUAL_IMAGE));
        page.lower(PageLayout.HEADER_BYTES + META_BYTES);
        return PageChange.MOVES_LSN;
    }
}
