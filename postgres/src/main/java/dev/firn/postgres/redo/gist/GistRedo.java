package dev.firn.postgres.redo.gist;

import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.PageChange;
import dev.firn.postgres.redo.PageRedo;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.redo.RedoContext;
import dev.firn.postgres.version.PostgresVersion;

/**
 * Redo of GiST indexes: gist_redo of gistxlog.c, and access/gistxlog.h.
 *
 * <p>A page that was split has FOLLOW_RIGHT set until its parent has a downlink for the new page. The record that adds it registers the left
 * page too, and redo clears the flag and sets the NSN, which is the record's LSN: also on a page that was just restored from its image, for the
 * image was taken before.
 */
public final class GistRedo implements PageRedo {
    private static final int PAGE_UPDATE = 0x00;
    static final int DELETE = 0x10;
    private static final int PAGE_REUSE = 0x20;
    private static final int PAGE_SPLIT = 0x30;
    private static final int PAGE_DELETE = 0x60;
    private static final int ASSIGN_LSN = 0x70;

    // gistxlogPageSplit.
    private static final int ORIGINAL_RIGHT_LINK = 0;
    private static final int ORIGINAL_NSN = 8;
    private static final int ORIGINAL_IS_LEAF = 16;
    private static final int PAGE_COUNT = 18;
    private static final int MARKS_FOLLOW_RIGHT = 20;

    /** The block of the left page whose split a page update completes. */
    private static final int CHILD_OF_UPDATE = 1;

    /** The block of the left page whose split a page split completes. */
    private static final int CHILD_OF_SPLIT = 0;

    /** SizeOfGistxlogDelete: where the offset numbers begin. */
    private final int deletedOffsetsAt;

    private final int[] offsetNumbers = new int[PageLayout.MAX_OFFSET_NUMBER];

    /** Redo of a version's records. */
    public GistRedo(final PostgresVersion version) {
        deletedOffsetsAt = version.recordsTellCatalogRelation() ? 8 : 6;
    }

    @Override
    public PageChange apply(final RedoContext redo, final int block) {
        switch (redo.operation()) {
            case PAGE_UPDATE -> updatePage(redo, block);
            case DELETE -> deleteTuples(redo, block);
            case PAGE_SPLIT -> splitPage(redo, block);
            case PAGE_DELETE -> deletePage(redo, block);
            case PAGE_REUSE, ASSIGN_LSN -> throw redo.unexpectedBlock(block);
            default -> throw redo.unknownOperation();
        }
        return PageChange.MOVES_LSN;
    }

    @Override
    public boolean applyAfterImage(final RedoContext redo, final int block) {
        final int operation = redo.operation();
        if ((operation == PAGE_UPDATE && block == CHILD_OF_UPDATE)
                || (operation == PAGE_SPLIT && block == CHILD_OF_SPLIT)) {
            clearFollowRight(redo, block);
            return true;
        }
        return false;
    }

    /** gistRedoClearFollowRight. */
    private static void clearFollowRight(final RedoContext redo, final int block) {
        redo.requireNoInit(block);
        final PageFlyweight page = redo.page();
        GistPage.nsn(page, redo.lsn());
        GistPage.flags(page, GistPage.flags(page) & ~GistPage.FOLLOW_RIGHT);
    }

    /** gistRedoPageUpdateRecord: items go, others come. One for one is replaced in its place, as gistplacetopage does. */
    private void updatePage(final RedoContext redo, final int block) {
        if (block == CHILD_OF_UPDATE) {
            clearFollowRight(redo, block);
            return;
        }
        requireBlock(redo, block, 0);
        redo.requireNoInit(block);
        final RecordData main = redo.main();
        final int deleteCount = main.nextUnsignedShort();
        final int insertCount = main.nextUnsignedShort();
        final RecordData data = redo.blockData(0);
        if (deleteCount == 1 && insertCount == 1) {
            replaceItem(redo, data);
        } else {
            if (deleteCount > 0) {
                deleteItems(redo, data, deleteCount);
                markTuplesDeleted(redo.page());
            }
            addItems(redo, data, insertCount);
        }
        data.requireEnd();
    }

    private static void replaceItem(final RedoContext redo, final RecordData data) {
        final int offsetNumber = data.nextUnsignedShort();
        final int bytes = data.indexTupleBytes();
        final long tuple = data.take(bytes);
        if (!redo.editor().overwriteIndexTuple(redo.page(), offsetNumber, data.segment(), tuple, bytes)) {
            throw redo.misfit("there is no room to replace item " + offsetNumber + " by one of " + bytes + " bytes");
        }
    }

