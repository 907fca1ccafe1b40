package dev.firn.server.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.compute.binaries.BinariesFinder;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.compute.instance.StopMode;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.catalog.CatalogPages;
import dev.firn.postgres.catalog.CatalogReader;
import dev.firn.postgres.catalog.DatabaseRow;
import dev.firn.postgres.catalog.RelationRow;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.file.RelationMap;
import dev.firn.postgres.file.RelationPath;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The catalogs of a real cluster that was shut down, read from its files: every name leads to the file that Postgres itself names. */
final class CatalogReaderTest {
    @TempDir
    private Path folder;

    /** A data directory. */
    private record DataDirectoryPages(Path root, PostgresVersion version) implements CatalogPages {
        @Override
        public long blocks(final RelFileLocator relation, final Fork fork) {
            try {
                final Path file = root.resolve(RelationPath.of(version, relation, fork, 0));
                return Files.exists(file) ? Files.size(file) / PageLayout.PAGE_BYTES : 0;
            } catch (final IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void page(final RelFileLocator relation, final Fork fork, final long block, final MemorySegment into) {
            read(RelationPath.of(version, relation, fork, 0), block, into);
        }

        @Override
        public void slruPage(final Slru slru, final int page, final MemorySegment into) {
            read(slru.path(page / Slru.PAGES_PER_SEGMENT), page % Slru.PAGES_PER_SEGMENT, into);
        }

        @Override
        public byte[] relationMap(final int tablespace, final int database) {
            try {
                return Files.readAllBytes(root.resolve(
                        RelationPath.directory(version, tablespace, database) + '/' + RelationMap.FILE_NAME));
            } catch (final IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void read(final String path, final long block, final MemorySegment into) {
            final ByteBuffer page = ByteBuffer.allocate(PageLayout.PAGE_BYTES);
            try (FileChannel channel = FileChannel.open(root.resolve(path))) {
                assertThat(channel.read(page, block * PageLayout.PAGE_BYTES)).isEqualTo(PageLayout.PAGE_BYTES);
            } catch (final IOException e) {
                throw new UncheckedIOException(e);
            }
            MemorySegment.copy(MemorySegment.ofArray(page.array()), 0, into, 0, PageLayout.PAGE_BYTES);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldFindWhatPostgresFinds(final int major) throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        final PostgresServer postgres = new PostgresServer(
                ServerConfig.of(
                        BinariesFinder.ofThisMachine(System.err::println).find(major), folder.resolve("pg" + major)),
                SystemClock.INSTANCE);
        final List<List<String>> expected;
        final String oid;
        try (postgres) {
            postgres.init();
            postgres.start();
            postgres.execute("CREATE SCHEMA s");
            postgres.execute("CREATE TABLE s.plain (i int PRIMARY KEY, t text)");
            postgres.execute("CREATE TABLE s.before (i int)");
            postgres.execute("ALTER TABLE s.before RENAME TO renamed");
            postgres.execute("CREATE TABLE s.rewritten (i int)");
            postgres.execute("INSERT INTO s.rewritten SELECT generate_series(1, 100)");
            postgres.execute("VACUUM FULL s.rewritten");
            postgres.execute("VACUUM FULL pg_class");
            postgres.execute("CREATE TABLE s.dropped (i int)");
            postgres.execute("DROP TABLE s.dropped");
            postgres.execute("BEGIN; CREATE TABLE s.undone (i int); ROLLBACK");
            postgres.execute("CREATE VIEW s.seen AS SELECT * FROM s.plain");
            postgres.execute("CREATE DATABASE other");
            oid = postgres.query("SELECT oid FROM pg_database WHERE datname = 'other'")
                    .getFirst()
                    .getFirst();
            expected = postgres.query(
                    "SELECT nspname, relname, pg_relation_filenode(c.oid),"
                            + " CASE WHEN reltablespace = 0 THEN 1663 ELSE reltablespace END, relkind"
                            + " FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
                            + " WHERE relname IN ('plain', 'plain_pkey', 'renamed', 'rewritten', 'pg_class', 'pg_database', 'pg_proc')");
            postgres.stop(StopMode.FAST);
        }
        assertThat(expected).hasSize(7);
        final PostgresVersion version = PostgresVersion.ofMajor(major);
        final CatalogReader catalogs =
                new CatalogReader(version, new DataDirectoryPages(postgres.dataDirectory(), version));
        final DatabaseRow home = catalogs.database("postgres").orElseThrow();
        for (final List<String> row : expected) {
            final int schema = catalogs.schema(home, row.get(0)).orElseThrow();
            final RelationRow found =
                    catalogs.relation(home, schema, row.get(1)).orElseThrow();
            assertThat(found.locator().relfilenode()).as(row.get(1)).isEqualTo(Integer.parseInt(row.get(2)));
            assertThat(found.locator().tablespace()).as(row.get(1)).isEqualTo(Integer.parseInt(row.get(3)));
            assertThat(found.kind()).as(row.get(1)).isEqualTo(row.get(4).charAt(0));
        }
        final int schema = catalogs.schema(home, "s").orElseThrow();
        for (final String gone : List.of("before", "dropped", "undone", "nothing")) {
            assertThat(catalogs.relation(home, schema, gone)).as(gone).isEmpty();
        }
        assertThat(catalogs.relation(home, schema, "seen").orElseThrow().locator())
                .isNull();
        assertThat(catalogs.schema(home, "none")).isEmpty();
        assertThat(catalogs.database("none")).isEmpty();
        assertThat(catalogs.database("other").orElseThrow().oid()).isEqualTo(Integer.parseInt(oid));
    }
}
