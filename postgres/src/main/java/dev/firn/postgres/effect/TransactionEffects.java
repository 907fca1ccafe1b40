package dev.firn.postgres.effect;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.file.TransactionId;
import dev.firn.postgres.file.TransactionStatus;
import dev.firn.postgres.file.TwoPhaseFile;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.wal.WalRecord;

/**
 * Transaction's records (xact_redo of xact.c; PrepareRedoAdd of twophase.c; access/xact.h).
 *
 * <p>Postgres marks subtransactions of a commit as sub-committed before their parent is committed, so that no reader sees a part of it. Of a
 * record that is applied as a whole nothing but its end is seen, which is the same: that is what the sink is told.
 */
final class TransactionEffects implements EffectDecoder {
    private static final int PREPARE = 0x10;
    private static final int ASSIGNMENT = 0x50;
    private static final int INVALIDATIONS = 0x60;

    private final TransactionEnd end = new TransactionEnd();
    private final TwoPhaseFile twoPhase = new TwoPhaseFile();

    @Override
    public void tell(final WalRecord record, final RecordData main, final EffectSink sink) {
        if (TransactionEnd.is(record)) {
            tellEnd(record, sink);
            return;
        }
        switch (record.operation() & TransactionEnd.OPERATION_MASK) {
            case PREPARE -> tellPreparation(record, main, sink);
            case ASSIGNMENT -> {
                final int parent = EffectDecoder.nextId(main, "parent transaction");
                final int count = EffectDecoder.nextCount(main, Integer.BYTES, "subtransactions");
                for (int i = 0; i < count; i++) {
                    sink.transactionParent(EffectDecoder.nextId(main, "subtransaction"), parent);
                }
                main.requireEnd();
            }
            case INVALIDATIONS -> {
                // For logical decoding; those of the commit count.
                final int size = ReplicationEffects.INVALIDATION_BYTES;
                main.take(size * EffectDecoder.nextCount(main, size, "invalidations"));
                main.requireEnd();
            }
            default -> throw EffectDecoder.unknown(record);
        }
    }

    /** xact_redo_commit and xact_redo_abort. */
    private void tellEnd(final WalRecord record, final EffectSink sink) {
        end.wrap(record);
        final int xid = end.xid();
        sink.xidUsed(end.latestXid());
        if (end.committed()) {
            tellTimestamps(sink);
        }
        tellStatus(end.committed() ? TransactionStatus.COMMITTED : TransactionStatus.ABORTED, sink);
        if (end.relationCacheFileStale()) {
            sink.relationCacheFileStale(end.tablespace(), end.database());
        }
        if (end.hasOrigin()) {
            ReplicationEffects.advance(record, end.origin(), end.originLsn(), false, sink);
        }
        for (int i = 0; i < end.relationCount(); i++) {
            sink.relationDropped(end.relationTablespace(i), end.relationDatabase(i), end.relfilenode(i));
        }
        if (end.prepared()) {
            sink.preparedFinished(xid);
        }
        if (end.committed()) {
            sink.committed(xid, end.time());
        } else {
            sink.aborted(xid, end.time());
        }
    }

    private void tellTimestamps(final EffectSink sink) {
        final long time = end.commitTime();
        sink.commitTimestamp(end.xid(), time, end.origin());
        for (int i = 0; i < end.subtransactionCount(); i++) {
            sink.commitTimestamp(end.subtransaction(i), time, end.origin());
        }
    }

    private void tellStatus(final int status, final EffectSink sink) {
        sink.transactionStatus(end.xid(), status);
        for (int i = 0; i < end.subtransactionCount(); i++) {
            sink.transactionStatus(end.subtransaction(i), status);
        }
    }

    /** Its subtransactions are used too: Postgres finds them when it recovers prepared transactions (ProcessTwoPhaseBuffer). */
    private void tellPreparation(final WalRecord record, final RecordData main, final EffectSink sink) {
        final long at = main.at(0, main.length());
        twoPhase.wrapRecord(main.segment(), at, main.length());
        if (twoPhase.xid() != record.xid()) {
            throw new MalformedDataException("transaction " + Integer.toUnsignedString(record.xid())
                    + " prepares the state of " + Integer.toUnsignedString(twoPhase.xid()));
        }
        int latest = twoPhase.xid();
        for (int i = 0; i < twoPhase.subtransactionCount(); i++) {
            if (TransactionId.precedes(latest, twoPhase.subtransaction(i))) {
                latest = twoPhase.subtransaction(i);
            }
        }
        Effects.tellUsed(latest, sink);
        sink.transactionPrepared(twoPhase.xid(), main.segment(), at, main.length());
        ReplicationEffects.advance(record, record.origin(), twoPhase.originLsn(), false, sink);
    }
}
