package dev.firn.postgres.toast;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.page.IndexTuple;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.source.RelationPages;

/**
 * A TOAST table's btree over (chunk_id, chunk_seq): goes over the entries of one value in their order. {@link #seek}, then {@link #next} until it
 * says no. Descends as _bt_search (nbtsearch.c) does: to the right where a page was split since.
 */
final class ChunkIndex {
    /** Pages that are kept: the path from the root, and the leaves around. */
    private static final int KEPT_PAGES = 64;

    /** Most pages of one search: a tree that goes in circles is an error. */
    private static final int MAX_STEPS = 1 << 20;

    private static final int SPECIAL_AT = PageLayout.PAGE_BYTES - 16;
    private static final int NEXT_OFFSET = SPECIAL_AT + 4;
    private static final int FLAGS_OFFSET = SPECIAL_AT + 12;
    private static final int LEAF = 0x0001;
    private static final int DELETED = 0x0004;
    private static final int HALF_DEAD = 0x0010;
    private static final int FAST_ROOT_OFFSET = PageLayout.HEADER_BYTES + 16;
    private static final int MAGIC = 0x053162;

    /** BT_OFFSET_MASK and BT_IS_POSTING of access/nbtree.h. */
    private static final int COUNT_MASK = 0x0FFF;

    private static final int POSTING = 0x2000;

    private static final int KEY = IndexTuple.HEADER_BYTES;
    private static final int SEQUENCE = KEY + Integer.BYTES;
    private static final int TUPLE_BYTES = SEQUENCE + Integer.BYTES;

    private final RelFileLocator relation;
    private final PageWindow window;
    private int wanted;
    private int block;
    private int offsetNumber;
    private int posting;
    private int steps;
    private int foundSequence;
    private int foundBlock;
    private int foundOffsetNumber;

    ChunkIndex(final RelationPages pages, final RelFileLocator relation) {
        this.relation = relation;
        this.window = new PageWindow(pages, relation, KEPT_PAGES, 1);
    }

    /** chunk_seq of the entry. */
    int sequence() {
        return foundSequence;
    }

    /** Where the chunk is. */
    int heapBlock() {
        return foundBlock;
    }

    int heapOffsetNumber() {
        return foundOffsetNumber;
    }

    /** Stands before the first entry of a value. */
    void seek(final int chunkId) {
        wanted = chunkId;
        steps = 0;
        final PageFlyweight meta = window.page(0);
        if (LittleEndian.getInt(meta.segment(), meta.base() + PageLayout.HEADER_BYTES) != MAGIC) {
            throw malformed(0, "no metapage of a btree");
        }
        block = LittleEndian.getInt(meta.segment(), meta.base() + FAST_ROOT_OFFSET);
        if (block == 0) {
            return;
        }
        PageFlyweight page = moveRight();
        while ((flags(page) & LEAF) == 0) {
            // The last downlink whose key is below, or the first, whose key counts as lower than any.
            final int first = firstData(page);
            int child = firstNotBelow(page, first + 1) - 1;
            child = Math.max(child, first);
            final long tuple = tuple(page, child, IndexTuple.HEADER_BYTES);
            block = IndexTuple.block(page.segment(), tuple);
            page = moveRight();
        }
        offsetNumber = firstNotBelow(page, firstData(page));
        posting = 0;
    }

    /** Goes to the value's next entry; false when there is none. */
    boolean next() {
        while (block != 0) {
            final PageFlyweight page = step();
            if ((flags(page) & (DELETED | HALF_DEAD)) != 0 || offsetNumber > page.linePointerCount()) {
                block = nextBlock(page);
                if (block != 0) {
                    offsetNumber = firstData(step());
                }
                continue;
            }
            final long tuple = tuple(page, offsetNumber, TUPLE_BYTES);
            if (LittleEndian.getInt(page.segment(), tuple + KEY) != wanted) {
                block = 0;
                return false;
            }
            take(page, tuple);
            return true;
        }
        return false;
    }

    private void take(final PageFlyweight page, final long tuple) {
        foundSequence = LittleEndian.getInt(page.segment(), tuple + SEQUENCE);
        final int info = IndexTuple.info(page.segment(), tuple);
        final int status = IndexTuple.offsetNumber(page.segment(), tuple);
        if ((info & IndexTuple.ACCESS_METHOD_BIT) == 0 || (status & POSTING) == 0) {
            foundBlock = IndexTuple.block(page.segment(), tuple);
            foundOffsetNumber = status;
            offsetNumber++;
            return;
        }
        // Equal keys share a tuple; where their TIDs begin is what its block says.
        final int count = status & COUNT_MASK;
        final int at = IndexTuple.block(page.segment(), tuple) + posting * IndexTuple.TID_BYTES;
        if (at < TUPLE_BYTES || posting >= count || at + IndexTuple.TID_BYTES > page.itemLength(offsetNumber)) {
            throw malformed(block, "a posting list that is not within its tuple");
        }
        foundBlock = IndexTuple.block(page.segment(), tuple + at);
        foundOffsetNumber = IndexTuple.offsetNumber(page.segment(), tuple + at);
        posting++;
        if (posting == count) {
            posting = 0;
            offsetNumber++;
        }
    }

    /** The page at {@link #block}, or one to its right when the value is past its high key or it has left the tree. */
    private PageFlyweight moveRight() {
        while (true) {
            final PageFlyweight page = step();
            final int right = nextBlock(page);
            final boolean gone = (flags(page) & (DELETED | HALF_DEAD)) != 0;
            if (!gone && (right == 0 || !isBelow(page, 1))) {
                return page;
            }
            if (right == 0) {
                throw malformed(block, "the last page of a level has left the tree");
            }
            block = right;
        }
    }

    /** Of the offset numbers from one on the first whose key is not below; one past the last when all are. */
    private int firstNotBelow(final PageFlyweight page, final int from) {
        int low = from;
        int high = page.linePointerCount() + 1;
        while (low < high) {
            final int middle = (low + high) >>> 1;
            if (isBelow(page, middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private boolean isBelow(final PageFlyweight page, final int number) {
        final long tuple = tuple(page, number, SEQUENCE);
        return Integer.compareUnsigned(LittleEndian.getInt(page.segment(), tuple + KEY), wanted) < 0;
    }

    private PageFlyweight step() {
        if (++steps > MAX_STEPS) {
            throw malformed(block, "a search of more than " + MAX_STEPS + " pages");
        }
        final PageFlyweight page = window.page(block);
        if (page.special() != SPECIAL_AT) {
            throw malformed(block, "no page of a btree");
        }
        return page;
    }

    private long tuple(final PageFlyweight page, final int number, final int leastBytes) {
        final int offset = page.itemOffset(number);
        if (page.itemLength(number) < leastBytes) {
            throw malformed(block, "an entry of " + page.itemLength(number) + " bytes");
        }
        return page.base() + offset;
    }

    private static int firstData(final PageFlyweight page) {
        return nextBlock(page) == 0 ? 1 : 2;
    }

    private static int nextBlock(final PageFlyweight page) {
        return LittleEndian.getInt(page.segment(), page.base() + NEXT_OFFSET);
    }

    private static int flags(final PageFlyweight page) {
        return LittleEndian.getUnsignedShort(page.segment(), page.base() + FLAGS_OFFSET);
    }

    private MalformedDataException malformed(final int at, final String what) {
        return new MalformedDataException(
                "relation " + relation + ", block " + Integer.toUnsignedString(at) + ": " + what);
    }
}
