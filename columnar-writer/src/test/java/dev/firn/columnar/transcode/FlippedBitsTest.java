package dev.firn.columnar.transcode;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.columnar.batch.ColumnVector;
import dev.firn.columnar.batch.RowBatch;
import dev.firn.columnar.rebuild.Doubts;
import dev.firn.columnar.rebuild.PageRebuilder;
import dev.firn.columnar.rebuild.ResidueWriter;
import dev.firn.columnar.rebuild.RunRows;
import dev.firn.columnar.source.DirectoryPages;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.compute.instance.StopMode;
import dev.firn.compute.instance.TestPostgres;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.catalog.CatalogReader;
import dev.firn.postgres.compression.Decompressor;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.tuple.DeformedRows;
import dev.firn.postgres.tuple.Detoaster;
import dev.firn.postgres.value.DatumPrinter;
import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each bit of some pages, flipped: either the page is refused, or rows and residue make it again with the flipped bit, and the residue is the one that
 * comes of forming all of the page. So what the residue's writer takes for granted of a page is never more than what is so.
 */
final class FlippedBitsTest {
    private static final int MAJOR = 17;
    private static final int PAGE = PageLayout.PAGE_BYTES;

    /** Of the hole's bits, which are all alike, one in so many. */
    private static final int HOLE_STEP = 61;

    private static final MemoryTag TAG = MemoryTag.of("test-page");

    @TempDir
    private Path folder;

    @Test
    void shouldMakeAPageAgainWhateverBitIsFlipped() throws Exception {
        flip(HOLE_STEP);
    }

    @Test
    @Tag("long")
    void shouldMakeAPageAgainWhateverBitOfAllIsFlipped() throws Exception {
        flip(1);
    }

    private void flip(final int holeStep) throws Exception {
        final PostgresServer server = new PostgresServer(
                ServerConfig.of(TestPostgres.binaries(MAJOR), TestPostgres.place(folder, "server"))
                        .with("autovacuum", "off")
                        .with("fsync", "off"),
                SystemClock.INSTANCE);
        try (server) {
            server.init();
            server.start();
            for (final String sql : tables()) {
                server.execute(sql);
            }
            server.stop(StopMode.FAST);
        }
        final PostgresVersion version = PostgresVersion.ofMajor(MAJOR);
        try (DirectoryPages pages = new DirectoryPages(server.dataDirectory(), version);
                OffHeapMemory memory = OffHeapMemory.open(
                        OffHeapConfig.of("flipped", 256L << 20).withChecked(false));
                LakeDatabase database = LakeDatabase.open(
                        pages,
                        version,
                        new CatalogReader(version, pages).database("postgres").orElseThrow(),
                        false)) {
            for (final String table : List.of("fixed", "kinds", "nulls", "churned", "documents")) {
                flip(database, table, holeStep, memory);
            }
            assertThat(memory.usage().heldBytes()).isZero();
        }
    }

