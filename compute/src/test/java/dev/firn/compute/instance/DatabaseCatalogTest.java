package dev.firn.compute.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.catalog.AttributeRow;
import dev.firn.postgres.catalog.CatalogReader;
import dev.firn.postgres.catalog.DatabaseCatalog;
import dev.firn.postgres.catalog.DatabaseRow;
import dev.firn.postgres.catalog.RelationRow;
import dev.firn.postgres.compression.Decompressor;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.tuple.DeformPlan;
import dev.firn.postgres.tuple.DeformedRows;
import dev.firn.postgres.tuple.Detoaster;
import dev.firn.postgres.tuple.ToastFetcher;
import dev.firn.postgres.tuple.TupleBatch;
import dev.firn.postgres.value.DatumFlyweight;
import dev.firn.postgres.value.DatumPrinter;
import dev.firn.postgres.value.TextBuffer;
import dev.firn.postgres.value.TypeDescription;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.visibility.RowVisibility;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Catalogs and visible rows as Firn reads them from pages, against what SQL says at the same moment. */
final class DatabaseCatalogTest {
    private static final ToastFetcher NO_TOAST = (relation, value, bytes) -> {
        throw new MalformedDataException("no value of this test is out of line");
    };

    @TempDir
    Path temporary;

    private PostgresServer server;
    private DirectoryPages pages;
    private DatabaseCatalog catalog;

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldSayWhatSqlSaysAndMoveForward(final int major) throws Exception {
        try (PostgresServer started = new PostgresServer(
                ServerConfig.of(TestPostgres.binaries(major), TestPostgres.place(temporary, "server"))
                        .with("autovacuum", "off")
                        .with("max_prepared_transactions", "5")
                        .with("fsync", "off"),
                SystemClock.INSTANCE)) {
            server = started;
            server.init();
            server.start();
            final PostgresVersion version = PostgresVersion.ofMajor(major);
            pages = new DirectoryPages(server.dataDirectory(), version);
            server.execute(
                    "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN price AS numeric(9, 2);"
                            + " CREATE TABLE t (a int, b text, gone int8, c mood DEFAULT 'ok');"
                            + " INSERT INTO t SELECT i, 'text ' || i, i FROM generate_series(1, 500) i;"
                            + " ALTER TABLE t ADD COLUMN d text DEFAULT 'a missing one', ADD COLUMN e int4[] DEFAULT '{1,NULL,3}',"
                            + " ADD COLUMN f price DEFAULT 1.50, ADD COLUMN g int; ALTER TABLE t DROP COLUMN gone;"
                            + " INSERT INTO t VALUES (501, 'x', 'sad', NULL, NULL, NULL, 7); CREATE TABLE child (h int) INHERITS (t)");
            server.execute("CHECKPOINT");
            final DatabaseRow database =
                    new CatalogReader(version, pages).database("postgres").orElseThrow();
            try (DatabaseCatalog made = new DatabaseCatalog(version, database)) {
                catalog = made;
                catalog.moveTo(pages, NO_TOAST, (relation, block) -> true);
                expectAll(major);
                final long read = catalog.blocksRead();
                catalog.moveTo(pages, NO_TOAST, (relation, block) -> false);
                assertThat(catalog.blocksRead()).as("nothing changed").isEqualTo(read);
                moveThroughTransactions(major);
            }
        }
    }

    private void moveThroughTransactions(final int major) throws SQLException {
        try (Connection connection = server.connect();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("CREATE TABLE later (i int); ALTER TABLE t RENAME COLUMN a TO renamed;"
                    + " UPDATE t SET g = 1 WHERE renamed < 50; SAVEPOINT s; DELETE FROM t WHERE renamed = 60; ROLLBACK TO s;"
                    + " SAVEPOINT s2; DELETE FROM t WHERE renamed = 61; RELEASE s2");
            server.execute("CHECKPOINT");
            catalog.moveTo(pages, NO_TOAST, (relation, block) -> true);
            assertThat(catalog.relations()).noneMatch(row -> row.name().equals("later"));
            // The commit changes no block of a catalog: what was undecided is read again.
            connection.commit();
        }
        server.execute("CHECKPOINT");
        catalog.moveTo(pages, NO_TOAST, (relation, block) -> false);
        assertThat(catalog.relations()).anyMatch(row -> row.name().equals("later"));
        server.execute("BEGIN; DELETE FROM t WHERE renamed > 490; PREPARE TRANSACTION 'p'");
        lockTogether();
        server.execute("VACUUM FULL pg_class");
        server.execute("VACUUM FULL pg_attribute");
        server.execute("ALTER TYPE mood ADD VALUE 'new' BEFORE 'ok'");
        server.execute("INSERT INTO t VALUES (502, 'y', 'new')");
        server.execute("CREATE TABLE rewritten AS SELECT 1 AS i");
        server.execute("VACUUM FULL rewritten");
        server.execute("CHECKPOINT");
        catalog.moveTo(pages, NO_TOAST, (relation, block) -> true);
        expectAll(major);
        server.execute("COMMIT PREPARED 'p'");
        server.execute("CHECKPOINT");
        catalog.moveTo(pages, NO_TOAST, (relation, block) -> true);
        expectAll(major);
    }

