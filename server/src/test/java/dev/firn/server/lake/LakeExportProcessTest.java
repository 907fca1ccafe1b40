package dev.firn.server.lake;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.s3tier.s3server.S3Server;
import dev.firn.server.FirnProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole system with a Postgres of its own, whose tables are exported through the page server and read by DuckDB. */
@Timeout(420)
final class LakeExportProcessTest {
    private static final String BUCKET = "exported-lake";
    private static final List<String> TABLES = List.of("accounts", "longs", "kept");

    @TempDir
    private Path folder;

    private String dir;

    @BeforeEach
    void openFolder() throws IOException {
        // JUnit closes it to others, and Postgres runs as another user.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        dir = folder.resolve("data").toString();
    }

    @Test
    void shouldHoldWhatPostgresSawAtTheLsn() throws Exception {
        try (FirnProcess up = FirnProcess.start("up", "--in-process", "--dir", dir)) {
            final URI root = up.awaitUp();
            final String url = FirnProcess.json(FirnProcess.get(root.resolve("status")))
                    .path("computes")
                    .path(0)
                    .path("url")
                    .asText()
                    .replace("postgresql://postgres@", "jdbc:postgresql://");
            final List<List<String>> expected = new ArrayList<>();
            final String lsn;
            try (Connection connection = DriverManager.getConnection(url + "?user=postgres");
                    Connection open = DriverManager.getConnection(url + "?user=postgres");
                    Statement sql = connection.createStatement();
                    Statement other = open.createStatement()) {
                sql.execute("SET timezone = 'UTC'");
                write(sql);
                open.setAutoCommit(false);
                other.execute("UPDATE accounts SET balance = -1 WHERE id < 500; INSERT INTO kept VALUES (-1, 'never')");
                for (final String table : TABLES) {
                    expected.add(rows(sql, table));
                }
                lsn = rows(sql, "(SELECT pg_current_wal_insert_lsn()::text AS id) x")
                        .getFirst();
                open.rollback();
                sql.execute("UPDATE accounts SET balance = 0; TRUNCATE kept; DROP TABLE longs");
            }
            assertExport(lsn, expected);
            assertVerified(lsn);
            assertBucket(lsn);
            assertRefusals(lsn);
            final FirnProcess.Result down = FirnProcess.run("down", "--dir", dir);
            assertThat(down.exitCode()).as(down.err()).isZero();
        }
    }

    private static void write(final Statement sql) throws SQLException {
        sql.execute(
                "CREATE TABLE accounts (id int PRIMARY KEY, branch int, balance numeric(12, 2), filler char(40), at timestamptz)");
        sql.execute("INSERT INTO accounts SELECT i, i % 10, i / 8.0, 'f' || i, to_timestamp(i * 1000)"
                + " FROM generate_series(1, 20000) i");
        sql.execute("CREATE TABLE longs (id int, t text)");
        sql.execute("INSERT INTO longs SELECT i, repeat(md5(i::text), i * 20) FROM generate_series(1, 300) i");
        sql.execute("UPDATE accounts SET balance = balance + 1 WHERE id % 7 = 0");
        sql.execute("DELETE FROM accounts WHERE id % 11 = 0");
        sql.execute("VACUUM accounts");
        sql.execute("CREATE TABLE kept (id int, t text); INSERT INTO kept VALUES (1, 'one'), (2, NULL);"
                + " ALTER TABLE kept ADD COLUMN more text DEFAULT 'more'");
        sql.execute("CREATE TABLE refused (id int, _firn_block int)");
        sql.execute("CREATE UNLOGGED TABLE unlogged (id int)");
        sql.execute("CREATE DATABASE other");
    }

