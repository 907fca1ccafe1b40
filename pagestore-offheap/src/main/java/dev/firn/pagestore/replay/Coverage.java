package dev.firn.pagestore.replay;

import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import dev.firn.postgres.wal.WalOperations;
import dev.firn.postgres.wal.WalRecord;
import dev.firn.postgres.wal.WalRecordText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How often each kind of record was met, and what came of it. */
public final class Coverage {
    private static final int MANAGERS = 256;
    private static final int OPERATIONS = 16;

    private final PostgresVersion version;
    private final long[] seen = new long[MANAGERS * OPERATIONS];
    private final long[] verified = new long[MANAGERS * OPERATIONS];
    private final long[] different = new long[MANAGERS * OPERATIONS];
    private final long[] failed = new long[MANAGERS * OPERATIONS];

    Coverage(final PostgresVersion version) {
        this.version = version;
    }

    /**
     * A kind of record.
     *
     * @param seen how often it was met.
     * @param verified how often it had an image to compare with, and all of its pages were equal.
     * @param different how often one differed.
     * @param failed how often redo threw.
     */
    public record Row(String resourceManager, String operation, long seen, long verified, long different, long failed) {
        Row plus(final Row other) {
            return new Row(
                    resourceManager,
                    operation,
                    seen + other.seen,
                    verified + other.verified,
                    different + other.different,
                    failed + other.failed);
        }
    }

    void count(final WalRecord record, final boolean compared, final boolean differs, final boolean threw) {
        final int kind = record.resourceManagerId() * OPERATIONS + (record.operation() >>> 4);
        seen[kind]++;
        if (threw) {
            failed[kind]++;
        }
        if (differs) {
            different[kind]++;
        } else if (compared && !threw) {
            verified[kind]++;
        }
    }

    /**
     * All kinds that the version knows, and those that were met besides, by resource manager and operation. Info values with the same name are one
     * kind: they differ in flags.
     */
    public List<Row> rows() {
        final Map<String, Row> rows = new LinkedHashMap<>();
        for (int kind = 0; kind < seen.length; kind++) {
            final int manager = kind / OPERATIONS;
            final int info = kind % OPERATIONS << 4;
            final String known =
                    ResourceManager.ofId(manager) == null ? null : WalOperations.name(version, manager, info);
            if (known != null || seen[kind] > 0) {
                final String name = known != null ? known : "UNKNOWN (" + Integer.toHexString(info) + ")";
                final Row row = new Row(
                        WalRecordText.resourceManagerName(manager),
                        name,
                        seen[kind],
                        verified[kind],
                        different[kind],
                        failed[kind]);
                rows.merge(row.resourceManager + ' ' + name, row, Row::plus);
            }
        }
        return List.copyOf(rows.values());
    }
}
