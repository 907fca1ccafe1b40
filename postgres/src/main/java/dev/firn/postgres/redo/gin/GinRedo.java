package dev.firn.postgres.redo.gin;

import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.PageChange;
import dev.firn.postgres.redo.PageRedo;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.redo.RedoContext;
import java.lang.foreign.MemorySegment;

/**
 * Redo of GIN indexes: gin_redo of ginxlog.c. The records of 15 and 17 are alike.
 *
 * <p>Splits and the vacuum of entry pages are nothing but images. The metapage is written anew by each record that changes it.
 */
public final class GinRedo implements PageRedo {
    private static final int CREATE_POSTING_TREE = 0x10;
    private static final int INSERT = 0x20;
    private static final int SPLIT = 0x30;
    private static final int VACUUM_PAGE = 0x40;
    private static final int DELETE_PAGE = 0x50;
    private static final int UPDATE_META_PAGE = 0x60;
    private static final int INSERT_LIST_PAGE = 0x70;
    private static final int DELETE_LIST_PAGES = 0x80;
    private static final int VACUUM_DATA_LEAF_PAGE = 0x90;

    // Flags of ginxlogInsert and ginxlogSplit.
    private static final int IS_DATA = 0x01;
    private static final int IS_LEAF = 0x02;
    private static final int SPLITS_ROOT = 0x04;

    /** ginxlogInsert: where the right child's block number lies, behind the flags and the left one's. */
    private static final int RIGHT_CHILD = 6;

    /** ginxlogSplit: where the flags lie. */
    private static final int SPLIT_FLAGS = 24;

    // ginxlogUpdateMeta.
    private static final int METADATA = 16;
    private static final int PREVIOUS_TAIL = 72;
    private static final int NEW_RIGHT_LINK = 76;
    private static final int TUPLE_COUNT = 80;

    private final PostingTreeLeafRedo leafRedo = new PostingTreeLeafRedo();

    @Override
    public PageChange apply(final RedoContext redo, final int block) {
        switch (redo.operation()) {
            case CREATE_POSTING_TREE -> createPostingTree(redo, block);
            case INSERT -> insert(redo, block);
            case SPLIT -> split(redo, block);
            case VACUUM_PAGE -> vacuumPage(redo, block);
            case DELETE_PAGE -> deletePage(redo, block);
            case UPDATE_META_PAGE -> updateMetaPage(redo, block);
            case INSERT_LIST_PAGE -> insertListPage(redo, block);
            case DELETE_LIST_PAGES -> deleteListPages(redo, block);
            case VACUUM_DATA_LEAF_PAGE -> vacuumDataLeafPage(redo, block);
            default -> throw redo.unknownOperation();
        }
        return PageChange.MOVES_LSN;
    }

    /** ginRedoCreatePTree: a leaf with the posting lists that the record carries. */
    private static void createPostingTree(final RedoContext redo, final int block) {
        requireBlock(redo, block, 0);
        redo.requireInit(block);
        final RecordData main = redo.main();
        final int bytes = main.nextInt();
        final long lists = main.take(bytes);
        final PageFlyweight page = redo.page();
        GinPage.initialize(page, GinPage.DATA | GinPage.LEAF | GinPage.COMPRESSED);
        final int end = GinPage.DATA_OFFSET + bytes;
        if (end > GinPage.opaqueOffset(page)) {
            throw redo.misfit("a page has no room for the record's " + bytes + " bytes of posting lists");
        }
        MemorySegment.copy(main.segment(), lists, page.segment(), page.base() + GinPage.DATA_OFFSET, bytes);
        page.lower(end);
    }

