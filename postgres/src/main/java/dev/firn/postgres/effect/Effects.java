package dev.firn.postgres.effect;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.file.TransactionId;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.redo.RedoException;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import dev.firn.postgres.wal.WalOperations;
import dev.firn.postgres.wal.WalRecord;

/**
 * Takes records apart for an {@link EffectSink}. One thread owns an instance.
 *
 * <p>Every record of every built-in resource manager is taken; those that change relation pages only (indexes, sequences, most of the
 * heap's) have no effect but the transaction id that they show used. Records that are of no known operation are refused, whoever's they are:
 * so a log that passes here is one that this version of Postgres writes.
 */
public final class Effects {
    private static final int OPERATIONS = 16;

    private final EffectDecoder[] decoders = new EffectDecoder[ResourceManager.values().length];

    /** For each resource manager, a bit for each operation that the version has. */
    private final int[] knownOperations = new int[decoders.length];

    private final RecordData main = new RecordData();

    /** Effects of a version's records. */
    public Effects(final PostgresVersion version) {
        for (int manager = 0; manager < decoders.length; manager++) {
            for (int operation = 0; operation < OPERATIONS; operation++) {
                if (WalOperations.name(version, manager, operation << 4) != null) {
                    knownOperations[manager] |= 1 << operation;
                }
            }
        }
        final SlruEffects slrus = new SlruEffects(version);
        put(ResourceManager.XLOG, new ClusterEffects(version));
        put(ResourceManager.TRANSACTION, new TransactionEffects());
        put(ResourceManager.STORAGE, FileEffects::tellStorage);
        put(ResourceManager.CLOG, slrus::tellTransactionStatus);
        put(ResourceManager.DATABASE, FileEffects::tellDatabase);
        put(ResourceManager.TABLESPACE, FileEffects::tellTablespace);
        put(ResourceManager.MULTIXACT, slrus::tellMultiXact);
        put(ResourceManager.RELMAP, new RelationMapEffects(version));
        put(ResourceManager.STANDBY, ReplicationEffects::tellStandby);
        put(ResourceManager.HEAP2, ReplicationEffects::tellRewrite);
        put(ResourceManager.COMMIT_TS, slrus::tellCommitTimestamps);
        put(ResourceManager.REPLICATION_ORIGIN, ReplicationEffects::tellOrigin);
        put(ResourceManager.LOGICAL_MESSAGE, ReplicationEffects::tellMessage);
    }

    private void put(final ResourceManager manager, final EffectDecoder decoder) {
        decoders[manager.id()] = decoder;
    }

    /**
     * Tells the sink what a record does besides changing relation pages. First of all, that its transaction id is used.
     *
     * @throws RedoException when the record is unknown or contradicts itself; the sink may have been told a part of it.
     */
    public void tell(final WalRecord record, final EffectSink sink) {
        try {
            final int manager = record.resourceManagerId();
            if (manager >= decoders.length) {
                throw new MalformedDataException("it is of an extension, and nobody can redo it here");
            }
            if ((knownOperations[manager] >>> (record.operation() >>> 4) & 1) == 0) {
                throw EffectDecoder.unknown(record);
            }
            tellUsed(record.xid(), sink);
            final EffectDecoder decoder = decoders[manager];
            if (decoder != null) {
                main.wrap(record.segment(), record.mainDataOffset(), record.mainDataLength());
                decoder.tell(record, main, sink);
            }
        } catch (final MalformedDataException | IndexOutOfBoundsException e) {
            throw RedoException.of(record, "", e);
        }
    }

    /** Special transactions move no counter (AdvanceNextFullTransactionIdPastXid of varsup.c). */
    static void tellUsed(final int xid, final EffectSink sink) {
        if (TransactionId.isNormal(xid)) {
            sink.xidUsed(xid);
        }
    }
}
