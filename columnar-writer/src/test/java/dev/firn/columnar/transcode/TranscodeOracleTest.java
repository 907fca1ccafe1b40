package dev.firn.columnar.transcode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.columnar.rebuild.TpchScripts;
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
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
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
    private static final int ORDERS = 3_000;
    private static final int PGBENCH_TRANSACTIONS = 300;

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

    /** Tables as benchmarks have them: row for row, and page for page. */
    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldHoldWhatBenchmarksMake(final int major) throws Exception {
        try (PostgresServer started = start(major)) {
            SampleTables.prepare(started);
            started.execute(
                    "CREATE TABLE pgbench_accounts (aid int PRIMARY KEY, bid int, abalance int, filler char(84))"
                            + " WITH (fillfactor = 90); CREATE TABLE pgbench_history (tid int, bid int, aid int, delta int,"
                            + " mtime timestamp, filler char(22))");
            started.execute("INSERT INTO pgbench_accounts SELECT i, 1, 0, '' FROM generate_series(1, 20000) i");
            for (int i = 0; i < PGBENCH_TRANSACTIONS; i++) {
                final int account = (int) (i * 7919L % 20_000) + 1;
                started.execute("UPDATE pgbench_accounts SET abalance = abalance + " + (i - 150) + " WHERE aid = "
                        + account
                        + "; INSERT INTO pgbench_history VALUES (" + i % 10 + ", 1, " + account + ", " + (i - 150)
                        + ", clock_timestamp())");
            }
            for (final String sql : TpchScripts.all(ORDERS)) {
                started.execute(sql);
            }
            for (final String table : List.of("pgbench_accounts", "pgbench_history", "orders", "lineitem")) {
                remember(table);
            }
            started.stop(StopMode.FAST);
            compareAll(major, TranscodeConfig.defaults().withBlocks(64, 128));
        }
    }

    /** Floats are stored bit by bit, as Postgres' own binary output has them; its text says NaN of each that is one. */
    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldKeepTheBitsOfFloats(final int major) throws Exception {
        final long[] doubles = {
            0x7FF8_0000_0000_0001L,
            0xFFF8_1234_5678_9ABCL,
            0x7FF0_0000_0000_0001L,
            Long.MIN_VALUE,
            0,
            1,
            0x7FF0_0000_0000_0000L,
            0xFFF0_0000_0000_0000L
        };
        final int[] floats = {0x7FC0_0001, 0xFFC1_2345, 0x7F80_0001, Integer.MIN_VALUE, 0, 1, 0x7F80_0000, 0xFF80_0000};
        final Map<String, List<String>> sent = new HashMap<>();
        try (PostgresServer started = start(major)) {
            started.execute("CREATE TABLE bits (f8 float8, f4 float4)");
            // Sent as they are: text has one NaN.
            try (Connection connection = DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + started.port()
                            + "/postgres?user=postgres&prepareThreshold=-1");
                    PreparedStatement insert = connection.prepareStatement("INSERT INTO bits VALUES (?, ?)")) {
                for (int i = 0; i < doubles.length; i++) {
                    insert.setDouble(1, Double.longBitsToDouble(doubles[i]));
                    insert.setFloat(2, Float.intBitsToFloat(floats[i]));
                    insert.executeUpdate();
                }
            }
            for (final List<String> row : started.query(
                    "SELECT ctid::text, encode(float8send(f8), 'hex'), encode(float4send(f4), 'hex') FROM bits")) {
                sent.put(row.getFirst(), row.subList(1, 3));
            }
            started.stop(StopMode.FAST);
            final PostgresVersion version = PostgresVersion.ofMajor(major);
            try (DirectoryPages pages = new DirectoryPages(server.dataDirectory(), version);
                    LakeDatabase database = LakeDatabase.open(
                            pages,
                            version,
                            new CatalogReader(version, pages)
                                    .database("postgres")
                                    .orElseThrow(),
                            false)) {
                final TranscodedRelation made = TranscodedRelation.of(
                        database,
                        database.table("public", "bits").orElseThrow(),
                        major,
                        TranscodeConfig.defaults(),
                        memory,
                        folder.resolve("bits"));
                final Map<String, List<String>> found = new HashMap<>();
                made.byAddress(made.rows("", "part"))
                        .forEach((ctid, row) -> found.put(
                                ctid,
                                List.of(
                                        HexFormat.of().toHexDigits((Long) row.get(0)),
                                        HexFormat.of().toHexDigits((Integer) row.get(1)))));
                assertThat(found).isEqualTo(sent);
            }
        }
        assertThat(sent.values().stream().map(List::getFirst)).contains("7ff8000000000001", "fff8123456789abc");
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
            assertThat(database.tables().stream().map(LakeTable::name))
                    .containsAll(expected.keySet().stream()
                            .map(name -> "public." + name)
                            .toList());
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
                comparison.comparePages(name, made, pages);
            }
        }
        assertThat(comparison.wrong()).as("seed %d", SEED).isEmpty();
    }
}
