package dev.firn.postgres.redo.heap;

import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.page.VisibilityMap;
import dev.firn.postgres.redo.PageChange;
import dev.firn.postgres.redo.PageRedo;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.redo.RedoContext;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.WalRecord;
import java.lang.foreign.MemorySegment;

/**
 * Redo of what did not fit into the heap's first resource manager: heap2_redo of access/heap/heapam.c.
 *
 * <p>REWRITE and NEW_CID have no block: they are there for logical decoding only.
 */
public final class Heap2Redo implements PageRedo {
    private static final int PRUNE_FIRST = 0x10;
    private static final int PRUNE_LAST = 0x30;
    private static final int VISIBLE = 0x40;
    private static final int MULTI_INSERT = 0x50;
    private static final int LOCK_UPDATED = 0x60;

    /** XLH_INSERT_ALL_FROZEN_SET: COPY FREEZE filled the page. */
    private static final int INSERT_ALL_FROZEN_SET = 0x20;

    // xl_multi_insert_tuple: the length of what follows, then what xl_heap_header has.
    private static final int MULTI_INSERT_TUPLE_BYTES = 7;

    // xl_heap_visible. Unlike other records, it has the map's page first.
    private static final int VISIBLE_BYTES = 5;
    private static final int VISIBLE_FLAGS = 4;
    private static final int VISIBLE_MAP_BLOCK = 0;
    private static final int VISIBLE_HEAP_BLOCK = 1;

    private final HeapTupleFlyweight tuple = new HeapTupleFlyweight();
    private final PruneRedo prunes;

    /** Redo of a version's records. */
    public Heap2Redo(final PostgresVersion version) {
        final PagePruner pruner = new PagePruner(tuple);
        prunes = version.combinedPruneFreeze() ? new CombinedPruneRedo(pruner) : new SeparatePruneRedo(pruner);
    }

    @Override
    public PageChange apply(final RedoContext redo, final int block) {
        final int operation = redo.operation() & HeapLayout.OPERATION_MASK;
        if (operation == VISIBLE) {
            return setVisible(redo, block);
        }
        if (block == HeapLayout.MAP_BLOCK) {
            return clearMap(redo, operation);
        }
        if (block != HeapLayout.HEAP_BLOCK) {
            throw redo.unexpectedBlock(block);
        }
        if (operation == MULTI_INSERT) {
            insertAll(redo);
            return PageChange.MOVES_LSN;
        }
        redo.requireNoInit(block);
        if (operation == LOCK_UPDATED) {
            lockUpdated(redo);
        } else if (operation >= PRUNE_FIRST && operation <= PRUNE_LAST) {
            prunes.apply(redo, operation);
        } else {
            throw redo.unexpectedBlock(block);
        }
        return PageChange.MOVES_LSN;
    }

    /** The map's page of VISIBLE is read with RBM_ZERO_ON_ERROR: it may be the first bit in it. */
    @Override
    public boolean takesNewPage(final WalRecord record, final int block) {
        return block == VISIBLE_MAP_BLOCK && (record.operation() & HeapLayout.OPERATION_MASK) == VISIBLE;
    }

    @Override
    public long clearsAllVisible(final WalRecord record) {
        return (record.operation() & HeapLayout.OPERATION_MASK) == MULTI_INSERT
                ? HeapRedo.unregistered(record, cleared(record, MULTI_INSERT))
                : 0;
    }

    @Override
    public long clearsAllFrozen(final WalRecord record) {
        return (record.operation() & HeapLayout.OPERATION_MASK) == LOCK_UPDATED
                ? HeapRedo.unregistered(record, cleared(record, LOCK_UPDATED))
                : 0;
    }

    private static int cleared(final WalRecord record, final int operation) {
        return switch (operation) {
            case MULTI_INSERT ->
                MapBits.flags(record, HeapLayout.MULTI_INSERT_BYTES, HeapLayout.MULTI_INSERT_FLAGS)
                        & HeapLayout.ALL_VISIBLE_CLEARED;
            case LOCK_UPDATED ->
                MapBits.flags(record, HeapLayout.XMAX_BYTES, HeapLayout.XMAX_FLAGS) & HeapLayout.ALL_FROZEN_CLEARED;
            default -> 0;
        };
    }

    private static PageChange clearMap(final RedoContext redo, final int operation) {
        if (cleared(redo.record(), operation) == 0) {
            throw redo.unexpectedBlock(HeapLayout.MAP_BLOCK);
        }
        return MapBits.clear(
                redo,
                HeapLayout.MAP_BLOCK,
                redo.record().blockNumber(HeapLayout.HEAP_BLOCK),
                operation == LOCK_UPDATED ? VisibilityMap.ALL_FROZEN : VisibilityMap.VALID_BITS);
    }

