package dev.firn.columnar.transcode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.columnar.source.DirectoryPages;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.SampleTables;
import dev.firn.compute.instance.SampleValues;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.compute.instance.StopMode;
import dev.firn.compute.instance.TestPostgres;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.catalog.CatalogReader;
import dev.firn.postgres.version.PostgresVersion;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Relations of a real Postgres that was stopped, transcoded from its files and read back by Parquet's own reader and by DuckDB: row for row what
 * Postgres printed.
 */
final class TranscodeOracleTest {
    private static final long SEED = 20_261_122L;

    @TempDir
    private Path folder;

    private final OffHeapMemory memory =
            OffHeapMemory.open(OffHeapConfig.of("transcode", 512L << 20).withChecked(false));

    /** Of a table its rows by ctid, each column as Postgres prints it, null for null. */
    private final Map<String, Map<String, List<String>>> expected = new TreeMap<>();

    private PostgresServer server;

    @AfterEach
    void everyAllocationIsFreed() {
        assertThat(memory.usage().heldBytes()).isZero();
        memory.close();
    }

    private PostgresServer start(final int major) {
        server = new PostgresServer(
                ServerConfig.of(TestPostgres.binaries(major), TestPostgres.place(folder, "server"))
                        .with("autovacuum", "off")
                        .with("max_prepared_transactions", "5")
                        .with("fsync", "off"),
                SystemClock.INSTANCE);
        server.init();
        server.start();
        return server;
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldHoldEveryTypeAsPostgresPrintsIt(final int major) throws Exception {
        try (PostgresServer started = start(major)) {
            SampleTables.prepare(started);
            final Map<String, List<String>> samples = new SampleValues(new SplittableRandom(SEED), 2).all(major);
            int number = 0;
            for (final Map.Entry<String, List<String>> type : samples.entrySet()) {
                SampleTables.fill(started, number, type.getKey(), type.getValue());
                remember("t" + number++);
            }
            started.stop(StopMode.FAST);
            compareAll(major, TranscodeConfig.defaults());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldHoldWhatASnapshotSees(final int major) throws Exception {
        try (PostgresServer started = start(major)) {
            SampleTables.prepare(started);
            new ChurnedTables(started).make();
            for (final String table : ChurnedTables.NAMES) {
                remember(table);
            }
            started.stop(StopMode.FAST);
            compareAll(major, TranscodeConfig.defaults().withBlocks(4, 8).withSliceBytes(100_000));
        }
    }

    /** Takes down what Postgres says of a table. */
    private void remember(final String table) throws SQLException {
        final List<String> columns = new ArrayList<>();
        for (final List<String> row : server.query("SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = '"
                + table + "'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum")) {
            columns.add(", CASE WHEN num_nulls(" + row.getFirst() + ") = 0 THEN txt(" + row.getFirst() + ") END");
        }
        final Map<String, List<String>> rows = new HashMap<>();
        for (final List<String> row :
                server.query("SELECT ctid::text" + String.join("", columns) + " FROM ONLY " + table)) {
            rows.put(row.getFirst(), new ArrayList<>(row.subList(1, row.size())));
        }
        expected.put(table, rows);
    }

    private void compareAll(final int major, final TranscodeConfig config) throws Exception {
        final PostgresVersion version = PostgresVersion.ofMajor(major);
        final LakeComparison comparison = new LakeComparison(memory);
        try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
                DirectoryPages pages = new DirectoryPages(server.dataDirectory(), version);
                LakeDatabase database = LakeDatabase.open(
                        pages,
                        version,
                        new CatalogReader(version, pages).database("postgres").orElseThrow(),
                        false)) {
            assertThat(database.tables().stream().map(LakeTable::name)).contains("public.t0", "public.t1");
            for (final String name : expected.keySet()) {
                final LakeTable table = database.table("public", name).orElseThrow();
                final TranscodedRelation made = TranscodedRelation.of(
                        database,
                        table,
                        major,
                        config,
                        memory,
                        folder.resolve("lake").resolve(table.name()));
                comparison.compareRows(name, made, expected.get(name));
                comparison.compareDuckDb(duck, name, made, expected.get(name));
            }
        }
        assertThat(comparison.wrong()).as("seed %d", SEED).isEmpty();
    }
}
