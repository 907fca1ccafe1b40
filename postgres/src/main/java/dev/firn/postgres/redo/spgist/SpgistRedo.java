package dev.firn.postgres.redo.spgist;

import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.PageChange;
import dev.firn.postgres.redo.PageRedo;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.redo.RedoContext;
import dev.firn.postgres.version.PostgresVersion;

/**
 * Redo of SP-GiST indexes: spg_redo of access/spgist/spgxlog.c, over the records of access/spgxlog.h.
 *
 * <p>Each record has all its data in the main part, whichever page they are for: so redo of one page skips what is another's. Tuples in it
 * are not aligned.
 */
public final class SpgistRedo implements PageRedo {
    // XLOG_SPGIST_*.
    private static final int ADD_LEAF = 0x10;
    private static final int MOVE_LEAFS = 0x20;
    private static final int ADD_NODE = 0x30;
    private static final int SPLIT_TUPLE = 0x40;
    private static final int PICKSPLIT = 0x50;
    private static final int VACUUM_LEAF = 0x60;
    private static final int VACUUM_ROOT = 0x70;
    private static final int VACUUM_REDIRECT = 0x80;

    private final SpgistTuples tuples = new SpgistTuples();
    private final SpgistInnerRedo inner = new SpgistInnerRedo(tuples);
    private final SpgistPickSplitRedo pickSplit = new SpgistPickSplitRedo(tuples);
    private final SpgistVacuumRedo vacuum;

    /** Redo of a version's records. */
    public SpgistRedo(final PostgresVersion version) {
        this.vacuum = new SpgistVacuumRedo(version, tuples);
    }

    @Override
    public PageChange apply(final RedoContext redo, final int block) {
        switch (redo.operation()) {
            case ADD_LEAF -> addLeaf(redo, block);
            case MOVE_LEAFS -> moveLeafs(redo, block);
            case ADD_NODE -> inner.addNode(redo, block);
            case SPLIT_TUPLE -> inner.splitTuple(redo, block);
            case PICKSPLIT -> pickSplit.apply(redo, block);
            case VACUUM_LEAF -> vacuum.leaf(redo, block);
            case VACUUM_ROOT -> vacuum.root(redo, block);
            case VACUUM_REDIRECT -> vacuum.redirect(redo, block);
            default -> throw redo.unknownOperation();
        }
        return PageChange.MOVES_LSN;
    }

    /** spgRedoAddLeaf over spgxlogAddLeaf: block 0 gets the tuple, block 1 has its parent. */
    private void addLeaf(final RedoContext redo, final int block) {
        final RecordData main = redo.main();
        final boolean newPage = main.unsignedByte(0) != 0;
        final boolean nulls = main.unsignedByte(1) != 0;
        final int offsetNumber = main.unsignedShort(2);
        final int headOffsetNumber = main.unsignedShort(4);
        final int parentOffsetNumber = main.unsignedShort(6);
        final int node = main.unsignedShort(8);
        final int leaf = 10;
        final PageFlyweight page = redo.page();
        if (block == 1 && parentOffsetNumber != SpgistPage.NO_OFFSET_NUMBER) {
            redo.requireNoInit(block);
            SpgistPage.nodeLink(page, parentOffsetNumber, node, redo.record().blockNumber(0), offsetNumber);
            return;
        }
        if (block != 0) {
            throw redo.unexpectedBlock(block);
        }
        beginPage(redo, block, newPage, leafFlags(nulls));
        final int bytes = leafBytes(redo, main, leaf);
        if (offsetNumber == headOffsetNumber) {
            SpgistPage.requireState(page, offsetNumber, SpgistPage.DEAD);
            tuples.replace(redo, offsetNumber, main, leaf, bytes);
            return;
        }
        tuples.addOrReplace(redo, offsetNumber, main, leaf, bytes);
        if (headOffsetNumber != SpgistPage.NO_OFFSET_NUMBER) {
            SpgistPage.link(page, headOffsetNumber, offsetNumber);
        }
    }

    /** spgRedoMoveLeafs over spgxlogMoveLeafs: a chain moves from block 0 to block 1, and block 2 has their parent. */
    private void moveLeafs(final RedoContext redo, final int block) {
        final RecordData main = redo.main();
        final int moved = main.unsignedShort(0);
        final boolean newPage = main.unsignedByte(2) != 0;
        final boolean replacesDead = main.unsignedByte(3) != 0;
        final boolean nulls = main.unsignedByte(4) != 0;
        final int parentOffsetNumber = main.unsignedShort(6);
        final int node = main.unsignedShort(8);
        final int xid = main.intAt(12);
        final boolean building = main.unsignedByte(16) != 0;
        final int toDelete = 20;
        final int inserted = replacesDead ? 1 : moved + 1;
        final int toInsert = toDelete + moved * Short.BYTES;
        final int leafs = toInsert + inserted * Short.BYTES;
        final int chainBlock = redo.record().blockNumber(1);
        final int chainOffsetNumber = main.unsignedShort(toInsert + (inserted - 1) * Short.BYTES);
        switch (block) {
            case 0 -> {
                redo.requireNoInit(block);
                tuples.redirectTo(chainBlock, chainOffsetNumber, xid);
                tuples.bury(redo, main, toDelete, moved, replacement(building), SpgistPage.PLACEHOLDER);
            }
            case 1 -> {
                beginPage(redo, block, newPage, leafFlags(nulls));
                int at = leafs;
                for (int i = 0; i < inserted; i++) {
                    final int bytes = leafBytes(redo, main, at);
                    tuples.addOrReplace(redo, main.unsignedShort(toInsert + i * Short.BYTES), main, at, bytes);
                    at += bytes;
                }
            }
            case 2 -> {
                redo.requireNoInit(block);
                SpgistPage.nodeLink(redo.page(), parentOffsetNumber, node, chainBlock, chainOffsetNumber);
            }
            default -> throw redo.unexpectedBlock(block);
        }
    }

    /** What takes the place of a tuple that others lead to: while the index is built nobody reads it, and nobody needs redirecting. */
    static int replacement(final boolean building) {
        return building ? SpgistPage.PLACEHOLDER : SpgistPage.REDIRECT;
    }

    /** The flags of a leaf page, in the tree of values or in that of nulls. */
    static int leafFlags(final boolean nulls) {
        return SpgistPage.LEAF | (nulls ? SpgistPage.NULLS : 0);
    }

    /** XLogInitBufferForRedo and SpGistInitBuffer, when the record's payload says that the page is new; its block reference must agree. */
    static void beginPage(final RedoContext redo, final int block, final boolean newPage, final int flags) {
        if (newPage) {
            redo.requireInit(block);
            SpgistPage.initialize(redo.page(), flags);
        } else {
            redo.requireNoInit(block);
        }
    }

    /** How long the leaf tuple at a place of the record is, checked. */
    static int leafBytes(final RedoContext redo, final RecordData main, final int index) {
        return requireTuple(redo, main, index, SpgistPage.leafBytes(main.intAt(index)));
    }

    /** How long the inner tuple at a place of the record is, checked. */
    static int innerBytes(final RedoContext redo, final RecordData main, final int index) {
        return requireTuple(redo, main, index, main.unsignedShort(index + SpgistPage.INNER_SIZE_OFFSET));
    }

    private static int requireTuple(final RedoContext redo, final RecordData main, final int index, final int bytes) {
        if (bytes < SpgistPage.DEAD_TUPLE_BYTES) {
            throw redo.misfit("the record has a tuple of " + bytes + " bytes, less than any of SP-GiST");
        }
        main.at(index, bytes);
        return bytes;
    }
}
