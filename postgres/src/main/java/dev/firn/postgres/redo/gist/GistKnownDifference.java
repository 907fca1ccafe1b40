package dev.firn.postgres.redo.gist;

import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.wal.ResourceManager;
import dev.firn.postgres.wal.WalRecord;

/**
 * Where redo of GiST differs from the primary in Postgres itself: redo of DELETE marks the page F_TUPLES_DELETED (gistRedoDeleteRecord of gistxlog.c), the
 * primary does not (gistprunepage of gist.c), and gist_mask does not hide the flag. A stock server that checks consistency stops there.
 */
public final class GistKnownDifference {
    private GistKnownDifference() {}

    /**
     * Whether two masked pages differ by that flag only. Both are left as if the primary had set it.
     *
     * @param replayed what redo made.
     * @param expected what the primary has.
     */
    public static boolean explains(final WalRecord record, final PageFlyweight replayed, final PageFlyweight expected) {
        if (record.resourceManagerId() != ResourceManager.GIST.id() || record.operation() != GistRedo.DELETE) {
            return false;
        }
        final int flags = GistPage.flags(expected);
        if ((flags & GistPage.TUPLES_DELETED) != 0 || (GistPage.flags(replayed) & GistPage.TUPLES_DELETED) == 0) {
            return false;
        }
        GistPage.flags(expected, flags | GistPage.TUPLES_DELETED);
        if (replayed.segment().mismatch(expected.segment()) < 0) {
            return true;
        }
        GistPage.flags(expected, flags);
        return false;
    }
}