    /**
     * heap_xlog_visible. Marking the heap page is a hint, so its LSN moves only where hints must be logged; the map's page has an LSN of its
     * own, which stays when the bits are there already (visibilitymap_set).
     */
    private static PageChange setVisible(final RedoContext redo, final int block) {
        redo.requireNoInit(block);
        final WalRecord record = redo.record();
        final PageFlyweight page = redo.page();
        final int bits = MapBits.flags(record, VISIBLE_BYTES, VISIBLE_FLAGS) & VisibilityMap.VALID_BITS;
        if (block == VISIBLE_HEAP_BLOCK) {
            page.setFlag(PageLayout.ALL_VISIBLE);
            return redo.hintBitsLogged() ? PageChange.MOVES_LSN : PageChange.KEEPS_LSN;
        }
        if (block != VISIBLE_MAP_BLOCK) {
            throw redo.unexpectedBlock(block);
        }
        final int heapBlock = record.blockNumber(VISIBLE_HEAP_BLOCK);
        MapBits.requireMapOf(redo, block, heapBlock);
        final boolean made = page.isNew();
        if (made) {
            page.initialize(0);
        }
        if (VisibilityMap.get(page, heapBlock) == bits) {
            return made ? PageChange.KEEPS_LSN : PageChange.NONE;
        }
        VisibilityMap.set(page, heapBlock, bits);
        return PageChange.MOVES_LSN;
    }

    /** heap_xlog_multi_insert: on a new page the tuples have the offset numbers from 1, else the record has a list of them. */
    private static void insertAll(final RedoContext redo) {
        final WalRecord record = redo.record();
        final PageFlyweight page = redo.page();
        final RecordData main = redo.main();
        final RecordData data = redo.blockData(HeapLayout.HEAP_BLOCK);
        final int flags = main.unsignedByte(HeapLayout.MULTI_INSERT_FLAGS);
        final int count = main.unsignedShort(HeapLayout.MULTI_INSERT_COUNT);
        final boolean init = (record.operation() & HeapLayout.INIT_PAGE) != 0;
        if (init) {
            redo.requireInit(HeapLayout.HEAP_BLOCK);
            page.initializeZeroed(0);
        } else {
            redo.requireNoInit(HeapLayout.HEAP_BLOCK);
        }
        main.position(HeapLayout.MULTI_INSERT_BYTES);
        for (int i = 0; i < count; i++) {
            final int offsetNumber = init ? i + 1 : main.nextUnsignedShort();
            data.alignShort();
            data.at(data.position(), MULTI_INSERT_TUPLE_BYTES);
            final int bodyBytes = data.nextUnsignedShort();
            final long masks = data.nextInt() & 0xFFFF_FFFFL;
            final long dataOffset = data.nextUnsignedByte();
            final long body = data.take(bodyBytes);
            final long at = HeapTuples.reserve(redo, offsetNumber, bodyBytes);
            HeapTuples.writeHeader(
                    page.segment(),
                    at,
                    record.xid(),
                    0,
                    record.blockNumber(HeapLayout.HEAP_BLOCK),
                    offsetNumber,
                    masks | dataOffset << Integer.SIZE);
            MemorySegment.copy(data.segment(), body, page.segment(), at + HeapTupleFlyweight.HEADER_BYTES, bodyBytes);
        }
        data.requireEnd();
        if ((flags & HeapLayout.ALL_VISIBLE_CLEARED) != 0) {
            page.clearFlag(PageLayout.ALL_VISIBLE);
        }
        if ((flags & INSERT_ALL_FROZEN_SET) != 0) {
            page.setFlag(PageLayout.ALL_VISIBLE);
        }
    }

    /** heap_xlog_lock_updated: a lock on a later version of a row that is locked. Its t_ctid and t_cid stay. */
    private void lockUpdated(final RedoContext redo) {
        final RecordData main = redo.main();
        main.at(0, HeapLayout.XMAX_BYTES);
        HeapTuples.find(redo, tuple, main.unsignedShort(HeapLayout.XMAX_OFFSET_NUMBER));
        HeapTuples.setXmaxBits(tuple, main.unsignedByte(HeapLayout.XMAX_INFOBITS));
        tuple.xmax(main.intAt(HeapLayout.XMAX));
    }
}
