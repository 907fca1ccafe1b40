package dev.firn.server.wal;

import dev.firn.postgres.effect.TransactionEnd;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.file.RelationPath;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.wal.WalRecord;
import java.util.StringJoiner;

/**
 * What a commit or abort record says, as Postgres describes it (xact_desc of xactdesc.c). Left out are times, the messages themselves, and
 * what only matters to the primary.
 */
final class TransactionEndText {
    private final TransactionEnd end = new TransactionEnd();

    /** Firn's reading of a record; empty for one of another kind. */
    String ours(final WalRecord record) {
        if (!TransactionEnd.is(record)) {
            return "";
        }
        end.wrap(record);
        final StringJoiner parts = new StringJoiner("; ");
        if (end.prepared()) {
            parts.add("prepared " + Integer.toUnsignedString(end.xid()));
        }
        if (end.relationCount() > 0) {
            parts.add(relations(record));
        }
        if (end.subtransactionCount() > 0) {
            final StringBuilder text = new StringBuilder("subxacts:");
            for (int i = 0; i < end.subtransactionCount(); i++) {
                text.append(' ').append(Integer.toUnsignedString(end.subtransaction(i)));
            }
            parts.add(text);
        }
        if (end.committed()) {
            addStatistics(parts);
        }
        if (end.relationCacheFileStale()) {
            parts.add("relcache init file inval dbid " + Integer.toUnsignedString(end.database()) + " tsid "
                    + Integer.toUnsignedString(end.tablespace()));
        }
        if (end.invalidationCount() > 0) {
            parts.add("inval msgs:");
        }
        if (end.hasOrigin()) {
            parts.add("origin: node " + end.origin() + ", lsn " + Lsn.format(end.originLsn()));
        }
        if (!end.committed()) {
            addStatistics(parts);
        }
        return parts.toString();
    }

    private void addStatistics(final StringJoiner parts) {
        if (end.statisticCount() == 0) {
            return;
        }
        final StringBuilder text = new StringBuilder("dropped stats:");
        for (int i = 0; i < end.statisticCount(); i++) {
            text.append(' ').append(end.statisticKind(i));
            text.append('/').append(Integer.toUnsignedString(end.statisticDatabase(i)));
            text.append('/').append(Integer.toUnsignedString(end.statisticObject(i)));
        }
        parts.add(text);
    }

    private String relations(final WalRecord record) {
        final StringBuilder text = new StringBuilder("rels:");
        for (int i = 0; i < end.relationCount(); i++) {
            final RelFileLocator locator =
                    new RelFileLocator(end.relationTablespace(i), end.relationDatabase(i), end.relfilenode(i));
            text.append(' ').append(RelationPath.of(record.version(), locator, Fork.MAIN, 0));
        }
        return text.toString();
    }

    /** Postgres' description of a record of that operation, cut to the same. */
    static String theirs(final String operation, final String description) {
        final StringJoiner parts = new StringJoiner("; ");
        switch (operation) {
            case "COMMIT_PREPARED", "ABORT_PREPARED" ->
                parts.add("prepared " + description.substring(0, description.indexOf(':')));
            case "COMMIT", "ABORT" -> {
                // Their transaction is in the record's header.
            }
            default -> {
                return "";
            }
        }
        for (final String part : description.split("; ", -1)) {
            if (part.startsWith("inval msgs:")) {
                parts.add("inval msgs:");
            } else if (part.startsWith("origin:")) {
                parts.add(part.substring(0, part.indexOf(", at ")));
            } else if (part.startsWith("rels:")
                    || part.startsWith("subxacts:")
                    || part.startsWith("dropped stats:")
                    || part.startsWith("relcache init file")) {
                parts.add(part);
            }
        }
        return parts.toString();
    }
}
