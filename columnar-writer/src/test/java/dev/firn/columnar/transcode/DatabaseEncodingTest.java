package dev.firn.columnar.transcode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.columnar.source.DirectoryPages;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.compute.instance.StopMode;
import dev.firn.compute.instance.TestPostgres;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.catalog.CatalogReader;
import dev.firn.postgres.version.PostgresVersion;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Databases in other encodings than UTF-8: names mean what they mean there, and text that is not ASCII is in overflow by its bytes. */
final class DatabaseEncodingTest {
    @TempDir
    private Path folder;

    private final OffHeapMemory memory =
            OffHeapMemory.open(OffHeapConfig.of("encodings", 256L << 20).withChecked(false));

    @AfterEach
    void everyAllocationIsFreed() {
        assertThat(memory.usage().heldBytes()).isZero();
        memory.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldReadNamesInTheDatabasesEncoding(final int major) throws Exception {
        try (PostgresServer server = new PostgresServer(
                ServerConfig.of(TestPostgres.binaries(major), TestPostgres.place(folder, "server"))
                        .with("fsync", "off"),
                SystemClock.INSTANCE)) {
            server.init();
            server.start();
            fill(server, "LATIN1", "größe", "übertrag");
            fill(server, "WIN1251", "таблица", "столбец");
            fill(server, "EUC_JP", "日本", "語");
            raw(server);
            server.stop(StopMode.FAST);
            final PostgresVersion version = PostgresVersion.ofMajor(major);
            try (DirectoryPages pages = new DirectoryPages(server.dataDirectory(), version)) {
                assertRead(pages, version, "LATIN1", "größe", "übertrag", bytes("ISO-8859-1", "größe"));
                assertRead(pages, version, "WIN1251", "таблица", "столбец", bytes("windows-1251", "таблица"));
                assertRead(pages, version, "EUC_JP", "日本", "語", bytes("EUC-JP", "日本"));
                // Nobody knows what a byte means there: two names stay two.
                assertRead(pages, version, "SQL_ASCII", "t\\xe4", "c\\xe4", new byte[] {'t', (byte) 0xE4});
                assertRead(pages, version, "SQL_ASCII", "t\\xf6", "c\\xf6", new byte[] {'t', (byte) 0xF6});
            }
        }
    }

    private static byte[] bytes(final String charset, final String text) {
        return text.getBytes(Charset.forName(charset));
    }

    private static void create(final PostgresServer server, final String encoding) throws SQLException {
        try (Connection connection = server.connect("template1");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE \"" + encoding
                    + "\" TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C' ENCODING '" + encoding + "'");
        }
    }

    private static void fill(
            final PostgresServer server, final String encoding, final String table, final String column)
            throws SQLException {
        create(server, encoding);
        try (Connection connection = server.connect(encoding);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE \"" + table + "\" (\"" + column + "\" text, plain text)");
            statement.execute("INSERT INTO \"" + table + "\" VALUES ('" + table + "', 'ascii'), (NULL, NULL)");
        }
    }

    /** The client is told that its bytes are taken as they are; the statement is made of bytes on the server. */
    private static void raw(final PostgresServer server) throws SQLException {
        create(server, "SQL_ASCII");
        try (Connection connection = server.connect("SQL_ASCII");
                Statement statement = connection.createStatement()) {
            for (final String byteOfName : List.of("e4", "f6")) {
                final String octal = Integer.toOctalString(Integer.parseInt(byteOfName, 16));
                statement.execute("DO $$ BEGIN EXECUTE format('CREATE TABLE %I (%I text, plain text)', E't\\" + octal
                        + "', E'c\\" + octal
                        + "'); EXECUTE format('INSERT INTO %I VALUES (%L, %L), (NULL, NULL)', E't\\"
                        + octal + "', E't\\" + octal + "', 'ascii'); END $$");
            }
        }
    }

    private void assertRead(
            final DirectoryPages pages,
            final PostgresVersion version,
            final String databaseName,
            final String tableName,
            final String column,
            final byte[] value)
            throws Exception {
        final LakeComparison comparison = new LakeComparison(memory);
        try (LakeDatabase database = LakeDatabase.open(
                pages,
                version,
                new CatalogReader(version, pages).database(databaseName).orElseThrow(),
                true)) {
            final LakeTable table = database.table("public", tableName).orElseThrow();
            final TranscodedRelation made = TranscodedRelation.of(
                    database,
                    table,
                    version.major(),
                    TranscodeConfig.defaults(),
                    memory,
                    folder.resolve("lake")
                            .resolve(HexFormat.of().formatHex(tableName.getBytes(StandardCharsets.UTF_8))));
            assertThat(made.source().schema().column(0).attribute().name()).isEqualTo(column);
            final List<List<Object>> rows = made.rows("", "part");
            assertThat(rows).hasSize(2);
            final List<?> overflow =
                    (List<?>) rows.getFirst().get(made.source().schema().overflowColumn());
            assertThat(rows.getFirst().get(0)).isNull();
            assertThat(overflow.getFirst()).isEqualTo("\\x" + HexFormat.of().formatHex(value));
            assertThat(rows.getFirst().get(1)).isEqualTo("ascii");
            comparison.comparePages(tableName, made, pages);
        }
        assertThat(comparison.wrong()).isEmpty();
        assertThat(comparison.pagesCompared()).isPositive();
    }
}
