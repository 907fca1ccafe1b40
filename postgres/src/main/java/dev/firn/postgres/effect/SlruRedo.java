package dev.firn.postgres.effect;

import dev.firn.postgres.file.CommitTimestamps;
import dev.firn.postgres.file.MultiXactMembers;
import dev.firn.postgres.file.MultiXactOffsets;
import dev.firn.postgres.file.TransactionStatus;
import java.lang.foreign.MemorySegment;

/**
 * Applies what {@link EffectSink} tells of SLRU entries to their pages. A page is 8 KiB of {@code segment} from {@code pageOffset}
 * on, and the one that has the id's entry: {@code Slru.page}. Pages have no LSN, so that an effect may come again; each sets what it sets
 * whatever was there, but for the one case below.
 *
 * <p>{@code Slru.segmentPrecedes} says which segments a truncation removes, and {@link OffsetsPages} which pages of multixact offsets
 * are zeroed.
 */
public final class SlruRedo {
    private SlruRedo() {}

    /**
     * {@link EffectSink#transactionStatus} on its page of {@code Slru.XACT}: TransactionIdSetStatusBit (clog.c). A committed
     * subtransaction doesn't become sub-committed again.
     */
    public static void transactionStatus(
            final MemorySegment segment, final long pageOffset, final int xid, final int status) {
        if (status == TransactionStatus.SUB_COMMITTED
                && TransactionStatus.get(segment, pageOffset, xid) == TransactionStatus.COMMITTED) {
            return;
        }
        TransactionStatus.set(segment, pageOffset, xid, status);
    }

    /** {@link EffectSink#commitTimestamp} on its page of {@code Slru.COMMIT_TS}: TransactionIdSetCommitTs (commit_ts.c). */
    public static void commitTimestamp(
            final MemorySegment segment, final long pageOffset, final int xid, final long timestamp, final int origin) {
        CommitTimestamps.set(segment, pageOffset, xid, timestamp, origin);
    }

    /** {@link EffectSink#multiXactOffset} on its page of {@code Slru.MULTIXACT_OFFSETS}: RecordNewMultiXact (multixact.c). */
    public static void multiXactOffset(
            final MemorySegment segment, final long pageOffset, final int multiXact, final int memberOffset) {
        MultiXactOffsets.set(segment, pageOffset, multiXact, memberOffset);
    }

    /** {@link EffectSink#multiXactMember} on the member's page of {@code Slru.MULTIXACT_MEMBERS}: RecordNewMultiXact (multixact.c). */
    public static void multiXactMember(
            final MemorySegment segment,
            final long pageOffset,
            final int memberOffset,
            final int xid,
            final int status) {
        MultiXactMembers.set(segment, pageOffset, memberOffset, xid, status);
    }
}
