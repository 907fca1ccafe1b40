package dev.firn.postgres.redo;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.wal.ResourceManager;
import dev.firn.postgres.wal.WalRecord;

/** A resource manager that does what a test tells it, and counts how often it was asked. */
final class ScriptedRedo implements PageRedo {
    /** Where a page is marked, and with what. */
    static final int MARK_OFFSET = 100;

    static final int MARK = 0x5EED_F00D;

    PageChange change = PageChange.MOVES_LSN;
    boolean takesNewPage;
    long clearsAllVisible;
    long clearsAllFrozen;
    RuntimeException failure;
    int applied;
    int appliedAfterImage;
    int bytesNotZeroBefore;

    /** Managers of which this one is {@code manager}, and no other is there. */
    PageRedo[] as(final ResourceManager manager) {
        final PageRedo[] byId = new PageRedo[ResourceManager.values().length];
        byId[manager.id()] = this;
        return byId;
    }

    @Override
    public PageChange apply(final RedoContext redo, final int block) {
        if (failure != null) {
            throw failure;
        }
        applied++;
        bytesNotZeroBefore = 0;
        for (int at = 0; at < 8192; at++) {
            bytesNotZeroBefore += LittleEndian.getUnsignedByte(redo.page().segment(), at) == 0 ? 0 : 1;
        }
        if (change != PageChange.NONE) {
            LittleEndian.putInt(redo.page().segment(), MARK_OFFSET, MARK);
        }
        return change;
    }

    @Override
    public boolean applyAfterImage(final RedoContext redo, final int block) {
        appliedAfterImage++;
        return false;
    }

    @Override
    public boolean takesNewPage(final WalRecord record, final int block) {
        return takesNewPage;
    }

    @Override
    public long clearsAllVisible(final WalRecord record) {
        if (failure instanceof MalformedDataException) {
            throw failure;
        }
        return clearsAllVisible;
    }

    @Override
    public long clearsAllFrozen(final WalRecord record) {
        return clearsAllFrozen;
    }
}
