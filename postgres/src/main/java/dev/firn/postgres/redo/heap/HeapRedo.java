package dev.firn.postgres.redo.heap;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.HeapTupleFlags;
import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.page.VisibilityMap;
import dev.firn.postgres.redo.PageChange;
import dev.firn.postgres.redo.PageRedo;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.redo.RedoContext;
import dev.firn.postgres.wal.WalRecord;
import java.lang.foreign.MemorySegment;

/**
 * Redo of heap tables, one tuple at a time: heap_redo of access/heap/heapam.c. Its records are the same in all versions.
 *
 * <p>TRUNCATE has no block: it is there for logical decoding only.
 */
public final class HeapRedo implements PageRedo {
    private static final int INSERT = 0x00;
    private static final int DELETE = 0x10;
    private static final int UPDATE = 0x20;
    private static final int HOT_UPDATE = 0x40;
    private static final int CONFIRM = 0x50;
    private static final int LOCK = 0x60;
    private static final int INPLACE = 0x70;

    // XLH_DELETE_*.
    private static final int DELETE_IS_SUPER = 0x08;
    private static final int DELETE_IS_PARTITION_MOVE = 0x10;

    private static final int INVALID_BLOCK = -1;
    private static final long TUPLE_HEADER_MASK = 0xFF_FFFF_FFFFL;

    private final HeapTupleFlyweight tuple = new HeapTupleFlyweight();
    private final HeapUpdateRedo updates = new HeapUpdateRedo(tuple);

    @Override
    public PageChange apply(final RedoContext redo, final int block) {
        final int operation = redo.operation() & HeapLayout.OPERATION_MASK;
        if (operation == INSERT && block == HeapLayout.HEAP_BLOCK) {
            return insert(redo);
        }
        return switch (operation) {
            case UPDATE -> updates.apply(redo, block, false);
            case HOT_UPDATE -> updates.apply(redo, block, true);
            default -> block == HeapLayout.HEAP_BLOCK ? changeTuple(redo, operation) : clearMap(redo, block);
        };
    }

    @Override
    public long clearsAllVisible(final WalRecord record) {
        return switch (record.operation() & HeapLayout.OPERATION_MASK) {
            case INSERT ->
                unregistered(
                        record,
                        MapBits.flags(record, HeapLayout.INSERT_BYTES, HeapLayout.INSERT_FLAGS)
                                & HeapLayout.ALL_VISIBLE_CLEARED);
            case DELETE ->
                unregistered(
                        record,
                        MapBits.flags(record, HeapLayout.XMAX_BYTES, HeapLayout.XMAX_FLAGS)
                                & HeapLayout.ALL_VISIBLE_CLEARED);
            case UPDATE, HOT_UPDATE -> HeapUpdateRedo.clearsAllVisible(record);
            default -> 0;
        };
    }

    @Override
    public long clearsAllFrozen(final WalRecord record) {
        return (record.operation() & HeapLayout.OPERATION_MASK) == LOCK
                ? unregistered(
                        record,
                        MapBits.flags(record, HeapLayout.XMAX_BYTES, HeapLayout.XMAX_FLAGS)
                                & HeapLayout.ALL_FROZEN_CLEARED)
                : 0;
    }

    /** The heap block's bit, unless nothing is cleared or the map's page is registered. */
    static long unregistered(final WalRecord record, final int cleared) {
        return cleared == 0 || record.hasBlock(HeapLayout.MAP_BLOCK) ? 0 : 1L << HeapLayout.HEAP_BLOCK;
    }

    private PageChange changeTuple(final RedoContext redo, final int operation) {
        redo.requireNoInit(HeapLayout.HEAP_BLOCK);
        switch (operation) {
            case DELETE -> delete(redo);
            case CONFIRM -> confirm(redo);
            case LOCK -> lock(redo);
            case INPLACE -> updateInPlace(redo);
            default -> throw redo.unexpectedBlock(HeapLayout.HEAP_BLOCK);
        }
        return PageChange.MOVES_LSN;
    }

    /** INSERT, DELETE and LOCK may register the map's page. */
    private static PageChange clearMap(final RedoContext redo, final int block) {
        final WalRecord record = redo.record();
        final int cleared = switch (record.operation() & HeapLayout.OPERATION_MASK) {
            case INSERT ->
                MapBits.flags(record, HeapLayout.INSERT_BYTES, HeapLayout.INSERT_FLAGS)
                        & HeapLayout.ALL_VISIBLE_CLEARED;
            case DELETE, LOCK ->
                MapBits.flags(record, HeapLayout.XMAX_BYTES, HeapLayout.XMAX_FLAGS) & HeapLayout.ALL_VISIBLE_CLEARED;
            default -> 0;
        };
        if (block != HeapLayout.MAP_BLOCK || cleared == 0) {
            throw redo.unexpectedBlock(block);
        }
        final boolean onlyFrozen = (record.operation() & HeapLayout.OPERATION_MASK) == LOCK;
        return MapBits.clear(
                redo,
                block,
                record.blockNumber(HeapLayout.HEAP_BLOCK),
                onlyFrozen ? VisibilityMap.ALL_FROZEN : VisibilityMap.VALID_BITS);
    }

