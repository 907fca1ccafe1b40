package dev.firn.columnar.transcode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.columnar.source.DirectoryPages;
import dev.firn.columnar.transcode.PrintedTables.TableName;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.SampleTables;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.compute.instance.StopMode;
import dev.firn.compute.instance.TestPostgres;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.catalog.CatalogReader;
import dev.firn.postgres.version.PostgresVersion;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random schemas under random statements, vacuum, crashes and aborts: what Postgres printed is what the files say, row for row, and the files' pages are
 * Postgres' pages, bit for bit. A seed makes a database; {@code -Dfirn.random-schema.seeds=N} runs that one alone and prints its statements, {@code A..B}
 * runs these.
 */
final class RandomSchemaTest {
    private static final String SEEDS = System.getProperty("firn.random-schema.seeds", "");
    private static final int ORDINARY = 20;
    private static final int LONG = 200;

    /** Databases of one server: a crash of it is one for all of them. */
    private static final int GROUP = 20;

    /** Less would be a test of error messages. */
    private static final int LEAST_SUCCESSES = 60;

    @TempDir
    private Path folder;

    private final OffHeapMemory memory =
            OffHeapMemory.open(OffHeapConfig.of("random-schema", 512L << 20).withChecked(false));
    private final LakeComparison comparison = new LakeComparison(memory);

    private record Filled(RandomWorkload workload, PrintedTables printed) {}

    @AfterEach
    void everyAllocationIsFreed() {
        assertThat(memory.usage().heldBytes()).isZero();
        memory.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldHoldWhatPostgresPrintsOfAnySchema(final int major) throws Exception {
        // Each version has half of them: all are for the long run.
        run(
                major,
                seeds(1, ORDINARY).stream()
                        .filter(seed -> !SEEDS.isEmpty() || (seed + major / 2) % 2 == 0)
                        .toList());
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    @Tag("long")
    void shouldHoldWhatPostgresPrintsOfManySchemas(final int major) throws Exception {
        final List<Long> seeds = seeds(1, LONG);
        for (int from = 0; from < seeds.size(); from += GROUP) {
            run(major, seeds.subList(from, Math.min(seeds.size(), from + GROUP)));
        }
    }

    private static List<Long> seeds(final long from, final long to) {
        final String[] asked = SEEDS.split("\\.\\.", 2);
        final LongStream seeds = SEEDS.isEmpty()
                ? LongStream.rangeClosed(from, to)
                : LongStream.rangeClosed(Long.parseLong(asked[0]), Long.parseLong(asked[asked.length - 1]));
        return seeds.boxed().toList();
    }

    private void run(final int major, final List<Long> seeds) throws Exception {
        final List<Filled> filled = new ArrayList<>();
        try (PostgresServer server = new PostgresServer(
                ServerConfig.of(TestPostgres.binaries(major), TestPostgres.place(folder, "server-" + seeds.getFirst()))
                        .with("autovacuum", "off")
                        .with("max_prepared_transactions", "100")
                        .with("fsync", "off")
                        // Pages leave the buffers at any time, not with a checkpoint only.
                        .with("shared_buffers", "2MB"),
                SystemClock.INSTANCE)) {
            server.init();
            server.start();
            SampleTables.prepare(server);
            for (final long seed : seeds) {
                filled.add(fill(server, seed, major));
            }
            if (seeds.getFirst() % 2 == 0) {
                RandomWorkload.crash(server);
            }
            server.stop(StopMode.FAST);
            final PostgresVersion version = PostgresVersion.ofMajor(major);
            try (DirectoryPages pages = new DirectoryPages(server.dataDirectory(), version);
                    Connection duck = DriverManager.getConnection("jdbc:duckdb:")) {
                for (final Filled one : filled) {
                    compare(one, pages, duck, version);
                }
            }
        }
        assertThat(comparison.wrong())
                .as("Postgres %d, the seed is in the database's name", major)
                .isEmpty();
        assertThat(comparison.rowsCompared()).isGreaterThan(seeds.size() * 20L);
        assertThat(comparison.pagesCompared()).isGreaterThan(seeds.size() * 5L);
    }

    private static Filled fill(final PostgresServer server, final long seed, final int major) throws Exception {
        final String database = "seed_" + seed;
        try (Connection connection = server.connect("template1");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + database + " TEMPLATE postgres");
        }
        try (RandomWorkload workload = new RandomWorkload(seed, server, database, major)) {
            workload.run();
            if (!SEEDS.isEmpty() && !SEEDS.contains("..")) {
                workload.log().forEach(System.out::println);
            }
            assertThat(workload.successes())
                    .as("statements of seed %d that succeed, in a hundred", seed)
                    .isGreaterThan(LEAST_SUCCESSES);
            try (Connection connection = server.connect(database)) {
                return new Filled(workload, PrintedTables.of(connection));
            }
        }
    }

    private void compare(
            final Filled filled, final DirectoryPages pages, final Connection duck, final PostgresVersion version)
            throws Exception {
        final String name = filled.workload.database();
        try (LakeDatabase database = LakeDatabase.open(
                pages, version, new CatalogReader(version, pages).database(name).orElseThrow(), true)) {
            assertThat(database.tables())
                    .as(name)
                    .hasSameSizeAs(filled.printed.tables().keySet());
            int number = 0;
            for (final Map.Entry<TableName, Map<String, List<String>>> one :
                    filled.printed.tables().entrySet()) {
                final LakeTable table = database.table(
                                one.getKey().schema(), one.getKey().table())
                        .orElseThrow();
                compare(
                        database,
                        table,
                        one.getValue(),
                        folder.resolve(name).resolve("t" + number++),
                        pages,
                        duck,
                        version);
            }
        } catch (final MalformedDataException e) {
            comparison.wrong().add(name + ": " + e.getMessage());
        }
    }

    private void compare(
            final LakeDatabase database,
            final LakeTable table,
            final Map<String, List<String>> rows,
            final Path to,
            final DirectoryPages pages,
            final Connection duck,
            final PostgresVersion version)
            throws Exception {
        // Small runs, files and slices: tables are small, and so all of these have ends.
        final TranscodeConfig config =
                TranscodeConfig.defaults().withBlocks(4, 16).withSliceBytes(200_000);
        final String name = to.getParent().getFileName() + ": " + table.name();
        final TranscodedRelation made = TranscodedRelation.of(database, table, version.major(), config, memory, to);
        comparison.compareRows(name, made, rows);
        comparison.compareDuckDb(duck, name, made, rows);
        comparison.comparePages(name, made, pages);
        final Optional<TableSource> toast = database.toastSource(table, Map.of());
        if (toast.isPresent()) {
            comparison.comparePages(
                    name + "'s TOAST table",
                    TranscodedRelation.of(toast.get(), version.major(), config, memory, to.resolve("toast")),
                    pages);
        }
    }
}
