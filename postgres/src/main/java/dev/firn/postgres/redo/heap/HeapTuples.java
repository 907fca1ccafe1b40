package dev.firn.postgres.redo.heap;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.file.TransactionId;
import dev.firn.postgres.page.HeapTupleFlags;
import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageEditor;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.RedoContext;
import java.lang.foreign.MemorySegment;

/** What redo of several heap records does with tuples: finding an old one, writing a new one, setting who deleted or locks it. */
final class HeapTuples {
    // XLHL_*: the part of both infomasks that says what xmax is.
    private static final int INFOBITS_IS_MULTI = 0x01;
    private static final int INFOBITS_LOCK_ONLY = 0x02;
    private static final int INFOBITS_EXCL_LOCK = 0x04;
    private static final int INFOBITS_KEYSHR_LOCK = 0x08;
    private static final int INFOBITS_KEYS_UPDATED = 0x10;

    private static final long UINT32_MASK = 0xFFFF_FFFFL;

    private HeapTuples() {}

    /** The tuple of a line pointer that must be a normal one: whose absence is a PANIC ("invalid lp") in Postgres. */
    static HeapTupleFlyweight find(final RedoContext redo, final HeapTupleFlyweight tuple, final int offsetNumber) {
        final PageFlyweight page = redo.page();
        if (LinePointer.state(page.linePointer(offsetNumber)) != LinePointer.NORMAL) {
            throw redo.misfit("the record changes the tuple at line pointer " + offsetNumber + ", where there is none");
        }
        return tuple.wrap(page, offsetNumber);
    }

    /**
     * Makes room for a new tuple as PageAddItem does (PAI_OVERWRITE, PAI_IS_HEAP), and says where in the page's segment it begins.
     *
     * @param bodyBytes what follows the fixed header. There is at least one byte: the fixed header's length is no multiple of
     *     eight, and the data begins at one.
     */
    static long reserve(final RedoContext redo, final int offsetNumber, final int bodyBytes) {
        final PageFlyweight page = redo.page();
        if (bodyBytes < 1) {
            throw redo.misfit("the record has a tuple of " + bodyBytes + " bytes behind its header");
        }
        final int length = HeapTupleFlyweight.HEADER_BYTES + bodyBytes;
        if (PageEditor.reserveHeapItem(page, offsetNumber, length) == PageEditor.NO_ROOM) {
            throw redo.misfit("there is no place for a tuple of " + length + " bytes at line pointer " + offsetNumber
                    + ": " + page);
        }
        return page.base() + page.upper();
    }

    /**
     * Writes a new tuple's header: all that WAL does not carry is as after an insertion. Three stores of eight bytes; the last byte
     * belongs to the body, which is to be written after.
     *
     * @param maskAndOffset xl_heap_header: infomask2, infomask and t_hoff, in the lowest 40 bits.
     */
    static void writeHeader(
            final MemorySegment segment,
            final long at,
            final int xmin,
            final int xmax,
            final int block,
            final int offsetNumber,
            final long maskAndOffset) {
        LittleEndian.putLong(segment, at, (xmin & UINT32_MASK) | (long) xmax << Integer.SIZE);
        // t_cid is FirstCommandId, 0; the block's upper half comes first.
        LittleEndian.putLong(segment, at + 8, ((long) (block >>> Short.SIZE) << Integer.SIZE) | ((long) block << 48));
        // HeapTupleHeaderSetCmin: whatever the record says, 0 is no combo command id.
        final long masks = maskAndOffset & ~((long) HeapTupleFlags.COMBOCID << Short.SIZE);
        LittleEndian.putLong(segment, at + 16, (offsetNumber & 0xFFFFL) | masks << Short.SIZE);
    }

    /** Takes all about xmax out of an old tuple's infomasks, and puts in what the record says (fix_infomask_from_infobits). */
    static void setXmaxBits(final HeapTupleFlyweight tuple, final int infobits) {
        int infomask = tuple.infomask() & ~(HeapTupleFlags.XMAX_BITS | HeapTupleFlags.MOVED);
        int infomask2 = tuple.infomask2() & ~HeapTupleFlags.KEYS_UPDATED;
        if ((infobits & INFOBITS_IS_MULTI) != 0) {
            infomask |= HeapTupleFlags.XMAX_IS_MULTI;
        }
        if ((infobits & INFOBITS_LOCK_ONLY) != 0) {
            infomask |= HeapTupleFlags.XMAX_LOCK_ONLY;
        }
        if ((infobits & INFOBITS_EXCL_LOCK) != 0) {
            infomask |= HeapTupleFlags.XMAX_EXCL_LOCK;
        }
        if ((infobits & INFOBITS_KEYSHR_LOCK) != 0) {
            infomask |= HeapTupleFlags.XMAX_KEYSHR_LOCK;
        }
        if ((infobits & INFOBITS_KEYS_UPDATED) != 0) {
            infomask2 |= HeapTupleFlags.KEYS_UPDATED;
        }
        tuple.infomask(infomask);
        tuple.infomask2(infomask2);
    }

    /** HeapTupleHeaderSetCmax with FirstCommandId: the primary's command ids are not in the log. */
    static void clearCommandId(final HeapTupleFlyweight tuple) {
        tuple.commandId(0);
        tuple.infomask(tuple.infomask() & ~HeapTupleFlags.COMBOCID);
    }

    /** HeapTupleHeaderClearHotUpdated. */
    static void clearHotUpdated(final HeapTupleFlyweight tuple) {
        tuple.infomask2(tuple.infomask2() & ~HeapTupleFlags.HOT_UPDATED);
    }

    /** PageSetPrunable: the page keeps the oldest transaction that left something to prune. */
    static void setPrunable(final PageFlyweight page, final int xid) {
        final int old = page.pruneXid();
        if (old == 0 || TransactionId.precedes(xid, old)) {
            page.pruneXid(xid);
        }
    }
}
