package dev.firn.server.lake;

import dev.firn.columnar.transcode.LakeDatabase;
import dev.firn.columnar.transcode.LakeTable;
import dev.firn.columnar.transcode.RefusedRelationException;
import dev.firn.columnar.transcode.TableSource;
import dev.firn.columnar.transcode.TranscodeConfig;
import dev.firn.columnar.transcode.TranscodeMemory;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.catalog.CatalogPages;
import dev.firn.postgres.catalog.CatalogReader;
import dev.firn.postgres.catalog.DatabaseRow;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.server.CommandException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an export is to do: the tables in their order, and the jobs they fall into. Made before anything is written, by one thread that may block;
 * the catalogs that workers ask stay open until it is closed.
 */
final class ExportPlan implements AutoCloseable {
    /** What nobody connects to, or everybody's model. */
    private static final Set<String> TEMPLATES = Set.of("template0", "template1");

    /** Those of a job: visible rows, other versions, residue. */
    private static final int FILES_AT_ONCE = 3;

    private final CatalogPages pages;
    private final PostgresVersion version;
    private final long lsn;
    private final ExportTarget target;
    private final TranscodeConfig config;
    private final List<LakeDatabase> opened = new ArrayList<>();
    private final List<ExportRelation> relations = new ArrayList<>();
    private final List<ExportJob> jobs = new ArrayList<>();

    /**
     * @param pages of the timeline at the LSN; borrowed.
     * @param target borrowed.
     */
    ExportPlan(
            final CatalogPages pages,
            final PostgresVersion version,
            final long lsn,
            final ExportTarget target,
            final TranscodeConfig config) {
        this.pages = pages;
        this.version = version;
        this.lsn = lsn;
        this.target = target;
        this.config = config;
    }

    /**
     * Finds the tables.
     *
     * @param database its name, or null for all.
     * @param schema with {@code table}: the one that is wanted; null for all.
     * @throws CommandException when there is none such, or the target holds something where a table is to be.
     */
    void find(final String database, final String schema, final String table) {
        for (final DatabaseRow found : databases(database)) {
            try {
                final LakeDatabase one = LakeDatabase.open(pages, version, found, false);
                opened.add(one);
                final List<LakeTable> tables = table == null
                        ? one.tables()
                        : one.table(schema, table).stream().toList();
                for (final LakeTable wanted : tables) {
                    relations.add(relation(one, found.name(), wanted));
                }
            } catch (final MalformedDataException e) {
                throw new CommandException(
                        "the catalogs of the database " + found.name() + " cannot be read: " + e.getMessage(), e);
            }
        }
        if (relations.isEmpty() && table != null) {
            throw new CommandException(
                    "there is no table " + schema + "." + table
                            + (database == null ? " in any database" : " in " + database) + " at " + Lsn.format(lsn)
                            + ": tables, partitions and materialised views can be exported, temporary and unlogged ones cannot");
        }
        requireFree();
        relations.forEach(this::divide);
    }

    private List<DatabaseRow> databases(final String name) {
        final CatalogReader reader = new CatalogReader(version, pages);
        if (name == null) {
            return reader.databases().stream()
                    .filter(found -> !TEMPLATES.contains(found.name()))
                    .toList();
        }
        return List.of(reader.database(name)
                .orElseThrow(() -> new CommandException("there is no database " + name + " at " + Lsn.format(lsn))));
    }

    private ExportRelation relation(final LakeDatabase database, final String name, final LakeTable table) {
        final Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("firn.database", name);
        metadata.put("firn.table", table.name());
        metadata.put(LakeExport.LSN, Lsn.format(lsn));
        final String path = TablePath.of(name, table);
        return new ExportRelation(database, name, table, path, target.addressOf(path), metadata);
    }

    /** Files of another export would be read together with these. */
    private void requireFree() {
        if (target.isFree("")) {
            return;
        }
        for (final ExportRelation relation : relations) {
            if (target.hasUnfinished(relation.path())) {
                throw new CommandException(relation.url()
                        + " holds what an export that was killed has left: remove it with all that this export has"
                        + " written, or export to another place");
            }
        }
        for (final ExportRelation relation : relations) {
            if (!target.isFree(relation.path())) {
                throw new CommandException(relation.url()
                        + " holds files already, which would be read together with these: export to another place");
            }
        }
    }

    private void divide(final ExportRelation relation) {
        final List<ExportJob> parts = new ArrayList<>();
        try {
            divide(relation, relation.database().source(relation.table(), relation.metadata()), false, parts);
            final Optional<TableSource> toast = relation.database().toastSource(relation.table(), relation.metadata());
            toast.ifPresent(source -> divide(relation, source, true, parts));
            relation.expect(parts.size(), toast.isPresent());
            jobs.addAll(parts);
        } catch (final MalformedDataException | RefusedRelationException e) {
            relation.fail(e.getMessage());
        }
    }

    /** A part has the blocks of one file; a relation without blocks is a part, too. */
    private void divide(
            final ExportRelation relation, final TableSource source, final boolean toast, final List<ExportJob> parts) {
        final long blocks = pages.blocks(source.locator(), Fork.MAIN);
        final long fileBytes = FILES_AT_ONCE * target.fileMemoryBytes();
        long from = 0;
        do {
            final long to = Math.min(blocks, from + config.fileBlocks());
            parts.add(new ExportJob(
                    relation,
                    toast,
                    from,
                    to,
                    fileBytes + TranscodeMemory.mostBytes(source.schema(), config, to - from)));
            from = to;
        } while (from < blocks);
    }

    /** In the order in which they are reported. */
    List<ExportRelation> relations() {
        return List.copyOf(relations);
    }

    List<ExportJob> jobs() {
        return List.copyOf(jobs);
    }

    long heapBytes() {
        return jobs.stream().mapToLong(ExportJob::blocks).sum() * PageLayout.PAGE_BYTES;
    }

    @Override
    public void close() {
        opened.forEach(LakeDatabase::close);
    }
}
