package dev.firn.postgres.redo.hash;

import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.PageChange;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.redo.RedoContext;

/**
 * A bucket that is split: hash_xlog_split_allocate_page, hash_xlog_split_page, hash_xlog_split_complete and hash_xlog_split_cleanup of
 * hash_xlog.c. The tuples of the new bucket come as images.
 */
final class HashSplitRedo {
    // xl_hash_split_allocate_page.
    private static final int NEW_BUCKET = 0;
    private static final int ALLOCATE_OLD_FLAGS = 4;
    private static final int ALLOCATE_NEW_FLAGS = 6;
    private static final int META_UPDATES = 8;

    // XLH_SPLIT_META_UPDATE_*.
    private static final int UPDATE_MASKS = 0x01;
    private static final int UPDATE_SPLIT_POINT = 0x02;

    // xl_hash_split_complete: the flags of block 0, then of block 1.
    private static final int COMPLETE_OLD_FLAGS = 0;
    private static final int COMPLETE_NEW_FLAGS = 2;

    private HashSplitRedo() {}

    /** SPLIT_ALLOCATE_PAGE: the first page of the bucket that is split, of the new one, and the metapage. */
    static PageChange allocate(final RedoContext redo, final int block) {
        switch (block) {
            case 0 -> {
                redo.requireNoInit(block);
                markSplit(redo);
            }
            case 1 -> {
                redo.requireInit(block);
                final RecordData main = redo.main();
                final int bucket = main.intAt(NEW_BUCKET);
                HashPage.initialize(redo.page(), bucket, bucket, main.unsignedShort(ALLOCATE_NEW_FLAGS));
            }
            case 2 -> {
                redo.requireNoInit(block);
                growMeta(redo);
            }
            default -> throw redo.unexpectedBlock(block);
        }
        return PageChange.MOVES_LSN;
    }

    /** The bucket that is split. The primary's image is from before this change, so it is done after an image too. */
    static void markSplit(final RedoContext redo) {
        final RecordData main = redo.main();
        HashPage.flags(redo.page(), main.unsignedShort(ALLOCATE_OLD_FLAGS));
        HashPage.previous(redo.page(), main.intAt(NEW_BUCKET));
    }

    private static void growMeta(final RedoContext redo) {
        final PageFlyweight page = redo.page();
        final RecordData main = redo.main();
        final int updates = main.unsignedByte(META_UPDATES);
        HashMetaPage.maxBucket(page, main.intAt(NEW_BUCKET));
        final RecordData data = redo.blockData(2);
        if ((updates & UPDATE_MASKS) != 0) {
            final int low = data.nextInt();
            HashMetaPage.masks(page, low, data.nextInt());
        }
        if ((updates & UPDATE_SPLIT_POINT) != 0) {
            final int splitPoint = data.nextInt();
            HashMetaPage.splitPoint(page, splitPoint, data.nextInt());
        }
        data.requireEnd();
    }

    /** SPLIT_PAGE: a page of the new bucket, which the record has whole; so redo only gets here when it has not. */
    static PageChange page(final RedoContext redo, final int block) {
        if (block != 0) {
            throw redo.unexpectedBlock(block);
        }
        throw redo.misfit("the record has no image of the new bucket's page");
    }

    /** SPLIT_COMPLETE: the first pages of both buckets. */
    static PageChange complete(final RedoContext redo, final int block) {
        redo.requireNoInit(block);
        markComplete(redo, block);
        return PageChange.MOVES_LSN;
    }

    /** The flags of either bucket; like {@link #markSplit} after an image too. */
    static void markComplete(final RedoContext redo, final int block) {
        switch (block) {
            case 0 -> HashPage.flags(redo.page(), redo.main().unsignedShort(COMPLETE_OLD_FLAGS));
            case 1 -> HashPage.flags(redo.page(), redo.main().unsignedShort(COMPLETE_NEW_FLAGS));
            default -> throw redo.unexpectedBlock(block);
        }
    }

    /** SPLIT_CLEANUP: the tuples that moved to the new bucket have gone from the old one. */
    static PageChange cleanUp(final RedoContext redo, final int block) {
        redo.requireNoInit(block);
        if (block != 0) {
            throw redo.unexpectedBlock(block);
        }
        HashPage.clearFlags(redo.page(), HashPage.NEEDS_SPLIT_CLEANUP);
        return PageChange.MOVES_LSN;
    }
}
