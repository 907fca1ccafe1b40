package dev.firn.columnar.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.columnar.batch.ColumnField;
import dev.firn.columnar.batch.RowBatch;
import dev.firn.columnar.hidden.HiddenColumns;
import dev.firn.columnar.parquet.ParquetReader;
import dev.firn.columnar.source.DirectoryPages;
import dev.firn.columnar.transcode.LakeDatabase;
import dev.firn.columnar.transcode.LakeTable;
import dev.firn.columnar.transcode.RelationTranscoder;
import dev.firn.columnar.transcode.TableSource;
import dev.firn.columnar.transcode.TestFolder;
import dev.firn.columnar.transcode.TranscodeConfig;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.SampleTables;
import dev.firn.compute.instance.SampleValues;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.compute.instance.StopMode;
import dev.firn.compute.instance.TestPostgres;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.catalog.CatalogReader;
import dev.firn.postgres.catalog.RelationRow;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every heap page of a real database, its catalogs and TOAST tables too: transcoded into files, and rebuilt from these alone. */
final class RebuildOracleTest {
    private static final int PAGE = PageLayout.PAGE_BYTES;
    private static final long SEED = 20_261_122L;

    /** The column of SampleTables with the values alone. */
    private static final String SAMPLE = "v";

    private static final int ORDERS = 10_000;

    /** Of each page. */
    private static final int DAMAGES = 6;

    private static final String KINDS = "rtm";

    @TempDir
    private Path temporary;

    private final OffHeapMemory memory =
            OffHeapMemory.open(OffHeapConfig.of("rebuild", 512L << 20).withChecked(false));
    private final ResidueFuzz fuzz = new ResidueFuzz(SystemRandom.seeded(SEED));
    private final List<String> wrong = new ArrayList<>();
    private final Set<String> typesKept = new TreeSet<>();
    private long pagesRebuilt;
    private long refused;

    @AfterEach
    void everyAllocationIsFreed() {
        assertThat(memory.usage().heldBytes()).isZero();
        memory.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldRebuildEveryPage(final int major) throws Exception {
        try (PostgresServer server = new PostgresServer(
                ServerConfig.of(TestPostgres.binaries(major), TestPostgres.place(temporary, "server"))
                        .with("autovacuum", "off")
                        .with("fsync", "off")
                        .with("max_prepared_transactions", "5"),
                SystemClock.INSTANCE)) {
            server.init();
            server.start();
            SampleTables.prepare(server);
            final Map<String, List<String>> samples = new SampleValues(new SplittableRandom(SEED), 2).all(major);
            int number = 0;
            for (final Map.Entry<String, List<String>> type : samples.entrySet()) {
                SampleTables.fill(server, number++, type.getKey(), type.getValue());
            }
            for (final String sql : HeapScripts.all()) {
                server.execute(sql);
            }
            for (final String sql : TpchScripts.all(ORDERS)) {
                server.execute(sql);
            }
            server.stop(StopMode.FAST);
            rebuildAll(server.dataDirectory(), major);
        }
        assertThat(wrong).as("seed %d", SEED).isEmpty();
        // Docs/lake-files.md names them.
        assertThat(typesKept).containsExactly("pg_snapshot", "tsquery", "txid_snapshot");
        assertThat(pagesRebuilt).isGreaterThan(1_500);
        assertThat(refused).as("damages that were found").isGreaterThan(1_000);
    }

    private void rebuildAll(final Path directory, final int major) throws IOException {
        final PostgresVersion version = PostgresVersion.ofMajor(major);
        try (DirectoryPages pages = new DirectoryPages(directory, version);
                LakeDatabase database = LakeDatabase.open(
                        pages,
                        version,
                        new CatalogReader(version, pages).database("postgres").orElseThrow(),
                        false)) {
            for (final RelationRow relation : database.catalog().relations()) {
                if (relation.locator() != null && KINDS.indexOf(relation.kind()) >= 0) {
                    final TableSource source = database.source(
                            new LakeTable(database.catalog().schema(relation.schema()), relation), Map.of());
                    if (pages.blocks(relation.locator(), Fork.MAIN) > 0) {
                        rebuild(source, pages, major);
                    }
                }
            }
        }
    }

    private void rebuild(final TableSource source, final DirectoryPages pages, final int major) throws IOException {
        final Path folder = Files.createDirectories(temporary
                .resolve("lake")
                .resolve(Integer.toUnsignedString(source.locator().relfilenode())));
        try (RelationTranscoder transcoder = new RelationTranscoder(
                source,
                major,
                TranscodeConfig.defaults().withBlocks(16, 128),
                memory,
                new TestFolder(folder),
                "part",
                "dead",
                "residue")) {
            transcoder.transcode((_, _) -> {});
        }
        final RelationFiles files =
                new RelationFiles(files(folder, "part"), files(folder, "dead"), files(folder, "residue"));
        final long blocks = pages.blocks(source.locator(), Fork.MAIN);
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment page = arena.allocate(PAGE, Long.BYTES);
            try (RebuiltRelation rebuilt = new RebuiltRelation(source.form(), files, memory)) {
                final PageComparison comparison = PageComparison.compare(
                        rebuilt, blocks, (block, into) -> pages.page(source.locator(), Fork.MAIN, block, into), page);
                comparison.first().forEach(sentence -> wrong.add(source.name() + ": " + sentence));
                assertThat(comparison.pages()).as(source.name()).isEqualTo(blocks);
                pagesRebuilt += comparison.pages() - comparison.mismatches();
            }
            damage(source, files, pages, page);
        }
        if (source.name().matches("public\\.t[0-9]+") && KeptValues.any(source, files.residue(), SAMPLE, memory)) {
            typesKept.add(source.schema().column(1).type().name());
        }
        report(source, files, blocks);
    }

