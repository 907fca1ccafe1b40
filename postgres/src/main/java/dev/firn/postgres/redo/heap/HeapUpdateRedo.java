package dev.firn.postgres.redo.heap;

import dev.firn.postgres.page.HeapTupleFlags;
import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.page.VisibilityMap;
import dev.firn.postgres.redo.PageChange;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.redo.RedoContext;
import dev.firn.postgres.wal.WalRecord;
import java.lang.foreign.MemorySegment;

/**
 * Redo of updates: heap_xlog_update of access/heap/heapam.c.
 *
 * <p>Block 0 is the page with the new tuple, block 1 the one with the old tuple when that is another one. Only when both are on one page does
 * the record leave out what they have in common at their begin and their end: so the effect on a page depends on that page alone.
 */
final class HeapUpdateRedo {
    /** HEAP_UPDATE_BLKREF_HEAP_OLD: only when the old tuple is on another page. */
    private static final int OLD_BLOCK = 1;

    /** HEAP_UPDATE_BLKREF_VM_NEW. */
    private static final int NEW_MAP_BLOCK = 2;

    /** HEAP_UPDATE_BLKREF_VM_OLD. */
    private static final int OLD_MAP_BLOCK = 3;

    // xl_heap_update.
    private static final int BYTES = 14;
    private static final int OLD_XMAX = 0;
    private static final int OLD_OFFSET_NUMBER = 4;
    private static final int OLD_INFOBITS = 6;
    private static final int FLAGS = 7;
    private static final int NEW_XMAX = 8;
    private static final int NEW_OFFSET_NUMBER = 12;

    // XLH_UPDATE_*.
    private static final int OLD_ALL_VISIBLE_CLEARED = 0x01;
    private static final int NEW_ALL_VISIBLE_CLEARED = 0x02;
    private static final int PREFIX_FROM_OLD = 0x20;
    private static final int SUFFIX_FROM_OLD = 0x40;

    private final HeapTupleFlyweight tuple;

    /** Updates with this flyweight. */
    HeapUpdateRedo(final HeapTupleFlyweight tuple) {
        this.tuple = tuple;
    }

    /** See {@link dev.firn.postgres.redo.PageRedo#clearsAllVisible}. */
    static long clearsAllVisible(final WalRecord record) {
        final int flags = MapBits.flags(record, BYTES, FLAGS);
        if ((flags & (OLD_ALL_VISIBLE_CLEARED | NEW_ALL_VISIBLE_CLEARED)) == 0
                || record.hasBlock(NEW_MAP_BLOCK)
                || record.hasBlock(OLD_MAP_BLOCK)) {
            return 0;
        }
        final int old = record.hasBlock(OLD_BLOCK) ? OLD_BLOCK : HeapLayout.HEAP_BLOCK;
        return ((flags & OLD_ALL_VISIBLE_CLEARED) != 0 ? 1L << old : 0)
                | ((flags & NEW_ALL_VISIBLE_CLEARED) != 0 ? 1L << HeapLayout.HEAP_BLOCK : 0);
    }

    PageChange apply(final RedoContext redo, final int block, final boolean hot) {
        final WalRecord record = redo.record();
        final RecordData main = redo.main();
        main.at(0, BYTES);
        final boolean samePage = !record.hasBlock(OLD_BLOCK);
        if (!samePage && (hot || record.blockNumber(OLD_BLOCK) == record.blockNumber(HeapLayout.HEAP_BLOCK))) {
            throw redo.misfit("the record names a page for the old tuple, which is that of the new one");
        }
        switch (block) {
            case HeapLayout.HEAP_BLOCK -> {
                if (samePage) {
                    redo.requireNoInit(block);
                    replaceOld(redo, main, hot);
                } else {
                    beginNewPage(redo);
                }
                addNew(redo, main, samePage);
            }
            case OLD_BLOCK -> {
                redo.requireNoInit(block);
                replaceOld(redo, main, hot);
            }
            default -> {
                return clearMap(redo, block, main.unsignedByte(FLAGS), samePage);
            }
        }
        return PageChange.MOVES_LSN;
    }

    private static void beginNewPage(final RedoContext redo) {
        if ((redo.operation() & HeapLayout.INIT_PAGE) != 0) {
            redo.requireInit(HeapLayout.HEAP_BLOCK);
            redo.page().initializeZeroed(0);
        } else {
            redo.requireNoInit(HeapLayout.HEAP_BLOCK);
        }
    }