    /** Each kind of value and of padding, on a page of its own. */
    private static String[] tables() {
        return new String[] {
            "CREATE TABLE fixed (a int2, b int8, c bool, d int4, e date, f timestamptz, g uuid, h float4, i float8, j time)",
            "INSERT INTO fixed SELECT i, i * 3, i % 2 = 0, i, date '2020-01-01' + i, to_timestamp(i), md5(i::text)::uuid,"
                    + " i / 4.0, i / 8.0, time '10:00' + i * interval '1 second' FROM generate_series(1, 7) i",
            "CREATE TABLE kinds (s text, b bool, n numeric(12, 2), c char(7), i int, x bytea, l text, gone text, d date, j jsonb,"
                    + " a int[], free numeric, last int8)",
            "INSERT INTO kinds SELECT repeat('x', i % 9), i % 2 = 0, (i - 10) * 1000.25, 'c' || i, i, ('\\x' || md5(i::text))::bytea,"
                    + " repeat('long', 33), 'gone', date '2020-01-01' + i, jsonb_build_object('k', i), ARRAY[i, NULL], i / 7.0, i"
                    + " FROM generate_series(6, 12) i",
            "ALTER TABLE kinds DROP COLUMN gone",
            "CREATE TABLE nulls (a int, b text, c int8, d numeric(30, 3), e text, f date, g bool, h text, k int, l timestamp)",
            "INSERT INTO nulls SELECT CASE WHEN i % 2 = 0 THEN i END, CASE WHEN i % 3 = 0 THEN 'b' || i END, CASE WHEN i % 5 > 0 THEN i"
                    + " END, CASE WHEN i % 7 > 0 THEN 12345678901234567890.125 END, 'ä' || i, CASE WHEN i % 4 > 0 THEN 'infinity'::date"
                    + " END, i % 4 = 0, CASE WHEN i % 2 = 0 THEN repeat('y', 3000) END, i, CASE WHEN i % 3 > 0 THEN '2020-01-01 10:00'"
                    + "::timestamp END FROM generate_series(1, 9) i",
            "CREATE TABLE churned (a int, b text, c numeric(8, 1)); INSERT INTO churned SELECT i, 'row ' || i, i FROM"
                    + " generate_series(1, 14) i",
            "CREATE TABLE documents (id int, j jsonb, t text DEFAULT repeat('t', 60))",
            "INSERT INTO documents (id, j) VALUES (1, '{\"a\": 1, \"bb\": -12.50, \"c\": [true, false, null, []], \"d\": {\"e\": {\"f\": \"g\"}}}'),"
                    + " (2, '[]'), (3, '{}'), (4, '7'), (5, '\"text\\n\\u0001\"'), (6, 'null'), (7, '[0, 0.00, 10000, 0.0001, 1e30, -1]'),"
                    + " (8, (SELECT jsonb_agg(i % 5) FROM generate_series(1, 40) i)),"
                    + " (9, (SELECT jsonb_object_agg('k' || i, repeat('v', i % 4)) FROM generate_series(1, 35) i)),"
                    + " (10, '[[[{\"x\": [1]}]], \"y\", [[2.5]]]')",
            "UPDATE churned SET b = b || '!', c = -c WHERE a % 4 = 0; DELETE FROM churned WHERE a % 9 = 0",
        };
    }

    private static void flip(
            final LakeDatabase database, final String table, final int holeStep, final OffHeapMemory memory) {
        final TableSource source =
                database.source(database.table("public", table).orElseThrow(), Map.of());
        int made = 0;
        int flips = 0;
        try (Bench bench = new Bench(source, memory);
                Arena arena = Arena.ofConfined()) {
            final MemorySegment sound = arena.allocate(PAGE, Long.BYTES);
            source.pages().page(source.locator(), Fork.MAIN, 0, sound);
            assertThat(bench.isMadeAgain(sound)).as(table).isTrue();
            final PageFlyweight page = new PageFlyweight().wrap(sound, 0);
            final int hole = page.lower() * Byte.SIZE;
            final int holeEnd = page.upper() * Byte.SIZE;
            final MemorySegment flipped = arena.allocate(PAGE, Long.BYTES);
            for (int bit = 0; bit < PAGE * Byte.SIZE; bit += bit > hole && bit < holeEnd - holeStep ? holeStep : 1) {
                flips++;
                flipped.copyFrom(sound);
                final long at = bit / Byte.SIZE;
                flipped.set(JAVA_BYTE, at, (byte) (flipped.get(JAVA_BYTE, at) ^ 1 << bit % Byte.SIZE));
                try {
                    made += bench.isMadeAgain(flipped) ? 1 : 0;
                } catch (final RuntimeException | AssertionError e) {
                    throw new AssertionError(table + ", bit " + bit % Byte.SIZE + " of byte " + at, e);
                }
            }
        }
        assertThat(made).as(table).isGreaterThan(flips / 2);
    }

    /** What a transcoder is made of, for one page at a time, whose rows stay at hand. */
    private static final class Bench implements AutoCloseable {
        private final TableSource source;
        private final OffHeapMemory memory;
        private final MemorySegment pages;
        private final Decompressor decompressor = new Decompressor();
        private final ColumnFiller filler;
        private final TupleRun run = new TupleRun(1);
        private final RunRows visible;
        private final RunRows dead;
        private final DeformedRows visibleRows;
        private final DeformedRows deadRows;
        private final DeadRows deadVersions;
        private final RowFile visibleFile;
        private final RowFile deadFile;
        private final RowBatch residue;
        private final ResidueWriter writer;
        private final PageRebuilder rebuilder;

        Bench(final TableSource source, final OffHeapMemory memory) {
            this.source = source;
            this.memory = memory;
            pages = memory.allocate(PAGE, TAG);
            filler = new ColumnFiller(
                    new ValueAppender(
                            new DatumPrinter(MAJOR, decompressor),
                            source.database().encoding()),
                    new Detoaster(source.toast(), decompressor));
            visibleRows = new DeformedRows(source.plan(), run.visible());
            deadRows = new DeformedRows(source.plan(), run.dead());
            deadVersions = new DeadRows(source.plan());
            visible = new RunRows(visibleRows, new Doubts(source.form()));
            dead = new RunRows(deadRows, new Doubts(source.form()));
            visibleFile = file("part");
            deadFile = file("dead");
            residue = new RowBatch(source.form().residueSchema(), memory);
            writer = new ResidueWriter(source.form(), memory, false);
            rebuilder = new PageRebuilder(source.form(), memory);
        }

