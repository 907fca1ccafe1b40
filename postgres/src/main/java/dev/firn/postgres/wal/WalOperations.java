package dev.firn.postgres.wal;

import dev.firn.postgres.version.PostgresVersion;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What a record's resource manager and info bits are called: the {@code *_identify} functions of access/rmgrdesc, as one
 * table for all versions. A version that renames or adds an operation is a row with a range of majors.
 */
public final class WalOperations {
    private static final int OPERATIONS = 16;
    private static final int NEWEST = Integer.MAX_VALUE;
    private static final Map<PostgresVersion, String[]> NAMES = new EnumMap<>(PostgresVersion.class);

    static {
        final List<Row> rows = rows();
        for (final PostgresVersion version : PostgresVersion.values()) {
            NAMES.put(version, namesOf(rows, version.major()));
        }
    }

    private WalOperations() {}

    private record Row(ResourceManager manager, int info, String name, int firstMajor, int lastMajor) {}

    /** The operation's name as {@code pg_waldump} prints it; null when the version has none with these bits. */
    public static String name(final PostgresVersion version, final int resourceManagerId, final int info) {
        final String[] names = NAMES.get(version);
        final int index = resourceManagerId * OPERATIONS + (info >>> 4 & OPERATIONS - 1);
        return index < names.length ? names[index] : null;
    }

    private static String[] namesOf(final List<Row> rows, final int major) {
        final String[] names = new String[ResourceManager.values().length * OPERATIONS];
        for (final Row row : rows) {
            if (row.firstMajor <= major && major <= row.lastMajor) {
                final int index = row.manager.id() * OPERATIONS + (row.info >>> 4);
                if (names[index] != null) {
                    throw new IllegalStateException(row + " and " + names[index] + " are one operation of " + major);
                }
                names[index] = row.name;
            }
        }
        return names;
    }

    private static List<Row> rows() {
        final List<Row> rows = new ArrayList<>();
        addSystem(rows);
        addHeap(rows);
        addBtreeAndHash(rows);
        addOtherIndexes(rows);
        return rows;
    }

    /** Operations from 0x00 on in steps of 0x10; null where there is none. */
    private static void add(final List<Row> rows, final ResourceManager manager, final String... names) {
        for (int i = 0; i < names.length; i++) {
            if (names[i] != null) {
                rows.add(new Row(manager, i << 4, names[i], 0, NEWEST));
            }
        }
    }

    private static void addSystem(final List<Row> rows) {
        add(
                rows,
                ResourceManager.XLOG,
                "CHECKPOINT_SHUTDOWN",
                "CHECKPOINT_ONLINE",
                "NOOP",
                "NEXTOID",
                "SWITCH",
                "BACKUP_END",
                "PARAMETER_CHANGE",
                "RESTORE_POINT",
                "FPW_CHANGE",
                "END_OF_RECOVERY",
                "FPI_FOR_HINT",
                "FPI",
                null,
                "OVERWRITE_CONTRECORD");
        rows.add(new Row(ResourceManager.XLOG, 0xE0, "CHECKPOINT_REDO", 17, NEWEST));
        final String[] transaction = {
            "COMMIT", "PREPARE", "ABORT", "COMMIT_PREPARED", "ABORT_PREPARED", "ASSIGNMENT", "INVALIDATION"
        };
        for (int i = 0; i < transaction.length; i++) {
            rows.add(new Row(ResourceManager.TRANSACTION, i << 4, transaction[i], 0, NEWEST));
            // XLOG_XACT_HAS_INFO: the operation is in the three bits below.
            rows.add(new Row(ResourceManager.TRANSACTION, i << 4 | 0x80, transaction[i], 0, NEWEST));
        }
        add(rows, ResourceManager.STORAGE, null, "CREATE", "TRUNCATE");
        add(rows, ResourceManager.CLOG, "ZEROPAGE", "TRUNCATE");
        // 15 brought the second way to make a database.
        rows.add(new Row(ResourceManager.DATABASE, 0x00, "CREATE_FILE_COPY", 15, NEWEST));
        rows.add(new Row(ResourceManager.DATABASE, 0x10, "CREATE_WAL_LOG", 15, NEWEST));
        rows.add(new Row(ResourceManager.DATABASE, 0x20, "DROP", 15, NEWEST));
        add(rows, ResourceManager.TABLESPACE, "CREATE", "DROP");
        add(rows, ResourceManager.MULTIXACT, "ZERO_OFF_PAGE", "ZERO_MEM_PAGE", "CREATE_ID", "TRUNCATE_ID");
        add(rows, ResourceManager.RELMAP, "UPDATE");
        add(rows, ResourceManager.STANDBY, "LOCK", "RUNNING_XACTS", "INVALIDATIONS");
        add(rows, ResourceManager.SEQUENCE, "LOG");
        add(rows, ResourceManager.COMMIT_TS, "ZEROPAGE", "TRUNCATE");
        add(rows, ResourceManager.REPLICATION_ORIGIN, "SET", "DROP");
        for (int i = 0; i < OPERATIONS; i++) {
            rows.add(new Row(ResourceManager.GENERIC, i << 4, "Generic", 0, NEWEST));
        }
        add(rows, ResourceManager.LOGICAL_MESSAGE, "MESSAGE");
    }

