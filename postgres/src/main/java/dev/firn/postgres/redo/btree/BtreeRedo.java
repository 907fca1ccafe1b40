package dev.firn.postgres.redo.btree;

import dev.firn.postgres.redo.PageChange;
import dev.firn.postgres.redo.PageRedo;
import dev.firn.postgres.redo.RedoContext;

/**
 * Redo of btree indexes: btree_redo of nbtxlog.c. What pages are changed by is the same in all versions from 15 to 17: later ones only add to
 * the end of a record what standbys ask for.
 */
public final class BtreeRedo implements PageRedo {
    // XLOG_BTREE_* of access/nbtxlog.h.
    private static final int INSERT_LEAF = 0x00;
    private static final int INSERT_UPPER = 0x10;
    private static final int INSERT_META = 0x20;
    private static final int SPLIT_L = 0x30;
    private static final int SPLIT_R = 0x40;
    private static final int INSERT_POST = 0x50;
    private static final int DEDUP = 0x60;
    private static final int DELETE = 0x70;
    private static final int UNLINK_PAGE = 0x80;
    private static final int UNLINK_PAGE_META = 0x90;
    private static final int NEWROOT = 0xA0;
    private static final int MARK_PAGE_HALFDEAD = 0xB0;
    private static final int VACUUM = 0xC0;
    private static final int REUSE_PAGE = 0xD0;
    private static final int META_CLEANUP = 0xE0;

    private final BtreeInsertRedo inserts = new BtreeInsertRedo();
    private final BtreeSplitRedo splits = new BtreeSplitRedo(inserts);
    private final BtreeDeleteRedo deletes = new BtreeDeleteRedo();

    @Override
    public PageChange apply(final RedoContext redo, final int block) {
        return switch (redo.operation()) {
            case INSERT_LEAF -> {
                only(redo, block);
                yield inserts.insert(redo);
            }
            case INSERT_UPPER -> insertUpper(redo, block, false);
            case INSERT_META -> insertUpper(redo, block, true);
            case SPLIT_L -> splits.split(redo, block, true);
            case SPLIT_R -> splits.split(redo, block, false);
            case INSERT_POST -> {
                only(redo, block);
                yield inserts.insertIntoPosting(redo);
            }
            case DEDUP -> {
                only(redo, block);
                yield BtreeDedupRedo.merge(redo);
            }
            case DELETE -> {
                only(redo, block);
                yield deletes.delete(redo);
            }
            case UNLINK_PAGE -> BtreeUnlinkRedo.unlink(redo, block, false);
            case UNLINK_PAGE_META -> BtreeUnlinkRedo.unlink(redo, block, true);
            case NEWROOT -> newRoot(redo, block);
            case MARK_PAGE_HALFDEAD -> BtreeUnlinkRedo.markHalfDead(redo, block);
            case VACUUM -> {
                only(redo, block);
                yield deletes.vacuum(redo);
            }
            case META_CLEANUP -> {
                only(redo, block);
                yield BtreeMetaRedo.restore(redo, block);
            }
            // For standbys alone: it registers no block.
            case REUSE_PAGE -> throw redo.unexpectedBlock(block);
            default -> throw redo.unknownOperation();
        };
    }

    /** The page above the leaves; the child whose split its new downlink completes; the metapage, when the fast root moves up. */
    private PageChange insertUpper(final RedoContext redo, final int block, final boolean withMeta) {
        if (block == 0) {
            return inserts.insert(redo);
        }
        if (block == 1) {
            return BtreeInsertRedo.completeSplit(redo, block);
        }
        if (block == 2 && withMeta) {
            return BtreeMetaRedo.restore(redo, block);
        }
        throw redo.unexpectedBlock(block);
    }

    private PageChange newRoot(final RedoContext redo, final int block) {
        return switch (block) {
            case 0 -> inserts.newRoot(redo);
            case 1 -> BtreeInsertRedo.completeRootSplit(redo);
            case 2 -> BtreeMetaRedo.restore(redo, block);
            default -> throw redo.unexpectedBlock(block);
        };
    }

    private static void only(final RedoContext redo, final int block) {
        if (block != 0) {
            throw redo.unexpectedBlock(block);
        }
    }
}