        private RowFile file(final String prefix) {
            return new RowFile(source.schema(), TranscodeConfig.defaults().parquet(), memory, null, prefix, Map.of());
        }

        /** Whether it was made again; false when it was refused before anything was made of it. */
        boolean isMadeAgain(final MemorySegment page) {
            if (!isTaken(page)) {
                return false;
            }
            residue(true);
            residue(false);
            residue.setRows(2);
            final MemorySegment made = rebuilder.rebuild(
                    residue,
                    0,
                    visibleFile.batch(),
                    0,
                    visibleFile.batch().rows(),
                    deadFile.batch(),
                    0,
                    deadFile.batch().rows());
            assertThat(MemorySegment.mismatch(made, 0, PAGE, page, 0, PAGE)).isEqualTo(-1);
            for (int i = 0; i < residue.columnCount(); i++) {
                expectSame(residue.column(i));
            }
            return true;
        }

        /** Takes the rows of a page. */
        private boolean isTaken(final MemorySegment page) {
            pages.asSlice(0, PAGE).copyFrom(page);
            visibleFile.batch().clear();
            deadFile.batch().clear();
            residue.clear();
            visible.doubts().clear();
            dead.doubts().clear();
            try {
                run.scan(pages, 0, 1, false, source.visibility());
                source.plan().deform(run.visible(), visibleRows);
                if (!deadVersions.deform(run.dead(), deadRows)) {
                    return false;
                }
                append(visibleFile, visible, visibleRows, true);
                append(deadFile, dead, deadRows, false);
                return true;
            } catch (final MalformedDataException _) {
                return false;
            }
        }

        private void append(
                final RowFile file, final RunRows rows, final DeformedRows deformed, final boolean isVisible) {
            final TableSchema schema = source.schema();
            final int count = (isVisible ? run.visible() : run.dead()).rows();
            for (int i = 0; i < schema.columnCount(); i++) {
                final LakeColumn column = schema.column(i);
                filler.fill(
                        column,
                        isVisible ? run.visible() : run.dead(),
                        deformed,
                        rows.doubts(),
                        0,
                        count,
                        file.batch().column(i),
                        column.overflow() < 0
                                ? null
                                : file.batch().column(schema.overflowColumn()).child(column.overflow()),
                        !isVisible);
            }
            if (isVisible) {
                run.appendVisibleHeaders(file.batch(), schema.firstHidden(), 0, count);
            } else {
                run.appendDeadHeaders(file.batch(), schema.firstHidden(), 0, count);
            }
            file.seal(count);
        }

        /** Of all that is known, or as if nothing were. */
        private void residue(final boolean known) {
            visible.begin(visibleFile.batch(), 0, known);
            visible.next(run.visible().rows());
            dead.begin(deadFile.batch(), 0, known);
            dead.next(run.dead().rows());
            writer.write(pages, 0, 0, visible, dead, residue);
        }

        private static void expectSame(final ColumnVector column) {
            if (!isSame(column)) {
                throw new AssertionError("another residue: " + column.field().name());
            }
            for (int i = 0; i < column.field().children().size(); i++) {
                expectSame(column.child(i));
            }
        }

        /** Whether a column says the same of both pages, but for its children. */
        private static boolean isSame(final ColumnVector column) {
            if (column.isNull(0) || column.isNull(1) || !column.field().isLeaf()) {
                return column.isNull(0) == column.isNull(1);
            }
            if (!column.field().isVariable()) {
                final int width = column.field().vectorWidth();
                return MemorySegment.mismatch(column.values(), 0, width, column.values(), width, 2 * width) < 0;
            }
            final int end = LittleEndian.getInt(column.offsets(), Integer.BYTES);
            final int last = LittleEndian.getInt(column.offsets(), 2 * Integer.BYTES);
            return MemorySegment.mismatch(column.values(), 0, end, column.values(), end, last) < 0;
        }

        @Override
        public void close() {
            visibleFile.close();
            deadFile.close();
            residue.close();
            writer.close();
            rebuilder.close();
            decompressor.close();
            memory.free(pages);
        }
    }
}
