package dev.firn.postgres.redo.spgist;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.PageFlyweight;

/**
 * The pages of an SP-GiST index and the tuples on them: access/spgist_private.h.
 *
 * <p>Tuples of all kinds have their state in the lowest two bits. A leaf tuple and a dead one continue with 30 bits of size, 16 of
 * chain link and flags, and an ItemPointerData; a dead one ends with a transaction id. An inner tuple continues with a flag, 13 bits of
 * node count, 16 of prefix size and 16 of size; then come the prefix and the nodes, each an IndexTupleData with its label.
 */
final class SpgistPage {
    // SPGIST_LEAF, SPGIST_NULLS: flags of the special space.
    static final int LEAF = 0x0004;
    static final int NULLS = 0x0008;

    // SPGIST_LIVE and its neighbours: a tuple's state.
    static final int LIVE = 0;
    static final int REDIRECT = 1;
    static final int DEAD = 2;
    static final int PLACEHOLDER = 3;

    /** SGDTSIZE: every tuple is at least so long, that a dead one can take its place. */
    static final int DEAD_TUPLE_BYTES = 16;

    /** Where in an inner tuple its uint16 of size is. */
    static final int INNER_SIZE_OFFSET = 4;

    static final int NO_OFFSET_NUMBER = 0;
    static final int NO_BLOCK = -1;

    // SpGistPageOpaqueData.
    private static final int SPECIAL_BYTES = 8;
    private static final int REDIRECTIONS_OFFSET = 2;
    private static final int PLACEHOLDERS_OFFSET = 4;
    private static final int PAGE_ID_OFFSET = 6;
    private static final int PAGE_ID = 0xFF82;

    private static final int STATE_MASK = 3;
    private static final int SIZE_SHIFT = 2;

    // Of leaf and dead tuples.
    private static final int LINK_OFFSET = 4;
    private static final int POINTER_OFFSET = 6;
    private static final int XID_OFFSET = 12;
    private static final int LINK_MASK = 0x3FFF;

    // Of inner tuples.
    private static final int NODE_COUNT_SHIFT = 3;
    private static final int NODE_COUNT_MASK = 0x1FFF;
    private static final int PREFIX_SIZE_SHIFT = 16;
    private static final int INNER_HEADER_BYTES = 8;

    // Of nodes: IndexTupleData of access/itup.h.
    private static final int NODE_HEADER_BYTES = 8;
    private static final int NODE_INFO_OFFSET = 6;
    private static final int NODE_SIZE_MASK = 0x1FFF;

    private SpgistPage() {}

    /** SpGistInitPage. */
    static void initialize(final PageFlyweight page, final int flags) {
        page.initialize(SPECIAL_BYTES);
        final long special = special(page);
        LittleEndian.putShort(page.segment(), special, flags);
        LittleEndian.putShort(page.segment(), special + PAGE_ID_OFFSET, PAGE_ID);
    }

    /** Adds to the page's count of redirections; it must not become negative. */
    static void addRedirections(final PageFlyweight page, final int change) {
        add(page, REDIRECTIONS_OFFSET, change, "redirections");
    }

    /** Adds to the page's count of placeholders; it must not become negative. */
    static void addPlaceholders(final PageFlyweight page, final int change) {
        add(page, PLACEHOLDERS_OFFSET, change, "placeholders");
    }

    private static void add(final PageFlyweight page, final int field, final int change, final String what) {
        final long at = special(page) + field;
        final int count = LittleEndian.getUnsignedShort(page.segment(), at);
        if (count + change < 0) {
            throw new MalformedDataException("the page counts " + count + " " + what + ", and loses " + -change);
        }
        LittleEndian.putShort(page.segment(), at, count + change);
    }

    private static long special(final PageFlyweight page) {
        if (page.specialBytes() != SPECIAL_BYTES) {
            throw new MalformedDataException(
                    "the page has " + page.specialBytes() + " bytes of special space, not those of SP-GiST");
        }
        return page.base() + page.special();
    }

    /** How long a leaf tuple is, from its first four bytes. */
    static int leafBytes(final int head) {
        return head >>> SIZE_SHIFT;
    }

    static int state(final PageFlyweight page, final int offsetNumber) {
        return LittleEndian.getInt(page.segment(), tuple(page, offsetNumber)) & STATE_MASK;
    }

    static void requireState(final PageFlyweight page, final int offsetNumber, final int state) {
        final int found = state(page, offsetNumber);
        if (found != state) {
            throw new MalformedDataException(
                    "the tuple at offset number " + offsetNumber + " has state " + found + ", not " + state);
        }
    }

