package dev.firn.server.redo;

import dev.firn.pagestore.replay.Coverage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How often each record type of a version was seen and verified, and how those are accounted for that no image verifies. */
final class RecordCoverage {
    /** Those that no running primary with {@code wal_level} replica or logical writes. */
    private static final Map<String, String> UNREACHABLE = Map.of(
            "XLOG NOOP", "nothing in Postgres writes it",
            "Gist ASSIGN_LSN", "only under wal_level = minimal, in which there is nothing to replay a table from",
            "Heap HOT_UPDATE+INIT",
                    "+INIT says that the new row is alone on its page, and a HOT update has the old one there too");

    /** Resource managers that change no relation page through a block reference. */
    private static final Set<String> WITHOUT_PAGES = Set.of(
            "Transaction",
            "Storage",
            "CLOG",
            "Database",
            "Tablespace",
            "MultiXact",
            "RelMap",
            "Standby",
            "CommitTs",
            "ReplicationOrigin",
            "LogicalMessage");

    /** Records without a page in the others. */
    private static final Set<String> RECORDS_WITHOUT_PAGES =
            Set.of("Heap2 REWRITE", "Heap2 NEW_CID", "Heap TRUNCATE", "Btree REUSE_PAGE", "Gist PAGE_REUSE");

    /** Records whose images are always applied (REGBUF_FORCE_IMAGE), so that there is nothing to compare with. */
    private static final Set<String> WITH_APPLIED_IMAGES = Set.of("Hash SPLIT_PAGE", "Gin SPLIT", "Gin VACUUM_PAGE");

    private final int major;
    private final Map<String, Coverage.Row> rows = new LinkedHashMap<>();

    RecordCoverage(final int major) {
        this.major = major;
    }

    /** Adds what a corpus showed. */
    void add(final Coverage coverage) {
        for (final Coverage.Row row : coverage.rows()) {
            rows.merge(
                    name(row),
                    row,
                    (a, b) -> new Coverage.Row(
                            a.resourceManager(),
                            a.operation(),
                            a.seen() + b.seen(),
                            a.verified() + b.verified(),
                            a.different() + b.different(),
                            a.failed() + b.failed()));
        }
    }

    private static String name(final Coverage.Row row) {
        return row.resourceManager() + ' ' + row.operation();
    }

    int major() {
        return major;
    }

    /** How a type is accounted for; empty when it is not. */
    private static String account(final Coverage.Row row) {
        final String name = name(row);
        if (row.seen() == 0) {
            return UNREACHABLE.containsKey(name) ? "unreachable: " + UNREACHABLE.get(name) : "";
        }
        if (row.verified() > 0) {
            return "image";
        }
        // What other XLOG records have of pages are applied images too.
        return WITHOUT_PAGES.contains(row.resourceManager())
                        || row.resourceManager().equals("XLOG")
                        || RECORDS_WITHOUT_PAGES.contains(name)
                        || WITH_APPLIED_IMAGES.contains(name)
                ? "end state"
                : "";
    }

    /** The types that are neither verified nor known to have nothing to verify. */
    List<String> unexplained() {
        final List<String> names = new ArrayList<>();
        rows.forEach((name, row) -> {
            if (account(row).isEmpty()) {
                names.add(name + " of " + major + ": seen " + row.seen() + ", verified " + row.verified());
            }
        });
        return names;
    }

    /** The table of docs/redo-coverage.md. */
    static String table(final List<RecordCoverage> versions) {
        final StringBuilder text = new StringBuilder("| record |");
        for (final RecordCoverage version : versions) {
            text.append(" seen in ").append(version.major).append(" | verified | by |");
        }
        text.append("\n|---|").repeat("---:|---:|---|", versions.size()).append('\n');
        final Set<String> names = new LinkedHashSet<>();
        versions.forEach(version -> names.addAll(version.rows.keySet()));
        for (final String name : names) {
            text.append("| ").append(name).append(" |");
            for (final RecordCoverage version : versions) {
                final Coverage.Row row = version.rows.get(name);
                if (row == null) {
                    text.append(" | | not of this version |");
                } else {
                    text.append(' ').append(row.seen());
                    text.append(" | ").append(row.verified());
                    text.append(" | ").append(account(row)).append(" |");
                }
            }
            text.append('\n');
        }
        return text.toString();
    }
}