    /**
     * heap_xlog_insert. The most frequent record of all: it reads and writes header fields by the eight bytes where they lie together.
     */
    private static PageChange insert(final RedoContext redo) {
        final WalRecord record = redo.record();
        final PageFlyweight page = redo.page();
        final MemorySegment source = record.segment();
        final int flags = MapBits.flags(record, HeapLayout.INSERT_BYTES, HeapLayout.INSERT_FLAGS);
        final int offsetNumber =
                LittleEndian.getUnsignedShort(source, record.mainDataOffset() + HeapLayout.INSERT_OFFSET_NUMBER);
        if ((record.operation() & HeapLayout.INIT_PAGE) != 0) {
            redo.requireInit(HeapLayout.HEAP_BLOCK);
            page.initializeZeroed(0);
        } else {
            redo.requireNoInit(HeapLayout.HEAP_BLOCK);
        }
        final long data = record.blockDataOffset(HeapLayout.HEAP_BLOCK);
        final int bodyBytes = record.blockDataLength(HeapLayout.HEAP_BLOCK) - HeapLayout.TUPLE_HEADER_BYTES;
        final long at = HeapTuples.reserve(redo, offsetNumber, bodyBytes);
        // The main data follow the block's: there are eight bytes to read.
        HeapTuples.writeHeader(
                page.segment(),
                at,
                record.xid(),
                0,
                record.blockNumber(HeapLayout.HEAP_BLOCK),
                offsetNumber,
                LittleEndian.getLong(source, data) & TUPLE_HEADER_MASK);
        MemorySegment.copy(
                source,
                data + HeapLayout.TUPLE_HEADER_BYTES,
                page.segment(),
                at + HeapTupleFlyweight.HEADER_BYTES,
                bodyBytes);
        if ((flags & HeapLayout.ALL_VISIBLE_CLEARED) != 0) {
            page.clearFlag(PageLayout.ALL_VISIBLE);
        }
        return PageChange.MOVES_LSN;
    }

    /** heap_xlog_delete: also what undoes a speculative insertion (a "super" delete). */
    private void delete(final RedoContext redo) {
        final RecordData main = redo.main();
        main.at(0, HeapLayout.XMAX_BYTES);
        final int offsetNumber = main.unsignedShort(HeapLayout.XMAX_OFFSET_NUMBER);
        final int flags = main.unsignedByte(HeapLayout.XMAX_FLAGS);
        HeapTuples.find(redo, tuple, offsetNumber);
        HeapTuples.setXmaxBits(tuple, main.unsignedByte(HeapLayout.XMAX_INFOBITS));
        HeapTuples.clearHotUpdated(tuple);
        if ((flags & DELETE_IS_SUPER) == 0) {
            tuple.xmax(main.intAt(HeapLayout.XMAX));
        } else {
            tuple.xmin(0);
        }
        HeapTuples.clearCommandId(tuple);
        HeapTuples.setPrunable(redo.page(), redo.record().xid());
        if ((flags & HeapLayout.ALL_VISIBLE_CLEARED) != 0) {
            redo.page().clearFlag(PageLayout.ALL_VISIBLE);
        }
        if ((flags & DELETE_IS_PARTITION_MOVE) != 0) {
            tuple.ctid(INVALID_BLOCK, HeapTupleFlyweight.MOVED_PARTITIONS_OFFSET_NUMBER);
        } else {
            pointToItself(redo, offsetNumber);
        }
    }

    /** heap_xlog_confirm: a speculative insertion becomes a real one. */
    private void confirm(final RedoContext redo) {
        final int offsetNumber = redo.main().unsignedShort(0);
        HeapTuples.find(redo, tuple, offsetNumber);
        pointToItself(redo, offsetNumber);
    }

    /** heap_xlog_lock: when xmax is not an updater's, there is no newer version to point to. */
    private void lock(final RedoContext redo) {
        final RecordData main = redo.main();
        main.at(0, HeapLayout.XMAX_BYTES);
        final int offsetNumber = main.unsignedShort(HeapLayout.XMAX_OFFSET_NUMBER);
        HeapTuples.find(redo, tuple, offsetNumber);
        HeapTuples.setXmaxBits(tuple, main.unsignedByte(HeapLayout.XMAX_INFOBITS));
        if (HeapTupleFlags.isLockedOnly(tuple.infomask())) {
            HeapTuples.clearHotUpdated(tuple);
            pointToItself(redo, offsetNumber);
        }
        tuple.xmax(main.intAt(HeapLayout.XMAX));
        HeapTuples.clearCommandId(tuple);
    }

    /** heap_xlog_inplace: new data of exactly the old length. */
    private void updateInPlace(final RedoContext redo) {
        final int offsetNumber = redo.main().unsignedShort(0);
        final RecordData data = redo.blockData(HeapLayout.HEAP_BLOCK);
        HeapTuples.find(redo, tuple, offsetNumber);
        if (tuple.dataBytes() != data.length()) {
            throw redo.misfit("the record has " + data.length() + " bytes for the tuple at line pointer " + offsetNumber
                    + ", which has " + tuple.dataBytes());
        }
        MemorySegment.copy(
                data.segment(),
                data.at(0, data.length()),
                tuple.segment(),
                tuple.base() + tuple.dataOffset(),
                data.length());
    }

    private void pointToItself(final RedoContext redo, final int offsetNumber) {
        tuple.ctid(redo.record().blockNumber(HeapLayout.HEAP_BLOCK), offsetNumber);
    }
}
