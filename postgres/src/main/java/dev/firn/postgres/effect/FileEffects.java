package dev.firn.postgres.effect;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.page.FreeSpaceMap;
import dev.firn.postgres.page.VisibilityMap;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.wal.WalRecord;

/**
 * Records about files: Storage (smgr_redo of storage.c, catalog/storage_xlog.h), Database (dbase_redo of dbcommands.c,
 * commands/dbcommands_xlog.h) and Tablespace (tblspc_redo of tablespace.c, commands/tablespace.h).
 */
final class FileEffects {
    private static final int STORAGE_CREATE = 0x10;
    private static final int STORAGE_TRUNCATE = 0x20;
    private static final int DATABASE_CREATE_FILE_COPY = 0x00;
    private static final int DATABASE_CREATE_WAL_LOG = 0x10;
    private static final int DATABASE_DROP = 0x20;
    private static final int TABLESPACE_CREATE = 0x00;
    private static final int TABLESPACE_DROP = 0x10;

    // SMGR_TRUNCATE_*.
    private static final int TRUNCATE_HEAP = 0x0001;
    private static final int TRUNCATE_VISIBILITY_MAP = 0x0002;
    private static final int TRUNCATE_FREE_SPACE_MAP = 0x0004;
    private static final int TRUNCATE_FLAGS = TRUNCATE_HEAP | TRUNCATE_VISIBILITY_MAP | TRUNCATE_FREE_SPACE_MAP;

    /** InvalidBlockNumber. */
    private static final int NO_BLOCK = -1;

    private FileEffects() {}

    static void tellStorage(final WalRecord record, final RecordData main, final EffectSink sink) {
        switch (record.operation()) {
            case STORAGE_CREATE -> {
                final int tablespace = EffectDecoder.nextId(main, "tablespace");
                final int database = main.nextInt();
                final int relfilenode = EffectDecoder.nextId(main, "relation");
                final int fork = main.nextInt();
                main.requireEnd();
                if (fork < 0 || fork > Fork.INIT.number()) {
                    throw new MalformedDataException("a relation has no fork " + fork);
                }
                sink.relationCreated(tablespace, database, relfilenode, fork);
            }
            case STORAGE_TRUNCATE -> tellTruncation(main, sink);
            default -> throw EffectDecoder.unknown(record);
        }
    }

    /**
     * The relation comes to be if it isn't there (it may go later in the log); then the forks that the flags name are cut, to as many blocks as
     * what is left of the heap asks for.
     */
    private static void tellTruncation(final RecordData main, final EffectSink sink) {
        final int blocks = main.nextInt();
        final int tablespace = EffectDecoder.nextId(main, "tablespace");
        final int database = main.nextInt();
        final int relfilenode = EffectDecoder.nextId(main, "relation");
        final int flags = main.nextInt();
        main.requireEnd();
        if (blocks == NO_BLOCK || (flags & ~TRUNCATE_FLAGS) != 0) {
            throw new MalformedDataException(
                    "a truncation to %s blocks with flags 0x%X".formatted(Integer.toUnsignedString(blocks), flags));
        }
        sink.relationCreated(tablespace, database, relfilenode, Fork.MAIN.number());
        if ((flags & TRUNCATE_HEAP) != 0) {
            sink.relationTruncated(tablespace, database, relfilenode, Fork.MAIN.number(), blocks);
        }
        if ((flags & TRUNCATE_FREE_SPACE_MAP) != 0) {
            sink.freeSpaceForgotten(tablespace, database, relfilenode, blocks);
            sink.relationTruncated(
                    tablespace, database, relfilenode, Fork.FREE_SPACE_MAP.number(), freeSpaceMapBlocks(blocks));
        }
        if ((flags & TRUNCATE_VISIBILITY_MAP) != 0) {
            sink.relationTruncated(
                    tablespace, database, relfilenode, Fork.VISIBILITY_MAP.number(), visibilityMapBlocks(blocks));
        }
    }

    /** FreeSpaceMapPrepareTruncateRel (freespace.c): up to the page with the last heap block's leaf, unless that begins the page. */
    private static int freeSpaceMapBlocks(final int heapBlocks) {
        final int block = FreeSpaceMap.mapBlock(heapBlocks);
        return FreeSpaceMap.slot(heapBlocks) == 0 ? block : block + 1;
    }

    /** visibilitymap_prepare_truncate (visibilitymap.c). */
    private static int visibilityMapBlocks(final int heapBlocks) {
        final int block = VisibilityMap.mapBlock(heapBlocks);
        return Integer.remainderUnsigned(heapBlocks, VisibilityMap.BLOCKS_PER_PAGE) == 0 ? block : block + 1;
    }

    static void tellDatabase(final WalRecord record, final RecordData main, final EffectSink sink) {
        final int database = EffectDecoder.nextId(main, "database");
        switch (record.operation()) {
            case DATABASE_CREATE_FILE_COPY -> {
                final int tablespace = EffectDecoder.nextId(main, "tablespace");
                final int sourceDatabase = EffectDecoder.nextId(main, "source database");
                final int sourceTablespace = EffectDecoder.nextId(main, "source tablespace");
                main.requireEnd();
                sink.databaseCopied(tablespace, database, sourceTablespace, sourceDatabase);
            }
            case DATABASE_CREATE_WAL_LOG -> {
                final int tablespace = EffectDecoder.nextId(main, "tablespace");
                main.requireEnd();
                sink.databaseCreated(tablespace, database);
            }
            case DATABASE_DROP -> {
                final int tablespaces = EffectDecoder.nextCount(main, Integer.BYTES, "tablespaces");
                for (int i = 0; i < tablespaces; i++) {
                    sink.databaseDropped(EffectDecoder.nextId(main, "tablespace"), database);
                }
                main.requireEnd();
            }
            default -> throw EffectDecoder.unknown(record);
        }
    }

    static void tellTablespace(final WalRecord record, final RecordData main, final EffectSink sink) {
        final int tablespace = EffectDecoder.nextId(main, "tablespace");
        switch (record.operation()) {
            case TABLESPACE_CREATE -> {
                final int pathBytes = main.remaining() - 1;
                final int start = main.position();
                if (pathBytes < 0 || main.unsignedByte(start + pathBytes) != 0) {
                    throw new MalformedDataException("the tablespace's path has no end");
                }
                for (int i = 0; i < pathBytes; i++) {
                    if (main.unsignedByte(start + i) == 0) {
                        throw new MalformedDataException("the tablespace's path ends before the record does");
                    }
                }
                sink.tablespaceCreated(tablespace, main.segment(), main.at(start, pathBytes), pathBytes);
            }
            case TABLESPACE_DROP -> {
                main.requireEnd();
                sink.tablespaceDropped(tablespace);
            }
            default -> throw EffectDecoder.unknown(record);
        }
    }
}