    /** Two transactions lock the same rows, so that a multixact is made; one of them then updates some. */
    private void lockTogether() throws SQLException {
        try (Connection first = server.connect();
                Connection second = server.connect();
                Statement one = first.createStatement();
                Statement two = second.createStatement()) {
            first.setAutoCommit(false);
            second.setAutoCommit(false);
            one.execute("SELECT * FROM t WHERE renamed BETWEEN 100 AND 120 FOR KEY SHARE");
            two.execute("SELECT * FROM t WHERE renamed BETWEEN 100 AND 120 FOR KEY SHARE");
            two.execute("UPDATE t SET b = 'updated' WHERE renamed BETWEEN 110 AND 115");
            second.commit();
            first.commit();
        }
    }

    private void expectAll(final int major) throws SQLException {
        final List<List<String>> relations = server.query("SELECT oid::int8, relname, relkind,"
                + " coalesce(pg_relation_filenode(oid), 0)::int8, reltoastrelid::int8 FROM pg_class");
        assertThat(catalog.relations()).hasSize(relations.size());
        for (final List<String> row : relations) {
            final RelationRow found = catalog.relation(DescribedTypes.number(row.getFirst()));
            assertThat(found.name()).isEqualTo(row.get(1));
            assertThat(found.kind()).isEqualTo(row.get(2).charAt(0));
            assertThat(found.locator() == null ? 0 : found.locator().relfilenode())
                    .as(found.name())
                    .isEqualTo(DescribedTypes.number(row.get(3)));
            assertThat(catalog.toastRelation(found.oid())).isEqualTo(DescribedTypes.number(row.get(4)));
        }
        int attributes = 0;
        for (final List<String> row : server.query("SELECT attrelid::int8, attnum, attname, atttypid::int8, attlen,"
                + " attisdropped, atthasmissing, atttypmod FROM pg_attribute WHERE attnum > 0")) {
            final AttributeRow found =
                    catalog.attributes(DescribedTypes.number(row.get(0))).get(Integer.parseInt(row.get(1)) - 1);
            assertThat(List.of(
                            found.name(),
                            Integer.toUnsignedString(found.type()),
                            found.length() + "",
                            found.dropped() ? "t" : "f",
                            found.missing() != null ? "t" : "f",
                            found.typmod() + ""))
                    .isEqualTo(row.subList(2, 8));
            attributes++;
        }
        assertThat(attributes).isGreaterThan(2000);
        expectTypes();
        expectRows(major, "t");
        expectRows(major, "pg_type");
        expectRows(major, "pg_attribute");
    }

    private void expectTypes() throws SQLException {
        final DescribedTypes described = new DescribedTypes(server);
        for (final List<String> row : server.query("SELECT oid::int8 FROM pg_type")) {
            final int oid = DescribedTypes.number(row.getFirst());
            expectSame(catalog.type(oid), described.type(oid));
        }
        final int parent = DescribedTypes.number(
                server.query("SELECT 't'::regclass::oid::int8").getFirst().getFirst());
        final int child = DescribedTypes.number(
                server.query("SELECT 'child'::regclass::oid::int8").getFirst().getFirst());
        assertThat(catalog.children(parent)).containsExactly(child);
    }

    private static void expectSame(final TypeDescription found, final TypeDescription expected) {
        if (found == null || expected == null) {
            assertThat(found).isEqualTo(expected);
            return;
        }
        assertThat(found.name()).isEqualTo(expected.name());
        assertThat(found.kind()).as(found.name()).isEqualTo(expected.kind());
        assertThat(List.of(found.oid(), found.length(), found.alignment(), found.storage(), found.delimiter()))
                .as(found.name())
                .isEqualTo(List.of(
                        expected.oid(),
                        expected.length(),
                        expected.alignment(),
                        expected.storage(),
                        expected.delimiter()));
        expectSame(found.element(), expected.element());
        assertThat(found.attributes()).hasSameSizeAs(expected.attributes());
        for (int i = 0; i < found.attributes().size(); i++) {
            assertThat(found.attributes().get(i).name())
                    .isEqualTo(expected.attributes().get(i).name());
            expectSame(
                    found.attributes().get(i).type(),
                    expected.attributes().get(i).type());
        }
        assertThat(found.labels() == null ? 0 : found.labels().count())
                .isEqualTo(expected.labels() == null ? 0 : expected.labels().count());
    }

