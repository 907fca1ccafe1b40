package dev.firn.server.lake;

import dev.firn.columnar.parquet.ParquetReader;
import dev.firn.columnar.rebuild.PageComparison;
import dev.firn.columnar.rebuild.RebuiltRelation;
import dev.firn.columnar.rebuild.RelationFiles;
import dev.firn.columnar.transcode.LakeDatabase;
import dev.firn.columnar.transcode.LakeTable;
import dev.firn.columnar.transcode.RefusedRelationException;
import dev.firn.columnar.transcode.TableSource;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.catalog.CatalogPages;
import dev.firn.postgres.catalog.CatalogReader;
import dev.firn.postgres.catalog.DatabaseRow;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.server.CommandException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Rebuilds the heap pages of exported tables from their files, and compares them with those that the page server has at the files' LSN. For one thread
 * that may block.
 */
public final class LakeVerify {
    private final CatalogPages pages;
    private final PostgresVersion version;
    private final long lsn;
    private final ExportedFiles source;
    private final List<String> paths;
    private final OffHeapMemory memory;

    /**
     * @param pages of the timeline at the LSN.
     * @param lsn that the files are of: {@link #lsn(ExportedFiles)}.
     * @param source borrowed.
     * @param memory borrowed: what pages are made in.
     */
    public LakeVerify(
            final CatalogPages pages,
            final PostgresVersion version,
            final long lsn,
            final ExportedFiles source,
            final OffHeapMemory memory) {
        this.pages = pages;
        this.version = version;
        this.lsn = lsn;
        this.source = source;
        this.paths = source.paths();
        this.memory = memory;
    }

    /** The LSN that an export is of: its first file says. Each other one is asked before it is read. */
    public static long lsn(final ExportedFiles source) {
        final String first = source.paths().stream()
                .findFirst()
                .orElseThrow(() -> new CommandException("there is no Parquet file in " + source.addressOf("")));
        try {
            return lsn(source, first);
        } catch (final MalformedDataException e) {
            throw new CommandException(e.getMessage(), e);
        } finally {
            source.release();
        }
    }

    private static long lsn(final ExportedFiles source, final String path) {
        final String lsn;
        try {
            lsn = ParquetReader.metadata(source.open(path)).get(LakeExport.LSN);
        } catch (final IOException e) {
            throw new CommandException("cannot read " + source.addressOf(path) + ": " + e.getMessage(), e);
        }
        if (lsn == null) {
            throw new MalformedDataException(
                    source.addressOf(path) + " does not say of which LSN it is: ./firn lake export has not written it");
        }
        return Lsn.parse(lsn);
    }

    /**
     * Verifies the tables that are in the folder.
     *
     * @param schema with {@code table}: the one that is wanted; null for all.
     */
    public List<VerifiedTable> run(final String schema, final String table) {
        final List<VerifiedTable> verified = new ArrayList<>();
        for (final DatabaseRow database : new CatalogReader(version, pages).databases()) {
            if (isEmpty(TablePath.of(database.name()))) {
                continue;
            }
            try (LakeDatabase opened = LakeDatabase.open(pages, version, database, false)) {
                final List<LakeTable> tables = table == null
                        ? opened.tables()
                        : opened.table(schema, table).stream().toList();
                for (final LakeTable one : tables) {
                    final String folder = TablePath.of(database.name(), one);
                    if (!isEmpty(folder)) {
                        verified.add(verify(opened, database, one, folder));
                    }
                }
            } catch (final MalformedDataException e) {
                throw new CommandException(
                        "the catalogs of the database " + database.name() + " cannot be read: " + e.getMessage(), e);
            }
        }
        if (verified.isEmpty()) {
            throw new CommandException("there is no " + (table == null ? "table" : "table " + schema + "." + table)
                    + " in " + source.addressOf(""));
        }
        return verified;
    }

    private boolean isEmpty(final String folder) {
        return paths.stream().noneMatch(path -> path.startsWith(folder + '/'));
    }

    private VerifiedTable verify(
            final LakeDatabase opened, final DatabaseRow database, final LakeTable table, final String folder) {
        try {
            final PageComparison rows = compare(
                    opened.source(table, Map.of()), folder, LakeExport.VISIBLE, LakeExport.DEAD, LakeExport.RESIDUE);
            final Optional<TableSource> toast = opened.toastSource(table, Map.of());
            return new VerifiedTable(
                    database.name(),
                    table.name(),
                    toast.isEmpty()
                            ? rows
                            : rows.and(
                                    "its TOAST table's ",
                                    compare(
                                            toast.get(),
                                            folder,
                                            LakeExport.TOAST_VISIBLE,
                                            LakeExport.TOAST_DEAD,
                                            LakeExport.TOAST_RESIDUE)),
                    null);
        } catch (final MalformedDataException | RefusedRelationException | IOException e) {
            return new VerifiedTable(database.name(), table.name(), null, e.getMessage());
        } finally {
            source.release();
        }
    }

    private PageComparison compare(
            final TableSource table, final String folder, final String visible, final String dead, final String residue)
            throws IOException {
        final RelationFiles files =
                new RelationFiles(files(folder, visible), files(folder, dead), files(folder, residue));
        try (Arena arena = Arena.ofConfined();
                RebuiltRelation rebuilt = new RebuiltRelation(table.form(), files, memory)) {
            final MemorySegment page = arena.allocate(PageLayout.PAGE_BYTES, Long.BYTES);
            return PageComparison.compare(
                    rebuilt,
                    pages.blocks(table.locator(), Fork.MAIN),
                    (block, into) -> pages.pages(table.locator(), Fork.MAIN, block, 1, into),
                    page);
        }
    }

    /** @param kind below the table's folder, what the files' names begin with. */
    private List<Path> files(final String folder, final String kind) {
        final List<Path> files = new ArrayList<>();
        for (final String path : paths) {
            // Nothing but a number stands after the dash.
            if (path.startsWith(folder + '/' + kind + '-') && path.indexOf('/', folder.length() + kind.length()) < 0) {
                requireLsn(path);
                files.add(source.open(path));
            }
        }
        return files;
    }

    private void requireLsn(final String path) {
        final long found = lsn(source, path);
        if (found != lsn) {
            throw new MalformedDataException(source.addressOf(path) + " is of " + Lsn.format(found) + ", and others in "
                    + source.addressOf("") + " of " + Lsn.format(lsn));
        }
    }
}