    /** ginRedoInsert: block 0 gets something, block 1 is the child whose split this completes. */
    private void insert(final RedoContext redo, final int block) {
        redo.requireNoInit(block);
        final RecordData main = redo.main();
        final int flags = main.nextUnsignedShort();
        final boolean leaf = (flags & IS_LEAF) != 0;
        if (block == 1 && !leaf) {
            clearIncompleteSplit(redo);
            return;
        }
        requireBlock(redo, block, 0);
        int rightChild = GinPage.NO_BLOCK;
        if (!leaf) {
            main.position(RIGHT_CHILD);
            rightChild = main.nextBlockId();
        }
        if ((flags & IS_DATA) == 0) {
            GinPage.requireFlags(redo.page(), GinPage.DATA | GinPage.LEAF, leaf ? GinPage.LEAF : 0);
            insertEntry(redo, rightChild);
        } else if (leaf) {
            leafRedo.apply(redo, redo.blockData(0));
        } else {
            GinPage.requireFlags(redo.page(), GinPage.DATA | GinPage.LEAF, GinPage.DATA);
            insertPostingItem(redo, rightChild);
        }
    }

    /** ginRedoClearIncompleteSplit. */
    private static void clearIncompleteSplit(final RedoContext redo) {
        final PageFlyweight page = redo.page();
        GinPage.flags(page, GinPage.flags(page) & ~GinPage.INCOMPLETE_SPLIT);
    }

    /** ginRedoInsertEntry with ginxlogInsertEntry: offset number, whether the tuple that is there goes, the new one. */
    private static void insertEntry(final RedoContext redo, final int rightChild) {
        final PageFlyweight page = redo.page();
        final RecordData data = redo.blockData(0);
        final int offsetNumber = data.nextUnsignedShort();
        final boolean replaces = data.nextUnsignedByte() != 0;
        data.take(Byte.BYTES);
        final int bytes = data.indexTupleBytes();
        final long tuple = data.take(bytes);
        data.requireEnd();
        if (rightChild != GinPage.NO_BLOCK) {
            final long downlink = page.base() + page.itemOffset(offsetNumber);
            if (page.itemLength(offsetNumber) < PostingListReader.ITEM_POINTER_BYTES) {
                throw redo.misfit("item " + offsetNumber + " has no room for a downlink");
            }
            GinPage.putDownlink(page.segment(), downlink, rightChild);
        }
        if (replaces) {
            redo.editor().deleteIndexTuple(page, offsetNumber);
        }
        addItem(redo, offsetNumber, data, tuple, bytes);
    }

    /** The inner half of ginRedoInsertData with ginxlogInsertDataInternal: offset number and new item; the old one gets the right child. */
    private static void insertPostingItem(final RedoContext redo, final int rightChild) {
        final PageFlyweight page = redo.page();
        final RecordData data = redo.blockData(0);
        final int offsetNumber = data.nextUnsignedShort();
        final long item = data.take(GinPage.POSTING_ITEM_BYTES);
        data.requireEnd();
        GinPage.child(page, offsetNumber, rightChild);
        GinPage.addPostingItem(page, offsetNumber, data.segment(), item);
    }

    /** ginRedoSplit: the pages come as images; only the child whose split this completes, block 3, is changed. */
    private static void split(final RedoContext redo, final int block) {
        final int flags = redo.main().unsignedShort(SPLIT_FLAGS);
        redo.requireNoInit(block);
        if (block == 3 && (flags & IS_LEAF) == 0) {
            clearIncompleteSplit(redo);
            return;
        }
        if (block < 2 || (block == 2 && (flags & SPLITS_ROOT) != 0)) {
            throw redo.misfit("a split has an image of each page, and here is none");
        }
        throw redo.unexpectedBlock(block);
    }

    /** ginRedoVacuumPage. */
    private static void vacuumPage(final RedoContext redo, final int block) {
        requireBlock(redo, block, 0);
        throw redo.misfit("the vacuum of an entry page is an image of it, and here is none");
    }

    /** ginRedoVacuumDataLeafPage. */
    private void vacuumDataLeafPage(final RedoContext redo, final int block) {
        requireBlock(redo, block, 0);
        redo.requireNoInit(block);
        leafRedo.apply(redo, redo.blockData(0));
    }