    /** The visible rows of a table, each as the text of a record. */
    private void expectRows(final int major, final String table) throws SQLException {
        final int oid = DescribedTypes.number(server.query("SELECT '" + table + "'::regclass::oid::int8")
                .getFirst()
                .getFirst());
        final List<AttributeRow> attributes = catalog.attributes(oid);
        final StringBuilder columns = new StringBuilder();
        for (final AttributeRow attribute : attributes) {
            if (!attribute.dropped() && !isUnresolvable(catalog.type(attribute.type()))) {
                columns.append(columns.isEmpty() ? "" : ", ")
                        .append("format('%s', ")
                        .append(attribute.name())
                        .append(')');
            }
        }
        final List<String> expected = new ArrayList<>();
        server.query("SELECT " + columns + " FROM ONLY " + table).forEach(row -> expected.add(String.join("|", row)));
        assertThat(read(major, oid, attributes)).as(table).containsExactlyInAnyOrderElementsOf(expected);
    }

    /** Names of functions, which a datum doesn't hold. */
    private static boolean isUnresolvable(final TypeDescription type) {
        return type.name().equals("regproc")
                || type.name().contains("aclitem")
                || type.name().equals("anyarray");
    }

    private List<String> read(final int major, final int oid, final List<AttributeRow> attributes) {
        final List<String> found = new ArrayList<>();
        final DeformPlan plan = catalog.plan(oid);
        final RowVisibility visibility = new RowVisibility(pages);
        final MemorySegment memory = MemorySegment.ofArray(new long[PageLayout.PAGE_BYTES / Long.BYTES]);
        final TupleBatch batch = new TupleBatch(PageLayout.MAX_HEAP_TUPLES);
        final DeformedRows rows = new DeformedRows(plan, batch);
        final HeapTupleFlyweight tuple = new HeapTupleFlyweight();
        try (Decompressor decompressor = new Decompressor()) {
            final DatumPrinter printer = new DatumPrinter(major, decompressor);
            final Detoaster detoaster = new Detoaster(NO_TOAST, decompressor);
            final RelationRow relation = catalog.relation(oid);
            for (int block = 0; block < pages.blocks(relation.locator(), Fork.MAIN); block++) {
                pages.page(relation.locator(), Fork.MAIN, block, memory);
                final PageFlyweight page = new PageFlyweight().wrap(memory, 0);
                batch.begin(memory);
                for (int number = 1; number <= page.linePointerCount(); number++) {
                    if (LinePointer.state(page.linePointer(number)) == LinePointer.NORMAL
                            && visibility.isVisible(tuple.wrap(page, number))) {
                        batch.add(tuple, block, number);
                    }
                }
                plan.deform(batch, rows);
                for (int row = 0; row < batch.rows(); row++) {
                    found.add(text(attributes, rows, row, memory, detoaster, printer));
                }
            }
        }
        return found;
    }

    private String text(
            final List<AttributeRow> attributes,
            final DeformedRows rows,
            final int row,
            final MemorySegment memory,
            final Detoaster detoaster,
            final DatumPrinter printer) {
        final List<String> texts = new ArrayList<>();
        final DatumFlyweight datum = new DatumFlyweight();
        final TextBuffer text = new TextBuffer();
        for (int i = 0; i < attributes.size(); i++) {
            final AttributeRow attribute = attributes.get(i);
            if (attribute.dropped() || isUnresolvable(catalog.type(attribute.type()))) {
                continue;
            }
            final int position = rows.positions(i)[row];
            if (position == DeformedRows.NULL) {
                texts.add("");
                continue;
            }
            if (position == DeformedRows.MISSING) {
                datum.wrap(attribute.missing(), 0, (int) attribute.missing().byteSize());
            } else if (attribute.length() >= 0) {
                datum.wrap(memory, position, attribute.length());
            } else {
                detoaster.value(memory, position, rows.lengths(i)[row], datum);
            }
            printer.print(catalog.type(attribute.type()), datum, text.clear());
            texts.add(text.toString());
        }
        return String.join("|", texts);
    }
}
