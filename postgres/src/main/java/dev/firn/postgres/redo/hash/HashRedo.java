package dev.firn.postgres.redo.hash;

import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.PageChange;
import dev.firn.postgres.redo.PageRedo;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.redo.RedoContext;
import dev.firn.postgres.version.PostgresVersion;

/** Redo of hash indexes: hash_redo of hash_xlog.c. What comes and goes within a bucket is here. */
public final class HashRedo implements PageRedo {
    // XLOG_HASH_* of access/hash_xlog.h.
    private static final int INIT_META_PAGE = 0x00;
    private static final int INIT_BITMAP_PAGE = 0x10;
    private static final int INSERT = 0x20;
    private static final int ADD_OVFL_PAGE = 0x30;
    private static final int SPLIT_ALLOCATE_PAGE = 0x40;
    private static final int SPLIT_PAGE = 0x50;
    private static final int SPLIT_COMPLETE = 0x60;
    private static final int MOVE_PAGE_CONTENTS = 0x70;
    private static final int SQUEEZE_PAGE = 0x80;
    private static final int DELETE = 0x90;
    private static final int SPLIT_CLEANUP = 0xA0;
    private static final int UPDATE_META_PAGE = 0xB0;
    private static final int VACUUM_ONE_PAGE = 0xC0;

    // xl_hash_init_meta_page.
    private static final int INIT_TUPLES = 0;
    private static final int INIT_FUNCTION = 8;
    private static final int INIT_FILL_FACTOR = 12;

    // xl_hash_delete.
    private static final int DELETE_CLEARS_DEAD = 0;
    private static final int DELETE_FROM_PRIMARY = 1;

    // xl_hash_vacuum_one_page.
    private static final int VACUUM_TUPLES = 4;
    private static final int VACUUM_OFFSET_NUMBERS = 8;

    private final PostgresVersion version;
    private final HashItems items = new HashItems();
    private final HashOverflowRedo overflow;

    /** Redo of a version's records. */
    public HashRedo(final PostgresVersion version) {
        this.version = version;
        this.overflow = new HashOverflowRedo(version, items);
    }

    @Override
    public PageChange apply(final RedoContext redo, final int block) {
        return switch (redo.operation()) {
            case INIT_META_PAGE -> initializeMeta(redo, block);
            case INIT_BITMAP_PAGE -> initializeBitmap(redo, block);
            case INSERT -> insert(redo, block);
            case ADD_OVFL_PAGE -> HashOverflowRedo.addPage(redo, block);
            case SPLIT_ALLOCATE_PAGE -> HashSplitRedo.allocate(redo, block);
            case SPLIT_PAGE -> HashSplitRedo.page(redo, block);
            case SPLIT_COMPLETE -> HashSplitRedo.complete(redo, block);
            case MOVE_PAGE_CONTENTS -> overflow.moveTuples(redo, block);
            case SQUEEZE_PAGE -> overflow.squeeze(redo, block);
            case DELETE -> delete(redo, block);
            case SPLIT_CLEANUP -> HashSplitRedo.cleanUp(redo, block);
            case UPDATE_META_PAGE -> updateMeta(redo, block);
            case VACUUM_ONE_PAGE -> vacuumPage(redo, block);
            default -> throw redo.unknownOperation();
        };
    }

    /** The flags of buckets in a split are set after an image as well. */
    @Override
    public boolean applyAfterImage(final RedoContext redo, final int block) {
        if (redo.operation() == SPLIT_ALLOCATE_PAGE && block == 0) {
            HashSplitRedo.markSplit(redo);
            return true;
        }
        if (redo.operation() == SPLIT_COMPLETE) {
            HashSplitRedo.markComplete(redo, block);
            return true;
        }
        return false;
    }

    private static PageChange initializeMeta(final RedoContext redo, final int block) {
        if (block != 0) {
            throw redo.unexpectedBlock(block);
        }
        redo.requireInit(block);
        final RecordData main = redo.main();
        HashMetaPage.initialize(
                redo.page(),
                Double.longBitsToDouble(main.longAt(INIT_TUPLES)),
                main.intAt(INIT_FUNCTION),
                main.unsignedShort(INIT_FILL_FACTOR));
        return PageChange.MOVES_LSN;
    }

    /** The first bitmap comes right after the buckets, so the metapage knows its block. */
    private static PageChange initializeBitmap(final RedoContext redo, final int block) {
        final PageFlyweight page = redo.page();
        switch (block) {
            case 0 -> {
                redo.requireInit(block);
                HashPage.initializeBitmap(page, redo.main().unsignedShort(0));
            }
            case 1 -> {
                redo.requireNoInit(block);
                HashMetaPage.addBitmap(page, HashMetaPage.maxBucket(page) + 2);
            }
            default -> throw redo.unexpectedBlock(block);
        }
        return PageChange.MOVES_LSN;
    }

    private static PageChange insert(final RedoContext redo, final int block) {
        redo.requireNoInit(block);
        final PageFlyweight page = redo.page();
        switch (block) {
            case 0 -> {
                final RecordData data = redo.blockData(block);
                final int bytes = data.indexTupleBytes();
                final long tuple = data.take(bytes);
                data.requireEnd();
                HashItems.add(redo, redo.main().unsignedShort(0), data.segment(), tuple, bytes);
            }
            case 1 -> HashMetaPage.tuples(page, HashMetaPage.tuples(page) + 1);
            default -> throw redo.unexpectedBlock(block);
        }
        return PageChange.MOVES_LSN;
    }

    /** Dead tuples, or those that a split has moved away, go from a page of a bucket. */
    private PageChange delete(final RedoContext redo, final int block) {
        redo.requireNoInit(block);
        switch (block) {
            case 0 -> {
                return HashOverflowRedo.lockedOnly(redo, redo.main().unsignedByte(DELETE_FROM_PRIMARY) != 0);
            }
            case 1 -> {
                items.deleteRest(redo, redo.blockData(block));
                if (redo.main().unsignedByte(DELETE_CLEARS_DEAD) != 0) {
                    HashPage.clearFlags(redo.page(), HashPage.HAS_DEAD_TUPLES);
                }
            }
            default -> throw redo.unexpectedBlock(block);
        }
        return PageChange.MOVES_LSN;
    }

    private static PageChange updateMeta(final RedoContext redo, final int block) {
        if (block != 0) {
            throw redo.unexpectedBlock(block);
        }
        redo.requireNoInit(block);
        HashMetaPage.tuples(redo.page(), Double.longBitsToDouble(redo.main().longAt(0)));
        return PageChange.MOVES_LSN;
    }

    /** An insertion made room by removing what scans had marked dead. */
    private PageChange vacuumPage(final RedoContext redo, final int block) {
        redo.requireNoInit(block);
        final RecordData main = redo.main();
        // The table's kind took two of the count's four bytes.
        final int count =
                version.recordsTellCatalogRelation() ? main.unsignedShort(VACUUM_TUPLES) : main.intAt(VACUUM_TUPLES);
        final PageFlyweight page = redo.page();
        switch (block) {
            case 0 -> {
                main.position(VACUUM_OFFSET_NUMBERS);
                items.delete(redo, main, count);
                main.requireEnd();
                HashPage.clearFlags(page, HashPage.HAS_DEAD_TUPLES);
            }
            case 1 -> HashMetaPage.tuples(page, HashMetaPage.tuples(page) - count);
            default -> throw redo.unexpectedBlock(block);
        }
        return PageChange.MOVES_LSN;
    }
}
