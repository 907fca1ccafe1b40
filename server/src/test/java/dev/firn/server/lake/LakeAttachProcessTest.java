package dev.firn.server.lake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.compute.instance.TestPostgres;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.server.FirnProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code up}, {@code attach}, {@code lake export}, {@code lake verify}: of a Postgres that runs elsewhere, with tables from before and after it was attached. */
@Tag("long")
@Timeout(420)
final class LakeAttachProcessTest {
    private static final String LINES =
            "l_orderkey, l_linenumber, l_quantity, l_extendedprice, l_shipdate, l_flag, l_comment";

    @TempDir
    private Path folder;

    private String dir;

    @BeforeEach
    void openFolder() throws IOException {
        // JUnit closes it to others, and Postgres runs as another user.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        dir = folder.resolve("data").toString();
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldExportWhatAnAttachedPostgresHolds(final int major) throws Exception {
        try (PostgresServer primary = new PostgresServer(
                        ServerConfig.of(TestPostgres.binaries(major), folder.resolve("primary"))
                                .with("autovacuum", "off"),
                        SystemClock.INSTANCE);
                FirnProcess firn = FirnProcess.start("up", "--no-postgres", "--in-process", "--dir", dir)) {
            primary.init();
            primary.start();
            primary.execute("CREATE TABLE lineitem (l_orderkey int8, l_linenumber int, l_quantity numeric(15, 2),"
                    + " l_extendedprice numeric(15, 2), l_shipdate date, l_flag char(1), l_comment varchar(44))");
            primary.execute(insert(1, 4_000));
            firn.awaitUp();
            run("attach", "user=postgres host=127.0.0.1 port=" + primary.port(), "--dir", dir);
            primary.execute(insert(4_001, 9_000));
            primary.execute("UPDATE lineitem SET l_flag = 'X', l_quantity = -l_quantity WHERE l_orderkey % 5 = 0");
            primary.execute("DELETE FROM lineitem WHERE l_orderkey % 7 = 0");
            primary.execute("CREATE TABLE documents (l_orderkey int, t text)");
            primary.execute("INSERT INTO documents SELECT i, (SELECT string_agg(md5((i * j)::text), ' ') FROM"
                    + " generate_series(1, 200) j) FROM generate_series(1, 150) i");
            primary.execute("VACUUM");
            final List<List<String>> lines = primary.query("SELECT " + LINES + " FROM lineitem ORDER BY 1, 2");
            final List<List<String>> documents = primary.query("SELECT l_orderkey, t FROM documents ORDER BY 1");
            final String lsn = primary.query("SELECT pg_current_wal_flush_lsn()::text")
                    .getFirst()
                    .getFirst();
            primary.execute("TRUNCATE documents; DELETE FROM lineitem");

            final String lake = folder.resolve("lake").toString();
            run("lake", "export", "--branch", "main", "--at", lsn, "--workers", "4", "--to", lake, "--dir", dir);
            try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
                    Statement sql = duck.createStatement()) {
                assertThat(rows(sql, LINES, lake + "/postgres/public.lineitem", 7))
                        .isEqualTo(lines);
                assertThat(rows(sql, "l_orderkey, t", lake + "/postgres/public.documents", 2))
                        .isEqualTo(documents);
            }
            final FirnProcess.Result verified =
                    FirnProcess.run("lake", "verify", "--branch", "main", "--from", lake, "--dir", dir, "--json");
            assertThat(verified.exitCode()).as(verified.err()).isZero();
            assertThat(verified.json().path("tables").asInt()).isEqualTo(2);
            assertThat(verified.json().path("pages").asInt()).isGreaterThan(100);
            assertThat(verified.json().path("mismatches").asInt()).isZero();
            firn.signal("TERM");
            assertThat(firn.awaitEnd().exitCode()).isZero();
        }
    }

    private static String insert(final int from, final int to) {
        return "INSERT INTO lineitem SELECT i, n, (i * 7 + n) % 50, (i * 90001 + n) % 10000000 / 100.0,"
                + " date '1992-01-01' + (i * 13 + n) % 2405, substr('RAN', (i + n) % 3 + 1, 1),"
                + " substr(md5(i::text) || ' haggle', 1, (i + n) % 39) FROM generate_series(" + from + ", " + to
                + ") i, generate_series(1, 3) n";
    }

    private static List<List<String>> rows(
            final Statement sql, final String columns, final String table, final int count) throws Exception {
        final List<List<String>> rows = new ArrayList<>();
        try (ResultSet found =
                sql.executeQuery("SELECT " + columns + " FROM '" + table + "/*.parquet' ORDER BY 1, 2")) {
            while (found.next()) {
                final List<String> row = new ArrayList<>();
                for (int i = 1; i <= count; i++) {
                    row.add(found.getString(i));
                }
                rows.add(row);
            }
        }
        return rows;
    }

    private static void run(final String... arguments) throws Exception {
        final FirnProcess.Result result = FirnProcess.run(arguments);
        assertThat(result.exitCode()).as(result.err()).isZero();
    }
}
