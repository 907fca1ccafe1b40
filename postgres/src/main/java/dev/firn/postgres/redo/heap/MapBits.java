package dev.firn.postgres.redo.heap;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.page.VisibilityMap;
import dev.firn.postgres.redo.PageChange;
import dev.firn.postgres.redo.RedoContext;
import dev.firn.postgres.wal.WalRecord;

/**
 * Clears bits of a visibility map page that the record registers: heap_xlog_vm_clear of heapam.c.
 *
 * <p>There are two ways in which a record clears bits. Postgres 15.18 does not register the map's page: then redo clears them whatever that
 * page's LSN, and {@link dev.firn.postgres.redo.PageRedo#clearsAllVisible} tells of them. 17.11 registers it when there was something to
 * clear, so that it has images and an LSN like every page; its redo still takes the records of its earlier minor versions. Only the block
 * reference tells one from the other, so that is what is asked, in every major.
 */
final class MapBits {
    private MapBits() {}

    /** One byte of the main data, which must have so many. */
    static int flags(final WalRecord record, final int bytes, final int index) {
        if (record.mainDataLength() < bytes) {
            throw new MalformedDataException(
                    "the record has " + record.mainDataLength() + " bytes of main data, not " + bytes);
        }
        return LittleEndian.getUnsignedByte(record.segment(), record.mainDataOffset() + index);
    }

    /** A registered map page's turn: its LSN moves only when a bit was set. */
    static PageChange clear(final RedoContext redo, final int block, final int heapBlock, final int bits) {
        redo.requireNoInit(block);
        requireMapOf(redo, block, heapBlock);
        return VisibilityMap.clear(redo.page(), heapBlock, bits) ? PageChange.MOVES_LSN : PageChange.NONE;
    }

    /** Asks that a registered page is the map's, and has a heap block's bits. */
    static void requireMapOf(final RedoContext redo, final int block, final int heapBlock) {
        if (!isMapOf(redo, block, heapBlock)) {
            throw redo.misfit("block reference #" + block + " is not the visibility map's page with the bits of block "
                    + Integer.toUnsignedString(heapBlock));
        }
    }

    static boolean isMapOf(final RedoContext redo, final int block, final int heapBlock) {
        return redo.record().blockFork(block) == Fork.VISIBILITY_MAP.number()
                && redo.record().blockNumber(block) == VisibilityMap.mapBlock(heapBlock);
    }
}
