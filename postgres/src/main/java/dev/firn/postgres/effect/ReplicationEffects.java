package dev.firn.postgres.effect;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.wal.WalRecord;

/**
 * Records for standbys, logical decoding and replication: Standby (standby_redo of standby.c, storage/standbydefs.h), ReplicationOrigin
 * (replorigin_redo of origin.c, replication/origin.h), LogicalMessage (message.c, replication/message.h), and Heap2's REWRITE
 * (heap_xlog_logical_rewrite of rewriteheap.c, access/heapam_xlog.h).
 */
final class ReplicationEffects {
    /** DoNotReplicateId: a session that wants not to be replicated; nobody follows how far it is. */
    private static final int UNTRACKED_ORIGIN = 0xFFFF;

    private static final int STANDBY_LOCK = 0x00;
    private static final int STANDBY_RUNNING_TRANSACTIONS = 0x10;
    private static final int STANDBY_INVALIDATIONS = 0x20;
    private static final int ORIGIN_SET = 0x00;
    private static final int ORIGIN_DROP = 0x10;
    private static final int HEAP2_REWRITE = 0x00;

    /** xl_standby_lock: transaction, database, relation. */
    private static final int LOCK_BYTES = 12;

    /** SharedInvalidationMessage of storage/sinval.h. */
    static final int INVALIDATION_BYTES = 16;

    /** LogicalRewriteMappingData of access/rewriteheap.h: two relations and two places. */
    private static final int MAPPING_BYTES = 36;

    private ReplicationEffects() {}

    /** How far an origin is; of none, and of sessions that aren't followed, nothing. */
    static void advance(
            final WalRecord record,
            final int origin,
            final long remoteLsn,
            final boolean backward,
            final EffectSink sink) {
        if (origin != 0 && origin != UNTRACKED_ORIGIN) {
            sink.originAdvanced(origin, remoteLsn, record.nextLsn(), backward);
        }
    }

    /** Locks and running transactions are for queries on a standby: nothing of them is on disk. */
    static void tellStandby(final WalRecord record, final RecordData main, final EffectSink sink) {
        switch (record.operation()) {
            case STANDBY_LOCK -> {
                main.take(LOCK_BYTES * EffectDecoder.nextCount(main, LOCK_BYTES, "locks"));
                main.requireEnd();
            }
            case STANDBY_RUNNING_TRANSACTIONS -> tellRunning(main, sink);
            case STANDBY_INVALIDATIONS -> {
                final int database = main.nextInt();
                final int tablespace = main.nextInt();
                final boolean stale = main.nextUnsignedByte() != 0;
                // Padding to four bytes.
                main.take(3);
                final int messages = EffectDecoder.nextCount(main, INVALIDATION_BYTES, "invalidations");
                main.take(messages * INVALIDATION_BYTES);
                main.requireEnd();
                if (stale && messages > 0) {
                    sink.relationCacheFileStale(tablespace, database);
                }
            }
            default -> throw EffectDecoder.unknown(record);
        }
    }

    /** xl_running_xacts: transactions, then subtransactions. */
    private static void tellRunning(final RecordData main, final EffectSink sink) {
        final long transactions = main.nextInt();
        final long subtransactions = main.nextInt();
        // Whether some are missing, and padding to four bytes.
        main.take(Integer.BYTES);
        final int nextXid = EffectDecoder.nextId(main, "next transaction");
        final int oldestRunningXid = main.nextInt();
        // The latest completed transaction.
        main.nextInt();
        if (transactions < 0
                || subtransactions < 0
                || (transactions + subtransactions) * Integer.BYTES != main.remaining()) {
            throw new MalformedDataException("the record counts " + transactions + " running transactions and "
                    + subtransactions + " subtransactions, with " + main.remaining() + " bytes left");
        }
        sink.transactionsRunning(nextXid, oldestRunningXid);
    }

    static void tellOrigin(final WalRecord record, final RecordData main, final EffectSink sink) {
        switch (record.operation()) {
            case ORIGIN_SET -> {
                final long remoteLsn = main.nextLong();
                final int origin = main.nextUnsignedShort();
                final boolean backward = main.nextUnsignedByte() != 0;
                // Padding to eight bytes.
                main.take(5);
                main.requireEnd();
                requireOrigin(origin);
                advance(record, origin, remoteLsn, backward, sink);
            }
            case ORIGIN_DROP -> {
                final int origin = main.nextUnsignedShort();
                main.requireEnd();
                requireOrigin(origin);
                sink.originDropped(origin);
            }
            default -> throw EffectDecoder.unknown(record);
        }
    }

    private static void requireOrigin(final int origin) {
        if (origin == 0) {
            throw new MalformedDataException("the record names no replication origin");
        }
    }

    /** xl_logical_message: for logical decoding only. Its lengths must add up. */
    static void tellMessage(final WalRecord record, final RecordData main, final EffectSink sink) {
        // Database; whether it belongs to the transaction, and padding.
        main.take(2 * Integer.BYTES);
        final long prefixBytes = main.nextLong();
        final long messageBytes = main.nextLong();
        if (prefixBytes < 0 || prefixBytes > main.remaining() || messageBytes != main.remaining() - prefixBytes) {
            throw new MalformedDataException("a prefix of " + prefixBytes + " bytes and a message of " + messageBytes
                    + ", with " + main.remaining() + " bytes left");
        }
    }

    /** Heap2's other records change pages. */
    static void tellRewrite(final WalRecord record, final RecordData main, final EffectSink sink) {
        if (record.operation() != HEAP2_REWRITE) {
            return;
        }
        final int mappedXid = main.nextInt();
        final int database = main.nextInt();
        final int relation = EffectDecoder.nextId(main, "relation");
        // Padding to eight bytes.
        main.take(Integer.BYTES);
        final long fileOffset = main.nextLong();
        final long mappings = Integer.toUnsignedLong(main.nextInt());
        main.take(Integer.BYTES);
        final long startLsn = main.nextLong();
        if (fileOffset < 0 || mappings * MAPPING_BYTES != main.remaining()) {
            throw new MalformedDataException(mappings + " mappings at " + fileOffset + " of their file, with "
                    + main.remaining() + " bytes left in the record");
        }
        final int lengthBytes = main.remaining();
        sink.logicalMapping(new LogicalMapping(
                mappedXid,
                record.xid(),
                database,
                relation,
                fileOffset,
                startLsn,
                (int) mappings,
                main.segment(),
                main.take(lengthBytes),
                lengthBytes));
    }
}