    /** Deletes the items that the data name next. */
    private void deleteItems(final RedoContext redo, final RecordData data, final int count) {
        if (count > offsetNumbers.length) {
            throw redo.misfit("the record deletes " + count + " items");
        }
        for (int i = 0; i < count; i++) {
            offsetNumbers[i] = data.nextUnsignedShort();
        }
        redo.editor().deleteIndexTuples(redo.page(), offsetNumbers, count);
    }

    /** Only scans of leaves ask for the flag. */
    private static void markTuplesDeleted(final PageFlyweight page) {
        final int flags = GistPage.flags(page);
        if ((flags & GistPage.LEAF) != 0) {
            GistPage.flags(page, flags | GistPage.TUPLES_DELETED);
        }
    }

    /** Adds so many tuples behind the page's last. */
    private static void addItems(final RedoContext redo, final RecordData data, final int count) {
        final PageFlyweight page = redo.page();
        int offsetNumber = page.linePointerCount();
        for (int i = 0; i < count; i++) {
            final int bytes = data.indexTupleBytes();
            final long tuple = data.take(bytes);
            if (redo.editor().addItem(page, ++offsetNumber, data.segment(), tuple, bytes) != offsetNumber) {
                throw redo.misfit("there is no room for item " + offsetNumber + " of " + bytes + " bytes");
            }
        }
    }

    /**
     * gistRedoDeleteRecord: dead items go. Redo marks the page as one that lost tuples; gistprunepage of the primary does not, and the
     * mask does not hide it: there stock redo finds an inconsistent page too.
     */
    private void deleteTuples(final RedoContext redo, final int block) {
        requireBlock(redo, block, 0);
        redo.requireNoInit(block);
        final RecordData main = redo.main();
        final int count = main.unsignedShort(Integer.BYTES);
        main.position(deletedOffsetsAt);
        deleteItems(redo, main, count);
        final PageFlyweight page = redo.page();
        GistPage.flags(page, (GistPage.flags(page) & ~GistPage.HAS_GARBAGE) | GistPage.TUPLES_DELETED);
    }

    /** gistRedoPageSplitRecord: block 0 is the child whose split this completes; the others are made anew, the original page first. */
    private static void splitPage(final RedoContext redo, final int block) {
        if (block == CHILD_OF_SPLIT) {
            clearFollowRight(redo, block);
            return;
        }
        redo.requireInit(block);
        final RecordData main = redo.main();
        final int pageCount = main.unsignedShort(PAGE_COUNT);
        if (block > pageCount) {
            throw redo.unexpectedBlock(block);
        }
        final boolean rootSplit = redo.record().blockNumber(1) == GistPage.ROOT_BLOCK;
        final boolean root = redo.record().blockNumber(block) == GistPage.ROOT_BLOCK;
        if (root && block != 1) {
            throw redo.misfit("a split makes the root, and it is not the first of its pages");
        }
        final boolean leaf = main.unsignedByte(ORIGINAL_IS_LEAF) != 0 && !root;
        final boolean last = block == pageCount;
        final boolean followRight = main.unsignedByte(MARKS_FOLLOW_RIGHT) != 0 && !last && !rootSplit;
        final int rightLink;
        if (root) {
            rightLink = GistPage.NO_BLOCK;
        } else {
            rightLink = last ? main.intAt(ORIGINAL_RIGHT_LINK) : redo.record().blockNumber(block + 1);
        }
        final PageFlyweight page = redo.page();
        GistPage.initialize(page, (leaf ? GistPage.LEAF : 0) | (followRight ? GistPage.FOLLOW_RIGHT : 0));
        GistPage.rightLink(page, rightLink);
        GistPage.nsn(page, main.longAt(ORIGINAL_NSN));
        final RecordData data = redo.blockData(block);
        addItems(redo, data, data.nextInt());
        data.requireEnd();
    }

    /** gistRedoPageDelete: an empty page, and the downlink to it. */
    private static void deletePage(final RedoContext redo, final int block) {
        redo.requireNoInit(block);
        final RecordData main = redo.main();
        final long deleteXid = main.nextLong();
        final int downlink = main.nextUnsignedShort();
        final PageFlyweight page = redo.page();
        switch (block) {
            case 0 -> {
                if (!page.isEmpty()) {
                    throw redo.misfit("the page to delete has " + page.linePointerCount() + " items");
                }
                GistPage.delete(page, deleteXid);
            }
            case 1 -> redo.editor().deleteIndexTuple(page, downlink);
            default -> throw redo.unexpectedBlock(block);
        }
    }

    private static void requireBlock(final RedoContext redo, final int block, final int expected) {
        if (block != expected) {
            throw redo.unexpectedBlock(block);
        }
    }
}
