package dev.firn.postgres.redo.brin;

import dev.firn.postgres.page.PageEditor;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.PageChange;
import dev.firn.postgres.redo.PageRedo;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.redo.RedoContext;

/** Redo of BRIN indexes: brin_redo of access/brin/brin_xlog.c, over the records of access/brin_xlog.h. They are the same in all versions. */
public final class BrinRedo implements PageRedo {
    // XLOG_BRIN_*.
    private static final int CREATE_INDEX = 0x00;
    private static final int INSERT = 0x10;
    private static final int UPDATE = 0x20;
    private static final int SAMEPAGE_UPDATE = 0x30;
    private static final int REVMAP_EXTEND = 0x40;
    private static final int DESUMMARIZE = 0x50;
    private static final int OPERATION_MASK = 0x70;

    /** XLOG_BRIN_INIT_PAGE: the tuple is the first of a page made anew. */
    private static final int INIT_PAGE = 0x80;

    /** Where xl_brin_insert lies in xl_brin_update. */
    private static final int INSERT_IN_UPDATE = 4;

    // Fields of xl_brin_insert.
    private static final int HEAP_BLOCK_OFFSET = 0;
    private static final int PAGES_PER_RANGE_OFFSET = 4;
    private static final int OFFSET_NUMBER_OFFSET = 8;

    @Override
    public PageChange apply(final RedoContext redo, final int block) {
        switch (redo.operation() & OPERATION_MASK) {
            case CREATE_INDEX -> createIndex(redo, block);
            case INSERT -> insert(redo, block, 0);
            case UPDATE -> update(redo, block);
            case SAMEPAGE_UPDATE -> updateInPlace(redo, block);
            case REVMAP_EXTEND -> extendRevmap(redo, block);
            case DESUMMARIZE -> desummarize(redo, block);
            default -> throw redo.unknownOperation();
        }
        return PageChange.MOVES_LSN;
    }

    private static void createIndex(final RedoContext redo, final int block) {
        requireBlocks(redo, block, 1);
        redo.requireInit(block);
        final RecordData main = redo.main();
        BrinPage.initializeMeta(redo.page(), main.nextInt(), main.nextUnsignedShort());
    }

    /**
     * brin_xlog_insert_update: block 0 has the tuple, block 1 is the range map's page.
     *
     * @param at where in the main data xl_brin_insert lies.
     */
    private static void insert(final RedoContext redo, final int block, final int at) {
        requireBlocks(redo, block, 2);
        final RecordData main = redo.main();
        final int heapBlock = main.intAt(at + HEAP_BLOCK_OFFSET);
        final int offsetNumber = main.unsignedShort(at + OFFSET_NUMBER_OFFSET);
        if (block == 1) {
            redo.requireNoInit(block);
            BrinPage.requireType(redo.page(), BrinPage.REVMAP);
            BrinPage.setItemPointer(
                    redo.page(),
                    main.intAt(at + PAGES_PER_RANGE_OFFSET),
                    heapBlock,
                    redo.record().blockNumber(0),
                    offsetNumber);
            return;
        }
        final PageFlyweight page = redo.page();
        if ((redo.operation() & INIT_PAGE) != 0) {
            redo.requireInit(block);
            BrinPage.initialize(page, BrinPage.REGULAR);
        } else {
            redo.requireNoInit(block);
            BrinPage.requireType(page, BrinPage.REGULAR);
        }
        final RecordData tuple = tupleOf(redo, block);
        if (tuple.intAt(0) != heapBlock) {
            throw redo.misfit("the record is about heap block " + Integer.toUnsignedString(heapBlock)
                    + ", and its tuple about " + Integer.toUnsignedString(tuple.intAt(0)));
        }
        final int bytes = tuple.length();
        if (redo.editor().putItem(page, offsetNumber, tuple.segment(), tuple.at(0, bytes), bytes)
                == PageEditor.NO_ROOM) {
            throw redo.misfit("a tuple of " + bytes + " bytes cannot be put at offset number " + offsetNumber);
        }
    }

    /** brin_xlog_update: as in an insertion, and block 2 loses the old tuple. */
    private static void update(final RedoContext redo, final int block) {
        requireBlocks(redo, block, 3);
        if (block != 2) {
            insert(redo, block, INSERT_IN_UPDATE);
            return;
        }
        deleteTuple(redo, block, redo.main().nextUnsignedShort());
    }

    private static void updateInPlace(final RedoContext redo, final int block) {
        requireBlocks(redo, block, 1);
        redo.requireNoInit(block);
        BrinPage.requireType(redo.page(), BrinPage.REGULAR);
        final int offsetNumber = redo.main().nextUnsignedShort();
        final RecordData tuple = tupleOf(redo, block);
        final int bytes = tuple.length();
        if (!redo.editor().overwriteIndexTuple(redo.page(), offsetNumber, tuple.segment(), tuple.at(0, bytes), bytes)) {
            throw redo.misfit("a tuple of " + bytes + " bytes has no room at offset number " + offsetNumber);
        }
    }

    /** brin_xlog_revmap_extend: block 0 is the metapage, block 1 the new page of the range map. */
    private static void extendRevmap(final RedoContext redo, final int block) {
        requireBlocks(redo, block, 2);
        final int target = redo.main().nextInt();
        if (redo.record().blockNumber(1) != target) {
            throw redo.misfit("the record extends the range map by block " + Integer.toUnsignedString(target)
                    + ", and block reference #1 is "
                    + Integer.toUnsignedString(redo.record().blockNumber(1)));
        }
        if (block == 1) {
            redo.requireInit(block);
            BrinPage.initialize(redo.page(), BrinPage.REVMAP);
            return;
        }
        redo.requireNoInit(block);
        BrinPage.requireType(redo.page(), BrinPage.META);
        BrinPage.lastRevmapPage(redo.page(), target);
    }

    /** brin_xlog_desummarize_page: block 0 is the range map's page, block 1 loses the tuple. */
    private static void desummarize(final RedoContext redo, final int block) {
        requireBlocks(redo, block, 2);
        final RecordData main = redo.main();
        final int pagesPerRange = main.nextInt();
        final int heapBlock = main.nextInt();
        if (block == 1) {
            deleteTuple(redo, block, main.nextUnsignedShort());
            return;
        }
        redo.requireNoInit(block);
        BrinPage.requireType(redo.page(), BrinPage.REVMAP);
        BrinPage.unsetItemPointer(redo.page(), pagesPerRange, heapBlock);
    }

    /** The offset numbers of other tuples stay as they are: the range map has them. */
    private static void deleteTuple(final RedoContext redo, final int block, final int offsetNumber) {
        redo.requireNoInit(block);
        BrinPage.requireType(redo.page(), BrinPage.REGULAR);
        redo.editor().deleteIndexTupleKeepingPointer(redo.page(), offsetNumber);
    }

    private static RecordData tupleOf(final RedoContext redo, final int block) {
        final RecordData tuple = redo.blockData(block);
        tuple.at(0, Integer.BYTES);
        return tuple;
    }

    private static void requireBlocks(final RedoContext redo, final int block, final int count) {
        if (block >= count) {
            throw redo.unexpectedBlock(block);
        }
    }
}
