package dev.firn.pagestore.replay;

import dev.firn.pagestore.cluster.InvalidPages;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.file.BlockKey;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.Redo;
import dev.firn.postgres.redo.RedoOutcome;
import dev.firn.postgres.redo.TouchedPages;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.WalRecord;

/**
 * Applies a record to the relation pages that it touches, by the rules of XLogReadBufferExtended (xlogutils.c): naming a fork makes it; a page
 * that is made anew, or that takes an image, makes the fork as long as it needs; a page that should be there and isn't is noted as invalid, and
 * the record passes over it.
 */
final class PageReplay {
    private static final int NO_BLOCK = -1;

    private final PostgresVersion version;
    private final Redo redo;
    private final PageTable table;
    private final RelationSizes sizes;
    private final InvalidPages invalidPages;
    private final RedoMonitor monitor;
    private final PageFlyweight page = new PageFlyweight();

    PageReplay(final PostgresVersion version, final Redo redo, final ReplayState state, final RedoMonitor monitor) {
        this.version = version;
        this.redo = redo;
        this.table = state.table();
        this.sizes = state.sizes();
        this.invalidPages = state.invalidPages();
        this.monitor = monitor;
    }

    /** Applies the record to all of its pages. */
    void apply(final WalRecord record) {
        final TouchedPages touched;
        try {
            touched = redo.touchedPages(record);
        } catch (final RuntimeException e) {
            monitor.recordFailed(record, e);
            return;
        }
        for (int i = 0; i < touched.count(); i++) {
            applyTo(record, touched, i);
        }
    }

    private void applyTo(final WalRecord record, final TouchedPages touched, final int index) {
        final int touch = touched.touch(index);
        final int block = touched.block(index);
        final long space = BlockKey.space(touched.tablespace(index), touched.database(index));
        final int owner = sizes.owner(space, BlockKey.relation(touched.relfilenode(index), touched.fork(index)));
        if (touch >= TouchedPages.TRUNCATED_MAP) {
            if (!sizes.exists(owner) || !isWithin(owner, block)) {
                return;
            }
        } else {
            sizes.create(owner);
            if (touch >= TouchedPages.MAP_OF_BLOCK) {
                extendMap(owner, block);
            }
        }
        final boolean registered = touch < TouchedPages.MAP_OF_BLOCK;
        final boolean overwritten = Redo.overwrites(record, touch);
        final boolean beyond = !isWithin(owner, block);
        final int frame = table.acquire(owner, block, !overwritten);
        final int registeredBlock = registered ? touch : NO_BLOCK;
        final RedoOutcome outcome;
        try {
            outcome = redo.apply(record, touch, table.page(frame));
        } catch (final RuntimeException e) {
            if (monitor.pageFailed(record, registeredBlock, table.page(frame), e) || !beyond) {
                keep(owner, block, frame);
            } else {
                table.discard(owner, block, block + 1);
            }
            return;
        }
        if (outcome == RedoOutcome.MISSING) {
            note(space, owner, block, !beyond, record.lsn());
            if (beyond) {
                table.discard(owner, block, block + 1);
            }
            return;
        }
        if (registered) {
            monitor.redone(record, touch, table.page(frame));
        }
        if (outcome == RedoOutcome.APPLIED || outcome == RedoOutcome.RESTORED || beyond) {
            keep(owner, block, frame);
        }
    }

    private void note(final long space, final int owner, final int block, final boolean present, final long lsn) {
        try {
            invalidPages.add(space, sizes.relation(owner), block, present, lsn);
        } catch (final MalformedDataException e) {
            throw new ReplayException(e.getMessage(), e);
        }
    }

    private boolean isWithin(final int owner, final int block) {
        return Integer.compareUnsigned(block, sizes.blocks(owner)) < 0;
    }

    private void keep(final int owner, final int block, final int frame) {
        table.changed(frame);
        sizes.extend(owner, block + 1);
    }

    /** visibilitymap_pin of visibilitymap.c makes the map long enough, whether or not there is a bit to clear. */
    private void extendMap(final int owner, final int block) {
        if (isWithin(owner, block)) {
            return;
        }
        if (version.extendsMapInitialized()) {
            for (int next = sizes.blocks(owner); next != block + 1; next++) {
                final int frame = table.acquire(owner, next, false);
                page.wrap(table.page(frame), 0).initialize(0);
                table.changed(frame);
            }
        }
        sizes.extend(owner, block + 1);
    }
}