    private static List<Path> files(final Path folder, final String prefix) throws IOException {
        try (Stream<Path> found = Files.list(folder)) {
            return found.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .sorted()
                    .toList();
        }
    }

    /** With a byte of its rows or of its residue damaged a page is the same, or an error, and never another. */
    private void damage(
            final TableSource source, final RelationFiles files, final DirectoryPages pages, final MemorySegment page)
            throws IOException {
        try (RebuiltRelation rebuilt = new RebuiltRelation(source.form(), files, memory)) {
            while (rebuilt.next()) {
                pages.page(source.locator(), Fork.MAIN, rebuilt.block(), page);
                for (int i = 0; i < DAMAGES; i++) {
                    final RowBatch batch = rebuilt.batches().get(i % 3);
                    if (batch.rows() > 0 && fuzz.damage(batch)) {
                        if (!isSameOrRefused(rebuilt, page)) {
                            wrong.add(source.name() + ", block " + rebuilt.block() + ": another page");
                        }
                        fuzz.restore();
                    }
                }
            }
        }
    }

    private boolean isSameOrRefused(final RebuiltRelation rebuilt, final MemorySegment page) {
        try {
            return MemorySegment.mismatch(rebuilt.page(), 0, PAGE, page, 0, PAGE) < 0;
        } catch (final MalformedDataException _) {
            refused++;
            return true;
        }
    }

    /** What it costs that pages come back, beside the user's columns. */
    private static void report(final TableSource source, final RelationFiles files, final long blocks)
            throws IOException {
        if (!source.name().startsWith("public.") || source.name().matches("public\\.t[0-9]+")) {
            return;
        }
        long user = 0;
        long hidden = 0;
        long residue = 0;
        for (final Path file : files.visible()) {
            final long[] bytes = stored(file, source.form().rowSchema());
            for (int i = 0; i < bytes.length; i++) {
                if (i < bytes.length - HiddenColumns.count()) {
                    user += bytes[i];
                } else {
                    hidden += bytes[i];
                }
            }
        }
        for (final Path file : files.residue()) {
            for (final long bytes : stored(file, source.form().residueSchema())) {
                residue += bytes;
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%-20s %,10d heap bytes: user columns %,9d, hidden columns %,8d (%.1f %%), residue %,8d (%.1f %%)%n",
                source.name(),
                blocks * PAGE,
                user,
                hidden,
                100.0 * hidden / user,
                residue,
                100.0 * residue / user);
    }

    private static long[] stored(final Path file, final List<ColumnField> schema) throws IOException {
        try (ParquetReader reader = ParquetReader.open(file, schema)) {
            return reader.storedBytes();
        }
    }
}
