package dev.firn.server.lake;

import dev.firn.columnar.transcode.LakeDatabase;
import dev.firn.columnar.transcode.LakeFile;
import dev.firn.columnar.transcode.LakeFolder;
import dev.firn.columnar.transcode.LakeTable;
import dev.firn.columnar.transcode.RefusedRelationException;
import dev.firn.columnar.transcode.RelationTranscoder;
import dev.firn.columnar.transcode.TableSource;
import dev.firn.columnar.transcode.TranscodeConfig;
import dev.firn.columnar.transcode.TranscodedTable;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.memory.OutOfOffHeapMemoryException;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.catalog.CatalogPages;
import dev.firn.postgres.catalog.CatalogReader;
import dev.firn.postgres.catalog.DatabaseRow;
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

/** Writes the tables of a timeline at one LSN into files. One table after another; for one thread that may block. */
public final class LakeExport {
    /** What nobody connects to, or everybody's model. */
    private static final Set<String> TEMPLATES = Set.of("template0", "template1");

    static final String VISIBLE = "part";
    static final String DEAD = "_firn/dead";
    static final String RESIDUE = "_firn/residue";
    static final String TOAST_VISIBLE = "_firn/toast-part";
    static final String TOAST_DEAD = "_firn/toast-dead";
    static final String TOAST_RESIDUE = "_firn/toast-residue";

    /** In the files' metadata: the LSN that they are of. */
    static final String LSN = "firn.lsn";

    private final CatalogPages pages;
    private final PostgresVersion version;
    private final long lsn;
    private final ExportTarget target;
    private final OffHeapMemory memory;
    private final TranscodeConfig config;
    private final Progress progress;

    /** Hears how much of a table is done. */
    @FunctionalInterface
    public interface Progress {
        void moved(long bytes, long ofBytes);
    }

    /**
     * @param pages of the timeline at the LSN.
     * @param memory borrowed: what files are made in.
     */
    public LakeExport(
            final CatalogPages pages,
            final PostgresVersion version,
            final long lsn,
            final ExportTarget target,
            final OffHeapMemory memory,
            final TranscodeConfig config,
            final Progress progress) {
        this.pages = pages;
        this.version = version;
        this.lsn = lsn;
        this.target = target;
        this.memory = memory;
        this.config = config;
        this.progress = progress;
    }

    /**
     * Exports tables.
     *
     * @param database its name, or null for all.
     * @param schema with {@code table}: the one that is wanted; null for all.
     */
    public List<ExportedTable> run(final String database, final String schema, final String table) {
        final List<ExportedTable> exported = new ArrayList<>();
        boolean any = false;
        for (final DatabaseRow found : databases(database)) {
            try (LakeDatabase opened = LakeDatabase.open(pages, version, found, false)) {
                final List<LakeTable> tables = table == null
                        ? opened.tables()
                        : opened.table(schema, table).stream().toList();
                any |= !tables.isEmpty();
                for (final LakeTable one : tables) {
                    exported.add(export(opened, found, one));
                }
            } catch (final MalformedDataException e) {
                throw new CommandException(
                        "the catalogs of the database " + found.name() + " cannot be read: " + e.getMessage(), e);
            }
        }
        if (!any && table != null) {
            throw new CommandException(
                    "there is no table " + schema + "." + table
                            + (database == null ? " in any database" : " in " + database) + " at " + Lsn.format(lsn)
                            + ": tables, partitions and materialised views can be exported, temporary and unlogged ones cannot");
        }
        return exported;
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

    private ExportedTable export(final LakeDatabase opened, final DatabaseRow database, final LakeTable table) {
        final String path = TablePath.of(database.name(), table);
        final String url = target.addressOf(path);
        if (!target.isFree(path)) {
            throw new CommandException(
                    url + " holds files already, which would be read together with these: export to another place");
        }
        try {
            return write(opened, database, table, path, url);
        } catch (final MalformedDataException | RefusedRelationException e) {
            return failed(database, table, url, e.getMessage());
        } catch (final OutOfOffHeapMemoryException e) {
            return failed(database, table, url, "it takes more memory than an export has: " + e.getMessage());
        }
    }

    private static ExportedTable failed(
            final DatabaseRow database, final LakeTable table, final String url, final String why) {
        return new ExportedTable(database.name(), table.name(), url, null, null, why);
    }

    /** The table, and its TOAST table; both or none. */
    private ExportedTable write(
            final LakeDatabase opened,
            final DatabaseRow database,
            final LakeTable table,
            final String path,
            final String url) {
        final Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("firn.database", database.name());
        metadata.put("firn.table", table.name());
        metadata.put(LSN, Lsn.format(lsn));
        final List<LakeFile> made = new ArrayList<>();
        final TranscodedTable rows = transcode(
                opened.source(table, metadata),
                name -> {
                    final LakeFile file = target.create(path + '/' + name);
                    made.add(file);
                    return file;
                },
                VISIBLE,
                DEAD,
                RESIDUE);
        boolean whole = false;
        try {
            final Optional<TableSource> toast = opened.toastSource(table, metadata);
            final TranscodedTable chunks = toast.isEmpty()
                    ? null
                    : transcode(
                            toast.get(),
                            name -> target.create(path + '/' + name),
                            TOAST_VISIBLE,
                            TOAST_DEAD,
                            TOAST_RESIDUE);
            whole = true;
            return new ExportedTable(database.name(), table.name(), url, rows, chunks, null);
        } finally {
            if (!whole) {
                made.forEach(LakeFile::abandon);
            }
        }
    }

    private TranscodedTable transcode(
            final TableSource source,
            final LakeFolder folder,
            final String visible,
            final String dead,
            final String residue) {
        try (RelationTranscoder transcoder =
                new RelationTranscoder(source, version.major(), config, memory, folder, visible, dead, residue)) {
            return transcoder.transcode((blocks, ofBlocks) ->
                    progress.moved(blocks * PageLayout.PAGE_BYTES, ofBlocks * PageLayout.PAGE_BYTES));
        }
    }
}