    /** The old tuple gets its xmax, and points to the new one. */
    private void replaceOld(final RedoContext redo, final RecordData main, final boolean hot) {
        HeapTuples.find(redo, tuple, main.unsignedShort(OLD_OFFSET_NUMBER));
        HeapTuples.setXmaxBits(tuple, main.unsignedByte(OLD_INFOBITS));
        if (hot) {
            tuple.infomask2(tuple.infomask2() | HeapTupleFlags.HOT_UPDATED);
        } else {
            HeapTuples.clearHotUpdated(tuple);
        }
        tuple.xmax(main.intAt(OLD_XMAX));
        HeapTuples.clearCommandId(tuple);
        tuple.ctid(redo.record().blockNumber(HeapLayout.HEAP_BLOCK), main.unsignedShort(NEW_OFFSET_NUMBER));
        HeapTuples.setPrunable(redo.page(), redo.record().xid());
        if ((main.unsignedByte(FLAGS) & OLD_ALL_VISIBLE_CLEARED) != 0) {
            redo.page().clearFlag(PageLayout.ALL_VISIBLE);
        }
    }

    /** Builds the new tuple in its place: bitmap and padding, the old tuple's begin, the record's data, the old tuple's end. */
    private void addNew(final RedoContext redo, final RecordData main, final boolean samePage) {
        final int flags = main.unsignedByte(FLAGS);
        if (!samePage && (flags & (PREFIX_FROM_OLD | SUFFIX_FROM_OLD)) != 0) {
            throw redo.misfit("the new tuple takes bytes from an old one on another page");
        }
        final RecordData data = redo.blockData(HeapLayout.HEAP_BLOCK);
        final int prefixBytes = (flags & PREFIX_FROM_OLD) != 0 ? data.nextUnsignedShort() : 0;
        final int suffixBytes = (flags & SUFFIX_FROM_OLD) != 0 ? data.nextUnsignedShort() : 0;
        if ((prefixBytes | suffixBytes) != 0 && (prefixBytes > tuple.dataBytes() || suffixBytes > tuple.dataBytes())) {
            throw redo.misfit("the new tuple takes " + prefixBytes + " and " + suffixBytes
                    + " bytes from an old one with " + tuple.dataBytes());
        }
        final long masks = data.nextInt() & 0xFFFF_FFFFL;
        final int dataOffset = data.nextUnsignedByte();
        final int recordBytes = data.remaining();
        // Before anything is written: the bitmap and padding are the record's own, also when what follows begins with
        // old bytes.
        final int ownBytes = prefixBytes > 0 ? dataOffset - HeapTupleFlyweight.HEADER_BYTES : recordBytes;
        final long own = data.take(ownBytes);
        final long rest = data.take(recordBytes - ownBytes);

        final int offsetNumber = main.unsignedShort(NEW_OFFSET_NUMBER);
        final MemorySegment page = redo.page().segment();
        final long at = HeapTuples.reserve(redo, offsetNumber, recordBytes + prefixBytes + suffixBytes);
        HeapTuples.writeHeader(
                page,
                at,
                redo.record().xid(),
                main.intAt(NEW_XMAX),
                redo.record().blockNumber(HeapLayout.HEAP_BLOCK),
                offsetNumber,
                masks | (long) dataOffset << Integer.SIZE);
        long to = at + HeapTupleFlyweight.HEADER_BYTES;
        MemorySegment.copy(data.segment(), own, page, to, ownBytes);
        to += ownBytes;
        if (prefixBytes > 0) {
            MemorySegment.copy(page, tuple.base() + tuple.dataOffset(), page, to, prefixBytes);
            to += prefixBytes;
            MemorySegment.copy(data.segment(), rest, page, to, recordBytes - ownBytes);
            to += recordBytes - ownBytes;
        }
        if (suffixBytes > 0) {
            MemorySegment.copy(page, tuple.base() + tuple.lengthBytes() - suffixBytes, page, to, suffixBytes);
        }
        if ((flags & NEW_ALL_VISIBLE_CLEARED) != 0) {
            redo.page().clearFlag(PageLayout.ALL_VISIBLE);
        }
    }

    /**
     * A registered map page. When one page has the bits of both heap blocks, it is registered once, as the new one's; the old block's
     * bits are on it only if its number says so, as the old one's page is left out also when there was nothing to clear.
     */
    private static PageChange clearMap(
            final RedoContext redo, final int block, final int flags, final boolean samePage) {
        final WalRecord record = redo.record();
        final int newBlock = record.blockNumber(HeapLayout.HEAP_BLOCK);
        final int oldBlock = samePage ? newBlock : record.blockNumber(OLD_BLOCK);
        final boolean oldCleared = (flags & OLD_ALL_VISIBLE_CLEARED) != 0;
        if (block == OLD_MAP_BLOCK && oldCleared) {
            return MapBits.clear(redo, block, oldBlock, VisibilityMap.VALID_BITS);
        }
        if (block != NEW_MAP_BLOCK || (flags & NEW_ALL_VISIBLE_CLEARED) == 0) {
            throw redo.unexpectedBlock(block);
        }
        final PageChange change = MapBits.clear(redo, block, newBlock, VisibilityMap.VALID_BITS);
        return oldCleared
                        && MapBits.isMapOf(redo, block, oldBlock)
                        && MapBits.clear(redo, block, oldBlock, VisibilityMap.VALID_BITS) == PageChange.MOVES_LSN
                ? PageChange.MOVES_LSN
                : change;
    }
}