    /** SGLT_SET_NEXTOFFSET: the next leaf tuple of the chain. */
    static void link(final PageFlyweight page, final int offsetNumber, final int next) {
        requireState(page, offsetNumber, LIVE);
        final long at = tuple(page, offsetNumber) + LINK_OFFSET;
        final int flags = LittleEndian.getUnsignedShort(page.segment(), at) & ~LINK_MASK;
        LittleEndian.putShort(page.segment(), at, flags | (next & LINK_MASK));
    }

    /** spgFormDeadTuple: writes a tuple of {@link #DEAD_TUPLE_BYTES}. Only a redirection points somewhere and has a transaction. */
    static void putDeadTuple(
            final PageFlyweight page,
            final int pageOffset,
            final int state,
            final int block,
            final int offsetNumber,
            final int xid) {
        final long at = page.base() + pageOffset;
        LittleEndian.putInt(page.segment(), at, state | DEAD_TUPLE_BYTES << SIZE_SHIFT);
        LittleEndian.putShort(page.segment(), at + LINK_OFFSET, 0);
        if (state == REDIRECT) {
            putItemPointer(page, at + POINTER_OFFSET, block, offsetNumber);
            LittleEndian.putInt(page.segment(), at + XID_OFFSET, xid);
        } else {
            putItemPointer(page, at + POINTER_OFFSET, NO_BLOCK, NO_OFFSET_NUMBER);
            LittleEndian.putInt(page.segment(), at + XID_OFFSET, 0);
        }
    }

    /** A redirection becomes a placeholder; its transaction id stays. */
    static void redirectionToPlaceholder(final PageFlyweight page, final int offsetNumber) {
        requireState(page, offsetNumber, REDIRECT);
        final long at = tuple(page, offsetNumber);
        LittleEndian.putInt(page.segment(), at, LittleEndian.getInt(page.segment(), at) | PLACEHOLDER);
        putItemPointer(page, at + POINTER_OFFSET, NO_BLOCK, NO_OFFSET_NUMBER);
    }

    /** spgUpdateNodeLink: where a node of an inner tuple leads to. */
    static void nodeLink(
            final PageFlyweight page,
            final int innerOffsetNumber,
            final int node,
            final int block,
            final int offsetNumber) {
        requireState(page, innerOffsetNumber, LIVE);
        final long tuple = tuple(page, innerOffsetNumber);
        final int tupleBytes = page.itemLength(innerOffsetNumber);
        final int head = LittleEndian.getInt(page.segment(), tuple);
        final int count = head >>> NODE_COUNT_SHIFT & NODE_COUNT_MASK;
        if (node >= count) {
            throw new MalformedDataException("the inner tuple at offset number " + innerOffsetNumber + " has " + count
                    + " nodes, and none with index " + node);
        }
        int at = INNER_HEADER_BYTES + (head >>> PREFIX_SIZE_SHIFT);
        for (int i = 0; at <= tupleBytes - NODE_HEADER_BYTES; i++) {
            if (i == node) {
                putItemPointer(page, tuple + at, block, offsetNumber);
                return;
            }
            final int bytes =
                    LittleEndian.getUnsignedShort(page.segment(), tuple + at + NODE_INFO_OFFSET) & NODE_SIZE_MASK;
            if (bytes < NODE_HEADER_BYTES) {
                break;
            }
            at += bytes;
        }
        throw new MalformedDataException("node " + node + " of the inner tuple at offset number " + innerOffsetNumber
                + " lies outside its " + tupleBytes + " bytes");
    }

    private static void putItemPointer(
            final PageFlyweight page, final long at, final int block, final int offsetNumber) {
        LittleEndian.putShort(page.segment(), at, block >>> Short.SIZE);
        LittleEndian.putShort(page.segment(), at + 2, block);
        LittleEndian.putShort(page.segment(), at + 4, offsetNumber);
    }

    /** Where a tuple begins, and that it is long enough for the fields that are read here. */
    private static long tuple(final PageFlyweight page, final int offsetNumber) {
        final int offset = page.itemOffset(offsetNumber);
        if (page.itemLength(offsetNumber) < DEAD_TUPLE_BYTES) {
            throw new MalformedDataException("the tuple at offset number " + offsetNumber + " has "
                    + page.itemLength(offsetNumber) + " bytes, less than any of SP-GiST");
        }
        return page.base() + offset;
    }
}