    /** ginRedoDeletePage: the page of a posting tree, its parent, its left sibling. */
    private static void deletePage(final RedoContext redo, final int block) {
        redo.requireNoInit(block);
        final RecordData main = redo.main();
        final int parentOffset = main.unsignedShort(0);
        final int rightLink = main.intAt(4);
        final int deleteXid = main.intAt(8);
        final PageFlyweight page = redo.page();
        switch (block) {
            case 0 -> {
                GinPage.requireFlags(page, GinPage.DATA, GinPage.DATA);
                GinPage.flags(page, GinPage.flags(page) | GinPage.DELETED);
                page.pruneXid(deleteXid);
            }
            case 1 -> {
                GinPage.requireFlags(page, GinPage.DATA | GinPage.LEAF, GinPage.DATA);
                GinPage.deletePostingItem(page, parentOffset);
            }
            case 2 -> {
                GinPage.requireFlags(page, GinPage.DATA, GinPage.DATA);
                GinPage.rightLink(page, rightLink);
            }
            default -> throw redo.unexpectedBlock(block);
        }
    }

    /** ginRedoUpdateMetapage: the metapage, and the pending list's tail, which gets tuples or a page to its right. */
    private static void updateMetaPage(final RedoContext redo, final int block) {
        final RecordData main = redo.main();
        final int tupleCount = main.intAt(TUPLE_COUNT);
        if (block == 0) {
            redo.requireInit(block);
            GinPage.initializeMeta(redo.page(), main.segment(), main.at(METADATA, GinPage.META_BYTES));
            return;
        }
        requireBlock(redo, block, 1);
        redo.requireNoInit(block);
        final PageFlyweight page = redo.page();
        if (tupleCount > 0) {
            addTuples(redo, block, tupleCount);
            GinPage.maxOffset(page, GinPage.maxOffset(page) + 1);
        } else if (main.intAt(PREVIOUS_TAIL) != GinPage.NO_BLOCK) {
            GinPage.rightLink(page, main.intAt(NEW_RIGHT_LINK));
        } else {
            throw redo.unexpectedBlock(block);
        }
    }

    /** ginRedoInsertListPage: a page of the pending list, always made anew. */
    private static void insertListPage(final RedoContext redo, final int block) {
        requireBlock(redo, block, 0);
        redo.requireInit(block);
        final RecordData main = redo.main();
        final int rightLink = main.nextInt();
        final int tupleCount = main.nextInt();
        final PageFlyweight page = redo.page();
        final boolean tail = rightLink == GinPage.NO_BLOCK;
        GinPage.initialize(page, tail ? GinPage.LIST | GinPage.LIST_FULL_ROW : GinPage.LIST);
        GinPage.rightLink(page, rightLink);
        GinPage.maxOffset(page, tail ? 1 : 0);
        addTuples(redo, block, tupleCount);
    }

    /** ginRedoDeleteListPages: the metapage, and empty pages in the place of those that were in the list. */
    private static void deleteListPages(final RedoContext redo, final int block) {
        redo.requireInit(block);
        final RecordData main = redo.main();
        final long metadata = main.take(GinPage.META_BYTES);
        final int deleted = main.nextInt();
        if (block == 0) {
            GinPage.initializeMeta(redo.page(), main.segment(), metadata);
        } else if (block <= deleted) {
            GinPage.initialize(redo.page(), GinPage.DELETED);
        } else {
            throw redo.unexpectedBlock(block);
        }
    }

    /** Adds all tuples of the block's data behind the page's last; there are as many as the record says. */
    private static void addTuples(final RedoContext redo, final int block, final int count) {
        final RecordData data = redo.blockData(block);
        int offsetNumber = redo.page().linePointerCount();
        for (int i = 0; i < count; i++) {
            final int bytes = data.indexTupleBytes();
            addItem(redo, ++offsetNumber, data, data.take(bytes), bytes);
        }
        data.requireEnd();
    }

    private static void addItem(
            final RedoContext redo, final int offsetNumber, final RecordData data, final long tuple, final int bytes) {
        if (redo.editor().addItem(redo.page(), offsetNumber, data.segment(), tuple, bytes) != offsetNumber) {
            throw redo.misfit("there is no room or place for an item of " + bytes + " bytes at offset number "
                    + offsetNumber + " among " + redo.page().linePointerCount());
        }
    }

    private static void requireBlock(final RedoContext redo, final int block, final int expected) {
        if (block != expected) {
            throw redo.unexpectedBlock(block);
        }
    }
}
