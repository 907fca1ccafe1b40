package dev.firn.postgres.effect;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.file.Checkpoint;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.WalRecord;

/**
 * XLOG's records (xlog_redo of xlog.c, xlogrecovery_redo of xlogrecovery.c; catalog/pg_control.h, access/xlog_internal.h). Full-page
 * images are redo's; a record that overwrites a lost one is the reader's.
 */
final class ClusterEffects implements EffectDecoder {
    private static final int CHECKPOINT_SHUTDOWN = 0x00;
    private static final int CHECKPOINT_ONLINE = 0x10;
    private static final int NOOP = 0x20;
    private static final int NEXT_OID = 0x30;
    private static final int SWITCH = 0x40;
    private static final int BACKUP_END = 0x50;
    private static final int PARAMETER_CHANGE = 0x60;
    private static final int RESTORE_POINT = 0x70;
    private static final int FULL_PAGE_WRITES_CHANGE = 0x80;
    private static final int END_OF_RECOVERY = 0x90;
    private static final int IMAGES_FOR_HINT = 0xA0;
    private static final int IMAGES = 0xB0;
    private static final int OVERWRITE_CONTRECORD = 0xD0;
    private static final int CHECKPOINT_REDO = 0xE0;

    /** MAXFNAMELEN: a restore point's name with its terminator. */
    private static final int RESTORE_POINT_NAME_BYTES = 64;

    /** WAL_LEVEL_LOGICAL of access/xlog.h. */
    private static final int HIGHEST_WAL_LEVEL = 2;

    private final PostgresVersion version;
    private final Checkpoint checkpoint = new Checkpoint();

    ClusterEffects(final PostgresVersion version) {
        this.version = version;
    }

    @Override
    public void tell(final WalRecord record, final RecordData main, final EffectSink sink) {
        switch (record.operation()) {
            case CHECKPOINT_SHUTDOWN, CHECKPOINT_ONLINE -> tellCheckpoint(record, main, sink);
            case NEXT_OID -> {
                final int oid = main.nextInt();
                main.requireEnd();
                sink.nextOid(oid);
            }
            case BACKUP_END -> {
                final long start = main.nextLong();
                main.requireEnd();
                sink.backupEnded(start);
            }
            case PARAMETER_CHANGE -> tellParameters(main, sink);
            case RESTORE_POINT -> tellRestorePoint(main, sink);
            case FULL_PAGE_WRITES_CHANGE -> {
                final boolean on = nextBoolean(main);
                main.requireEnd();
                sink.fullPageWritesChanged(on);
            }
            case END_OF_RECOVERY -> tellEndOfRecovery(main, sink);
            case SWITCH, IMAGES, IMAGES_FOR_HINT -> main.requireEnd();
            case OVERWRITE_CONTRECORD -> {
                // The lost record's LSN, and when it was overwritten.
                main.take(2 * Long.BYTES);
                main.requireEnd();
            }
            case CHECKPOINT_REDO -> {
                nextWalLevel(main);
                main.requireEnd();
            }
            case NOOP -> {
                // Written to get past something; what it carries is no matter.
            }
            default -> throw EffectDecoder.unknown(record);
        }
    }

    private void tellCheckpoint(final WalRecord record, final RecordData main, final EffectSink sink) {
        final long at = main.take(Checkpoint.BYTES);
        main.requireEnd();
        sink.checkpoint(
                checkpoint.wrap(version, main.segment(), at), record.operation() == CHECKPOINT_SHUTDOWN, record.lsn());
    }

    /** xl_parameter_change. */
    private static void tellParameters(final RecordData main, final EffectSink sink) {
        final ClusterParameters parameters = new ClusterParameters(
                main.nextInt(),
                main.nextInt(),
                main.nextInt(),
                main.nextInt(),
                main.nextInt(),
                nextWalLevel(main),
                nextBoolean(main),
                nextBoolean(main));
        // Two bytes of padding.
        main.take(Short.BYTES);
        main.requireEnd();
        sink.parametersChanged(parameters);
    }

    /** xl_restore_point. */
    private static void tellRestorePoint(final RecordData main, final EffectSink sink) {
        final long time = main.nextLong();
        final int start = main.position();
        int length = 0;
        while (main.unsignedByte(start + length) != 0) {
            length++;
        }
        final long at = main.take(RESTORE_POINT_NAME_BYTES);
        main.requireEnd();
        sink.restorePoint(time, main.segment(), at, length);
    }

    /** xl_end_of_recovery. */
    private void tellEndOfRecovery(final RecordData main, final EffectSink sink) {
        final long time = main.nextLong();
        final int timeline = EffectDecoder.nextId(main, "timeline");
        final int previous = EffectDecoder.nextId(main, "previous timeline");
        if (version.checkpointCarriesWalLevel()) {
            nextWalLevel(main);
            // Padding to eight bytes.
            main.take(Integer.BYTES);
        }
        main.requireEnd();
        sink.recoveryEnded(timeline, previous, time);
    }

    private static int nextWalLevel(final RecordData main) {
        final int level = main.nextInt();
        if (level < 0 || level > HIGHEST_WAL_LEVEL) {
            throw new MalformedDataException("WAL level " + level);
        }
        return level;
    }

    private static boolean nextBoolean(final RecordData main) {
        final int value = main.nextUnsignedByte();
        if (value > 1) {
            throw new MalformedDataException("a truth value of " + value);
        }
        return value == 1;
    }
}