    private static void addHeap(final List<Row> rows) {
        add(
                rows,
                ResourceManager.HEAP,
                "INSERT",
                "DELETE",
                "UPDATE",
                "TRUNCATE",
                "HOT_UPDATE",
                "HEAP_CONFIRM",
                "LOCK",
                "INPLACE",
                "INSERT+INIT",
                null,
                "UPDATE+INIT",
                null,
                "HOT_UPDATE+INIT");
        add(
                rows,
                ResourceManager.HEAP2,
                "REWRITE",
                null,
                null,
                null,
                "VISIBLE",
                "MULTI_INSERT",
                "LOCK_UPDATED",
                "NEW_CID",
                null,
                null,
                null,
                null,
                null,
                "MULTI_INSERT+INIT");
        rows.add(new Row(ResourceManager.HEAP2, 0x10, "PRUNE", 0, 16));
        rows.add(new Row(ResourceManager.HEAP2, 0x20, "VACUUM", 0, 16));
        rows.add(new Row(ResourceManager.HEAP2, 0x30, "FREEZE_PAGE", 0, 16));
        rows.add(new Row(ResourceManager.HEAP2, 0x10, "PRUNE_ON_ACCESS", 17, NEWEST));
        rows.add(new Row(ResourceManager.HEAP2, 0x20, "PRUNE_VACUUM_SCAN", 17, NEWEST));
        rows.add(new Row(ResourceManager.HEAP2, 0x30, "PRUNE_VACUUM_CLEANUP", 17, NEWEST));
    }

    private static void addBtreeAndHash(final List<Row> rows) {
        add(
                rows,
                ResourceManager.BTREE,
                "INSERT_LEAF",
                "INSERT_UPPER",
                "INSERT_META",
                "SPLIT_L",
                "SPLIT_R",
                "INSERT_POST",
                "DEDUP",
                "DELETE",
                "UNLINK_PAGE",
                "UNLINK_PAGE_META",
                "NEWROOT",
                "MARK_PAGE_HALFDEAD",
                "VACUUM",
                "REUSE_PAGE",
                "META_CLEANUP");
        add(
                rows,
                ResourceManager.HASH,
                "INIT_META_PAGE",
                "INIT_BITMAP_PAGE",
                "INSERT",
                "ADD_OVFL_PAGE",
                "SPLIT_ALLOCATE_PAGE",
                "SPLIT_PAGE",
                "SPLIT_COMPLETE",
                "MOVE_PAGE_CONTENTS",
                "SQUEEZE_PAGE",
                "DELETE",
                "SPLIT_CLEANUP",
                "UPDATE_META_PAGE",
                "VACUUM_ONE_PAGE");
    }

    private static void addOtherIndexes(final List<Row> rows) {
        add(
                rows,
                ResourceManager.GIN,
                null,
                "CREATE_PTREE",
                "INSERT",
                "SPLIT",
                "VACUUM_PAGE",
                "DELETE_PAGE",
                "UPDATE_META_PAGE",
                "INSERT_LISTPAGE",
                "DELETE_LISTPAGE",
                "VACUUM_DATA_LEAF_PAGE");
        add(
                rows,
                ResourceManager.GIST,
                "PAGE_UPDATE",
                "DELETE",
                "PAGE_REUSE",
                "PAGE_SPLIT",
                null,
                null,
                "PAGE_DELETE",
                "ASSIGN_LSN");
        add(
                rows,
                ResourceManager.SPGIST,
                null,
                "ADD_LEAF",
                "MOVE_LEAFS",
                "ADD_NODE",
                "SPLIT_TUPLE",
                "PICKSPLIT",
                "VACUUM_LEAF",
                "VACUUM_ROOT",
                "VACUUM_REDIRECT");
        add(
                rows,
                ResourceManager.BRIN,
                "CREATE_INDEX",
                "INSERT",
                "UPDATE",
                "SAMEPAGE_UPDATE",
                "REVMAP_EXTEND",
                "DESUMMARIZE",
                null,
                null,
                null,
                "INSERT+INIT",
                "UPDATE+INIT");
    }
}
