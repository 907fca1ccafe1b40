package dev.firn.postgres.visibility;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.file.MultiXactMembers;
import dev.firn.postgres.file.MultiXactOffsets;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.file.TransactionStatus;
import dev.firn.postgres.page.HeapTupleFlags;
import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.source.SlruPages;
import java.lang.foreign.MemorySegment;

/**
 * Which row versions a snapshot sees that is taken at the pages' LSN: HeapTupleSatisfiesMVCC (heapam_visibility.c) when no transaction
 * runs. One that has not committed there is as good as aborted.
 */
public final class RowVisibility {
    /** FirstNormalTransactionId: bootstrap and frozen ones have committed. */
    private static final int FIRST_NORMAL_XID = 3;

    /** Which statuses of a member change the row, beside those that lock it: MultiXactStatusNoKeyUpdate and -Update of multixact.h. */
    private static final int FIRST_UPDATING_STATUS = 4;

    /** FirstMultiXactId. */
    private static final int FIRST_MULTIXACT = 1;

    /** Most members of one multixact: each is a transaction that ran at the same time (MAX_BACKENDS of postmaster.h, and prepared ones). */
    private static final int MAX_MEMBERS = 1 << 19;

    private final SlruCache transactions;
    private final SlruCache offsets;
    private final SlruCache members;
    private boolean undecided;

    public RowVisibility(final SlruPages pages) {
        transactions = new SlruCache(pages, Slru.XACT);
        offsets = new SlruCache(pages, Slru.MULTIXACT_OFFSETS);
        members = new SlruCache(pages, Slru.MULTIXACT_MEMBERS);
    }

    /** Whether a verdict since {@link #forgetUndecided} rests on a transaction that has neither committed nor aborted: later it may differ. */
    public boolean wasUndecided() {
        return undecided;
    }

    /** Begins anew. */
    public void forgetUndecided() {
        undecided = false;
    }

    /**
     * Whether a row version is there.
     *
     * @throws MalformedDataException when what its header leads to cannot be.
     */
    public boolean isVisible(final HeapTupleFlyweight tuple) {
        final int infomask = tuple.infomask();
        if ((infomask & HeapTupleFlags.MOVED) != 0) {
            throw new MalformedDataException(
                    "a row that VACUUM FULL of 8.4 or before has moved: VACUUM FREEZE mends it");
        }
        return isInserted(tuple, infomask) && !isDeleted(tuple, infomask);
    }

    private boolean isInserted(final HeapTupleFlyweight tuple, final int infomask) {
        if ((infomask & HeapTupleFlags.XMIN_FROZEN) == HeapTupleFlags.XMIN_INVALID) {
            return false;
        }
        return (infomask & HeapTupleFlags.XMIN_COMMITTED) != 0 || hasCommitted(tuple.rawXmin());
    }

    private boolean isDeleted(final HeapTupleFlyweight tuple, final int infomask) {
        if ((infomask & (HeapTupleFlags.XMAX_INVALID | HeapTupleFlags.XMAX_LOCK_ONLY)) != 0) {
            return false;
        }
        if ((infomask & HeapTupleFlags.XMAX_IS_MULTI) != 0) {
            return isDeletedByMember(tuple.xmax());
        }
        // A lock without the flag is from before 9.3: HEAP_XMAX_IS_LOCKED_ONLY.
        final boolean locks = (infomask & (HeapTupleFlags.LOCK_MASK)) == HeapTupleFlags.XMAX_EXCL_LOCK;
        return !locks && ((infomask & HeapTupleFlags.XMAX_COMMITTED) != 0 || hasCommitted(tuple.xmax()));
    }

    /** Of a multixact's members one at most has changed the row; the others lock it. */
    private boolean isDeletedByMember(final int multiXact) {
        final int begin = memberOffset(multiXact);
        // Of the newest multixact the end is not written yet. Its members are the last there are, and zeroes follow.
        final int end = memberOffset(multiXact == -1 ? FIRST_MULTIXACT : multiXact + 1);
        final int most = end == 0 ? MAX_MEMBERS : end - begin;
        if (begin == 0 || Integer.compareUnsigned(most, MAX_MEMBERS) > 0) {
            throw new MalformedDataException("the multixact " + Integer.toUnsignedString(multiXact) + " has members "
                    + Integer.toUnsignedString(begin) + " to " + Integer.toUnsignedString(end));
        }
        for (int member = begin; member != begin + most; member++) {
            final MemorySegment page = members.pageOf(member);
            final int xid = MultiXactMembers.xid(page, 0, member);
            // Offset 0 is never given out, nor is a member without a transaction.
            if (xid == 0 && end == 0) {
                return false;
            }
            if (xid != 0 && MultiXactMembers.status(page, 0, member) >= FIRST_UPDATING_STATUS && hasCommitted(xid)) {
                return true;
            }
        }
        return false;
    }

    private int memberOffset(final int multiXact) {
        return MultiXactOffsets.get(offsets.pageOf(multiXact), 0, multiXact);
    }

    private boolean hasCommitted(final int xid) {
        if (Integer.compareUnsigned(xid, FIRST_NORMAL_XID) < 0) {
            return xid != 0;
        }
        // A subtransaction that "has committed" into its parent counts when the parent's commit record has been
        // applied, which says so of
        // all of them at once: a state in between is one of a parent that never got there.
        final int status = TransactionStatus.get(transactions.pageOf(xid), 0, xid);
        undecided |= status != TransactionStatus.COMMITTED && status != TransactionStatus.ABORTED;
        return status == TransactionStatus.COMMITTED;
    }
}