    private static List<String> rows(final Statement sql, final String table) throws SQLException {
        final List<String> rows = new ArrayList<>();
        try (ResultSet found = sql.executeQuery("SELECT * FROM " + table + " ORDER BY id")) {
            while (found.next()) {
                final StringBuilder row = new StringBuilder();
                for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
                    row.append(i == 1 ? "" : "|").append(found.getString(i));
                }
                rows.add(row.toString());
            }
        }
        return rows;
    }

    private void assertExport(final String lsn, final List<List<String>> expected) throws Exception {
        final Path lake = folder.resolve("lake");
        final FirnProcess.Result result = FirnProcess.run(
                "lake", "export", "--dir", dir, "--at", lsn, "--to", lake.toString(), "--json", "--workers", "3");
        // One table has a column of a name that is the lake's.
        assertThat(result.exitCode()).as(result.err()).isEqualTo(1);
        final JsonNode document = result.json();
        assertThat(document.path("lsn").asText()).isEqualTo(lsn);
        assertThat(document.path("failed").asInt()).isEqualTo(1);
        assertThat(document.path("tables")).hasSize(4);
        assertThat(document.path("tables").findValues("toastBlocks").stream()
                        .mapToLong(JsonNode::asLong)
                        .sum())
                .as("the long values' chunks are exported, too")
                .isPositive();
        assertThat(document.path("tables").findValuesAsText("error"))
                .singleElement()
                .asString()
                .contains("_firn_block begins with _firn_");
        try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
                Statement sql = duck.createStatement()) {
            sql.execute("SET TimeZone = 'UTC'");
            final List<String> columns = List.of(
                    "id, branch, balance, filler, strftime(\"at\", '%Y-%m-%d %H:%M:%S+00')", "id, t", "id, t, more");
            for (int i = 0; i < TABLES.size(); i++) {
                assertThat(rows(
                                sql,
                                "(SELECT " + columns.get(i) + " FROM '" + lake + "/postgres/public." + TABLES.get(i)
                                        + "/*.parquet')"))
                        .as(TABLES.get(i))
                        .isEqualTo(expected.get(i));
            }
        }
    }

    /** Every page comes back from the files; with a byte of a file damaged, not every one does. */
    private void assertVerified(final String lsn) throws Exception {
        final Path lake = folder.resolve("lake");
        final FirnProcess.Result result =
                FirnProcess.run("lake", "verify", "--dir", dir, "--from", lake.toString(), "--json");
        assertThat(result.exitCode()).as(result.err() + result.out()).isZero();
        assertThat(result.json().path("lsn").asText()).isEqualTo(lsn);
        assertThat(result.json().path("tables").asInt()).isEqualTo(TABLES.size());
        assertThat(result.json().path("pages").asInt()).isGreaterThan(200);
        assertThat(result.json().path("mismatches").asInt()).isZero();
        final Path file = lake.resolve("postgres/public.kept/_firn/residue-0000000000.parquet");
        final byte[] whole = Files.readAllBytes(file);
        final byte[] damaged = whole.clone();
        damaged[60] ^= 1;
        Files.write(file, damaged);
        final FirnProcess.Result wrong =
                FirnProcess.run("lake", "verify", "public.kept", "--dir", dir, "--from", lake.toString());
        assertThat(wrong.exitCode()).isEqualTo(1);
        assertThat(wrong.err()).contains("postgres: public.kept: ").contains("residue-0000000000.parquet");
        Files.write(file, whole);
    }

    /** The same on an S3 server: written to a bucket, and read again from there. */
    private void assertBucket(final String lsn) throws Exception {
        final S3Server server = S3Server.shared();
        server.createBucket(BUCKET);
        final String url = "s3://" + BUCKET + "/a/lake?anonymous=true&endpoint=" + server.endpoint();
        final FirnProcess.Result export =
                FirnProcess.run("lake", "export", "--dir", dir, "--at", lsn, "--to", url, "--json");
        assertThat(export.exitCode()).as(export.err()).isEqualTo(1);
        assertThat(export.json().path("failed").asInt()).isEqualTo(1);
        final FirnProcess.Result result = FirnProcess.run("lake", "verify", "--dir", dir, "--from", url, "--json");
        assertThat(result.exitCode()).as(result.err() + result.out()).isZero();
        assertThat(result.json().path("lsn").asText()).isEqualTo(lsn);
        assertThat(result.json().path("tables").asInt()).isEqualTo(TABLES.size());
        assertThat(result.json().path("pages").asInt()).isGreaterThan(200);
        assertThat(result.json().path("mismatches").asInt()).isZero();
        final FirnProcess.Result again =
                FirnProcess.run("lake", "export", "--dir", dir, "--at", lsn, "--table", "public.kept", "--to", url);
        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(again.err()).contains("holds files already");
        final FirnProcess.Result none =
                FirnProcess.run("lake", "verify", "--dir", dir, "--from", url.replace("/a/lake", "/none"));
        assertThat(none.exitCode()).isEqualTo(1);
        assertThat(none.err()).hasLineCount(1).contains("there is no Parquet file in s3://" + BUCKET + "/none");
    }

    private void assertRefusals(final String lsn) throws Exception {
        final String lake = folder.resolve("lake").toString();
        final FirnProcess.Result again =
                FirnProcess.run("lake", "export", "--dir", dir, "--at", lsn, "--table", "public.kept", "--to", lake);
        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(again.err()).hasLineCount(1).contains("holds files already");
        final FirnProcess.Result small = FirnProcess.run(
                "lake",
                "export",
                "--dir",
                dir,
                "--memory-mib",
                "8",
                "--to",
                folder.resolve("x").toString());
        assertThat(small.exitCode()).isEqualTo(2);
        assertThat(small.err()).contains("--memory-mib 8 is not within 64 and");
        // As many as there may be: more than have a table, and each with a seat of its own.
        final Path other = folder.resolve("other");
        final FirnProcess.Result many = FirnProcess.run(
                "lake",
                "export",
                "--dir",
                dir,
                "--at",
                lsn,
                "--workers",
                "16",
                "--memory-mib",
                "512",
                "--to",
                other.toString());
        assertThat(many.exitCode()).as(many.err()).isEqualTo(1);
        assertThat(many.err()).contains("public.refused was not written").doesNotContain("public.longs");
        for (final String table : TABLES) {
            assertThat(other.resolve("postgres/public." + table + "/part-0000000000.parquet"))
                    .hasSameBinaryContentAs(Path.of(lake, "postgres/public." + table + "/part-0000000000.parquet"));
        }
        final FirnProcess.Result none = FirnProcess.run(
                "lake",
                "export",
                "--dir",
                dir,
                "--table",
                "public.unlogged",
                "--to",
                folder.resolve("x").toString());
        assertThat(none.exitCode()).isEqualTo(1);
        assertThat(none.err()).hasLineCount(1).contains("there is no table public.unlogged in any database");
        final FirnProcess.Result now = FirnProcess.run(
                "lake",
                "export",
                "--dir",
                dir,
                "--table",
                "public.accounts",
                "--database",
                "postgres",
                "--to",
                folder.resolve("now").toString());
        assertThat(now.exitCode()).as(now.err()).isZero();
        assertThat(now.out()).contains("1 table, 18,182 rows");
    }
}
