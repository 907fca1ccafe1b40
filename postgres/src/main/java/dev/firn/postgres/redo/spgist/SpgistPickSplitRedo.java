package dev.firn.postgres.redo.spgist;

import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.redo.RedoContext;

/**
 * Redo of PICKSPLIT: spgRedoPickSplit of spgxlog.c over spgxlogPickSplit. A chain of leaf tuples that grew too long becomes an inner
 * tuple with chains of their own.
 *
 * <p>Leaf tuples leave block 0, the source, unless it is the root; they go back to it and to block 1, the destination, as the record tells
 * for each. Block 2 gets the inner tuple. The parent is there too, or in block 3, or there is none.
 */
final class SpgistPickSplitRedo {
    private static final int SOURCE = 0;
    private static final int DESTINATION = 1;
    private static final int INNER = 2;
    private static final int PARENT = 3;

    // Fields of spgxlogPickSplit.
    private static final int IS_ROOT_SPLIT = 0;
    private static final int DELETED_COUNT = 2;
    private static final int INSERTED_COUNT = 4;
    private static final int INIT_SOURCE = 6;
    private static final int INIT_DESTINATION = 7;
    private static final int INNER_OFFSET_NUMBER = 8;
    private static final int INIT_INNER = 10;
    private static final int STORES_NULLS = 11;
    private static final int INNER_IS_PARENT = 12;
    private static final int PARENT_OFFSET_NUMBER = 14;
    private static final int NODE = 16;
    private static final int XID = 20;
    private static final int IS_BUILD = 24;
    private static final int HEADER_BYTES = 28;

    private final SpgistTuples tuples;

    SpgistPickSplitRedo(final SpgistTuples tuples) {
        this.tuples = tuples;
    }

    void apply(final RedoContext redo, final int block) {
        final RecordData main = redo.main();
        main.at(0, HEADER_BYTES);
        switch (block) {
            case SOURCE -> changeSource(redo, main);
            case DESTINATION -> {
                SpgistRedo.beginPage(redo, block, flag(main, INIT_DESTINATION), leafFlags(main));
                insertLeafs(redo, main, true);
            }
            case INNER -> addInner(redo, main);
            case PARENT -> {
                redo.requireNoInit(block);
                linkParent(redo, main);
            }
            default -> throw redo.unexpectedBlock(block);
        }
    }

    private void changeSource(final RedoContext redo, final RecordData main) {
        if (flag(main, IS_ROOT_SPLIT)) {
            throw redo.unexpectedBlock(SOURCE);
        }
        final boolean newPage = flag(main, INIT_SOURCE);
        SpgistRedo.beginPage(redo, SOURCE, newPage, leafFlags(main));
        if (!newPage) {
            tuples.redirectTo(
                    redo.record().blockNumber(INNER), main.unsignedShort(INNER_OFFSET_NUMBER), main.intAt(XID));
            tuples.bury(
                    redo,
                    main,
                    HEADER_BYTES,
                    main.unsignedShort(DELETED_COUNT),
                    SpgistRedo.replacement(flag(main, IS_BUILD)),
                    SpgistPage.PLACEHOLDER);
        }
        insertLeafs(redo, main, false);
    }

    /** The leaf tuples for the source, or those for the destination; the others are skipped. */
    private void insertLeafs(final RedoContext redo, final RecordData main, final boolean forDestination) {
        final int count = main.unsignedShort(INSERTED_COUNT);
        final int offsetNumbers = insertedOffsetNumbers(main);
        final int selectors = offsetNumbers + count * Short.BYTES;
        final int inner = innerTuple(main);
        int at = inner + SpgistRedo.innerBytes(redo, main, inner);
        for (int i = 0; i < count; i++) {
            final int bytes = SpgistRedo.leafBytes(redo, main, at);
            if (flag(main, selectors + i) == forDestination) {
                tuples.addOrReplace(redo, main.unsignedShort(offsetNumbers + i * Short.BYTES), main, at, bytes);
            }
            at += bytes;
        }
    }

    private void addInner(final RedoContext redo, final RecordData main) {
        SpgistRedo.beginPage(redo, INNER, flag(main, INIT_INNER), flag(main, STORES_NULLS) ? SpgistPage.NULLS : 0);
        final int inner = innerTuple(main);
        tuples.addOrReplace(
                redo, main.unsignedShort(INNER_OFFSET_NUMBER), main, inner, SpgistRedo.innerBytes(redo, main, inner));
        if (flag(main, INNER_IS_PARENT)) {
            linkParent(redo, main);
        }
    }

    private static void linkParent(final RedoContext redo, final RecordData main) {
        SpgistPage.nodeLink(
                redo.page(),
                main.unsignedShort(PARENT_OFFSET_NUMBER),
                main.unsignedShort(NODE),
                redo.record().blockNumber(INNER),
                main.unsignedShort(INNER_OFFSET_NUMBER));
    }

    /** After the header: offset numbers that are deleted, those that are inserted, a page selector for each of these, the tuples. */
    private static int insertedOffsetNumbers(final RecordData main) {
        return HEADER_BYTES + main.unsignedShort(DELETED_COUNT) * Short.BYTES;
    }

    private static int innerTuple(final RecordData main) {
        return insertedOffsetNumbers(main) + main.unsignedShort(INSERTED_COUNT) * (Short.BYTES + Byte.BYTES);
    }

    private static int leafFlags(final RecordData main) {
        return SpgistRedo.leafFlags(flag(main, STORES_NULLS));
    }

    private static boolean flag(final RecordData main, final int index) {
        return main.unsignedByte(index) != 0;
    }
}
