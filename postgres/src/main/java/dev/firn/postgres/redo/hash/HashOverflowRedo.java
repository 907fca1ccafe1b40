package dev.firn.postgres.redo.hash;

import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.PageChange;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.redo.RedoContext;
import dev.firn.postgres.version.PostgresVersion;

/**
 * Overflow pages: a bucket gets one more (hash_xlog_add_ovfl_page), its tuples move to pages further ahead
 * (hash_xlog_move_page_contents), and a page that is then empty is freed (hash_xlog_squeeze_page).
 */
final class HashOverflowRedo {
    // xl_hash_add_ovfl_page.
    private static final int BITMAP_BYTES = 0;
    private static final int BITMAP_PAGE_FOUND = 2;

    /** ADD_OVFL_PAGE: the bitmap's page, when the overflow page was not the first of a new bitmap. */
    private static final int NEW_BITMAP = 3;

    // xl_hash_move_page_contents.
    private static final int MOVED_TUPLES = 0;
    private static final int MOVED_TO_PRIMARY = 2;

    // xl_hash_squeeze_page.
    private static final int SQUEEZE_PREVIOUS = 0;
    private static final int SQUEEZE_NEXT = 4;
    private static final int SQUEEZE_TUPLES = 8;
    private static final int SQUEEZE_TO_PRIMARY = 10;
    private static final int SQUEEZE_TO_PREVIOUS = 11;

    private final boolean squeezeAlwaysMovesLsn;
    private final HashItems items;

    HashOverflowRedo(final PostgresVersion version, final HashItems items) {
        this.squeezeAlwaysMovesLsn = version.squeezeAlwaysMovesLsn();
        this.items = items;
    }

    /** ADD_OVFL_PAGE: the page itself, the one before it in its chain, a bitmap or a new one, and the metapage. */
    static PageChange addPage(final RedoContext redo, final int block) {
        final PageFlyweight page = redo.page();
        switch (block) {
            case 0 -> {
                redo.requireInit(block);
                final int previous = redo.record().blockNumber(1);
                HashPage.initialize(page, previous, onlyInt(redo, block), HashPage.OVERFLOW_PAGE);
            }
            case 1 -> {
                redo.requireNoInit(block);
                HashPage.next(page, redo.record().blockNumber(0));
            }
            case 2 -> {
                redo.requireNoInit(block);
                HashPage.setBit(page, onlyInt(redo, block));
            }
            case NEW_BITMAP -> {
                redo.requireInit(block);
                HashPage.initializeBitmap(page, redo.main().unsignedShort(BITMAP_BYTES));
            }
            case 4 -> {
                redo.requireNoInit(block);
                HashMetaPage.firstFree(page, onlyInt(redo, block));
                if (redo.main().unsignedByte(BITMAP_PAGE_FOUND) == 0) {
                    HashMetaPage.addSpare(page);
                    if (redo.record().hasBlock(NEW_BITMAP)) {
                        HashMetaPage.addBitmap(page, redo.record().blockNumber(NEW_BITMAP));
                        HashMetaPage.addSpare(page);
                    }
                }
            }
            default -> throw redo.unexpectedBlock(block);
        }
        return PageChange.MOVES_LSN;
    }

    /** MOVE_PAGE_CONTENTS: the page that takes the tuples, and the one that they leave. */
    PageChange moveTuples(final RedoContext redo, final int block) {
        redo.requireNoInit(block);
        final RecordData main = redo.main();
        switch (block) {
            case 0 -> {
                return lockedOnly(redo, main.unsignedByte(MOVED_TO_PRIMARY) != 0);
            }
            case 1 -> {
                final int count = main.unsignedShort(MOVED_TUPLES);
                if (count > 0) {
                    HashItems.addMoved(redo, redo.blockData(block), count);
                }
            }
            case 2 -> items.deleteRest(redo, redo.blockData(block));
            default -> throw redo.unexpectedBlock(block);
        }
        return PageChange.MOVES_LSN;
    }

    /**
     * SQUEEZE_PAGE: the page that takes the last tuples, the freed one, its neighbours in the chain, its bit in the bitmap, and the metapage
     * when it is now the first that is free.
     */
    PageChange squeeze(final RedoContext redo, final int block) {
        redo.requireNoInit(block);
        final RecordData main = redo.main();
        final PageFlyweight page = redo.page();
        switch (block) {
            case 0 -> {
                return lockedOnly(redo, main.unsignedByte(SQUEEZE_TO_PRIMARY) != 0);
            }
            case 1 -> {
                return squeezeInto(redo);
            }
            case 2 -> HashPage.initialize(page, HashPage.NO_BLOCK, HashPage.NO_BUCKET, HashPage.UNUSED_PAGE);
            case 3 -> {
                if (main.unsignedByte(SQUEEZE_TO_PREVIOUS) != 0) {
                    throw redo.unexpectedBlock(block);
                }
                HashPage.next(page, main.intAt(SQUEEZE_NEXT));
            }
            case 4 -> HashPage.previous(page, main.intAt(SQUEEZE_PREVIOUS));
            case 5 -> HashPage.clearBit(page, onlyInt(redo, block));
            case 6 -> HashMetaPage.firstFree(page, onlyInt(redo, block));
            default -> throw redo.unexpectedBlock(block);
        }
        return PageChange.MOVES_LSN;
    }

    /** The page that takes the tuples is often the one before the freed page too. With neither it is registered for its lock alone. */
    private PageChange squeezeInto(final RedoContext redo) {
        final RecordData main = redo.main();
        final int count = main.unsignedShort(SQUEEZE_TUPLES);
        final boolean previous = main.unsignedByte(SQUEEZE_TO_PREVIOUS) != 0;
        final int next = main.intAt(SQUEEZE_NEXT);
        if (count > 0) {
            HashItems.addMoved(redo, redo.blockData(1), count);
        }
        if (previous) {
            HashPage.next(redo.page(), next);
        }
        return count > 0 || previous || squeezeAlwaysMovesLsn ? PageChange.MOVES_LSN : PageChange.NONE;
    }

    /** The bucket's first page is registered so that standbys lock it, unless it is among the changed pages itself. */
    static PageChange lockedOnly(final RedoContext redo, final boolean changed) {
        if (changed) {
            throw redo.unexpectedBlock(0);
        }
        return PageChange.NONE;
    }

    /** The block's data are one uint32. */
    private static int onlyInt(final RedoContext redo, final int block) {
        final RecordData data = redo.blockData(block);
        final int value = data.nextInt();
        data.requireEnd();
        return value;
    }
}
