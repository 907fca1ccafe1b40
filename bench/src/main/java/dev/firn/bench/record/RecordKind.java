package dev.firn.bench.record;

import dev.firn.postgres.wal.ImageCompression;
import dev.firn.postgres.wal.ResourceManager;
import dev.firn.postgres.wal.WalOperations;
import dev.firn.postgres.wal.WalRecord;
import java.lang.foreign.ValueLayout;
import java.util.Locale;

/** The kinds of records that are measured one by one. */
public enum RecordKind {
    HEAP_INSERT(ResourceManager.HEAP, "INSERT"),
    HEAP_HOT_UPDATE(ResourceManager.HEAP, "HOT_UPDATE"),
    HEAP_UPDATE(ResourceManager.HEAP, "UPDATE"),
    HEAP_DELETE(ResourceManager.HEAP, "DELETE"),
    HEAP_LOCK(ResourceManager.HEAP, "LOCK"),
    HEAP_MULTI_INSERT(ResourceManager.HEAP2, "MULTI_INSERT"),
    HEAP_PRUNE(ResourceManager.HEAP2, "PRUNE"),
    HEAP_VISIBLE(ResourceManager.HEAP2, "VISIBLE"),
    BTREE_INSERT_LEAF(ResourceManager.BTREE, "INSERT_LEAF"),
    BTREE_SPLIT(ResourceManager.BTREE, "SPLIT_R"),
    BTREE_DEDUP(ResourceManager.BTREE, "DEDUP"),
    HASH_INSERT(ResourceManager.HASH, "INSERT"),
    GIN_INSERT(ResourceManager.GIN, "INSERT"),
    GIN_DATA_LEAF(ResourceManager.GIN, "INSERT"),
    GIST_UPDATE(ResourceManager.GIST, "PAGE_UPDATE"),
    SPGIST_ADD_LEAF(ResourceManager.SPGIST, "ADD_LEAF"),
    BRIN_SAMEPAGE(ResourceManager.BRIN, "SAMEPAGE_UPDATE"),
    SEQUENCE(ResourceManager.SEQUENCE, "LOG"),
    GENERIC(ResourceManager.GENERIC, "Generic"),
    FPI_PLAIN(ResourceManager.XLOG, "FPI", ImageCompression.NONE),
    FPI_PGLZ(ResourceManager.XLOG, "FPI", ImageCompression.PGLZ),
    FPI_LZ4(ResourceManager.XLOG, "FPI", ImageCompression.LZ4),
    FPI_ZSTD(ResourceManager.XLOG, "FPI", ImageCompression.ZSTD),
    COMMIT(ResourceManager.TRANSACTION, "COMMIT");

    /** GIN_INSERT_ISDATA and GIN_INSERT_ISLEAF of access/ginxlog.h. */
    private static final int GIN_DATA_AND_LEAF = 0x03;

    private final ResourceManager manager;
    private final String operation;
    private final ImageCompression compression;

    RecordKind(final ResourceManager manager, final String operation) {
        this(manager, operation, null);
    }

    RecordKind(final ResourceManager manager, final String operation, final ImageCompression compression) {
        this.manager = manager;
        this.operation = operation;
        this.compression = compression;
    }

    /** As a variant is asked for: {@code heap-hot-update}. */
    public String variant() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether redo changes no page, and the record's other effects are what is measured. */
    boolean effectsOnly() {
        return this == COMMIT;
    }

    boolean matches(final WalRecord record) {
        if (record.resourceManagerId() != manager.id() || (record.maxBlockId() < 0 && !effectsOnly())) {
            return false;
        }
        final String name = WalOperations.name(record.version(), manager.id(), record.info());
        if (name == null || !(name.equals(operation) || (this == HEAP_PRUNE && name.equals("PRUNE_ON_ACCESS")))) {
            return false;
        }
        if (compression != null) {
            return record.hasImage(0) && record.imageCompression(0) == compression;
        }
        if (this == GIN_INSERT || this == GIN_DATA_LEAF) {
            final boolean data =
                    (record.segment().get(ValueLayout.JAVA_BYTE, record.mainDataOffset()) & GIN_DATA_AND_LEAF)
                            == GIN_DATA_AND_LEAF;
            return data == (this == GIN_DATA_LEAF);
        }
        return true;
    }
}
