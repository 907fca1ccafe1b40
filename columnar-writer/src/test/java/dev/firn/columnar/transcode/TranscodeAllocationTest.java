package dev.firn.columnar.transcode;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.firn.columnar.source.DirectoryPages;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.compute.instance.StopMode;
import dev.firn.compute.instance.TestPostgres;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.catalog.CatalogReader;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.source.RelationPages;
import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rows cost no allocation: what a table of many rows allocates beyond one of few are objects of the files' pages and row groups. Vectors are objects
 * until C2 has compiled what uses them, which on a busy machine takes minutes: so it is tried for a while.
 */
@Tag("long")
final class TranscodeAllocationTest {
    private static final int MAJOR = 17;
    private static final int TRIES = 200;

    /** The smallest object has 8: less than this a row means none for a row, a value, or two of them. */
    private static final double LIMIT = 4;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir
    private Path folder;

    @Test
    void shouldAllocateNothingForARow() throws Exception {
        final PostgresServer server = new PostgresServer(
                ServerConfig.of(TestPostgres.binaries(MAJOR), TestPostgres.place(folder, "server"))
                        .with("fsync", "off"),
                SystemClock.INSTANCE);
        try (server) {
            server.init();
            server.start();
            server.execute(
                    "CREATE TABLE t (i int, l int8, s text, n numeric(12, 2), free numeric, d date, at timestamptz, b bool,"
                            + " u uuid, a int[], j jsonb); INSERT INTO t SELECT i, i, 'text ' || i % 100, i / 4.0, i / 8.0,"
                            + " date '2020-01-01' + i % 1000, to_timestamp(i), i % 2 = 0, md5(i::text)::uuid,"
                            + " ARRAY[i, NULL], jsonb_build_object('k', i) FROM generate_series(1, 20000) i;"
                            + " UPDATE t SET d = 'infinity', s = NULL WHERE i % 50 = 0");
            server.stop(StopMode.FAST);
        }
        final PostgresVersion version = PostgresVersion.ofMajor(MAJOR);
        try (DirectoryPages pages = new DirectoryPages(server.dataDirectory(), version);
                OffHeapMemory memory = OffHeapMemory.open(
                        OffHeapConfig.of("allocation", 512L << 20).withChecked(false));
                LakeDatabase database = LakeDatabase.open(
                        pages,
                        version,
                        new CatalogReader(version, pages).database("postgres").orElseThrow(),
                        false)) {
            final TableSource source =
                    database.source(database.table("public", "t").orElseThrow(), Map.of());
            double least = Double.MAX_VALUE;
            for (int i = 0; i < TRIES && least > LIMIT; i++) {
                final long[] few = allocated(source, 2, memory);
                final long[] many = allocated(source, 12, memory);
                least = Math.min(least, (many[0] - few[0]) / (double) (many[1] - few[1]));
            }
            assertThat(least).as("bytes allocated a row").isLessThan(LIMIT);
        }
    }

    /** Bytes that this thread allocates, and rows. */
    private static long[] allocated(final TableSource source, final int times, final OffHeapMemory memory) {
        final Repeated pages = new Repeated(source.pages(), source.locator(), times);
        final TableSource many = new TableSource(
                source.name(),
                source.database(),
                source.locator(),
                source.schema(),
                source.form(),
                source.plan(),
                pages,
                source.visibility(),
                source.toast(),
                false,
                Map.of());
        final LakeFolder nowhere = _ -> new LakeFile() {
            @Override
            public void finish() {
                // Nothing is kept.
            }

            @Override
            public void abandon() {
                // Nothing is kept.
            }

            @Override
            public long offer(final MemorySegment bytes, final long offset, final long length) {
                return length;
            }
        };
        final long before = THREADS.getCurrentThreadAllocatedBytes();
        try (RelationTranscoder transcoder = new RelationTranscoder(
                many, MAJOR, TranscodeConfig.defaults(), memory, nowhere, "part", "_firn/dead", "_firn/residue")) {
            final TranscodedTable result = transcoder.transcode((_, _) -> {});
            return new long[] {THREADS.getCurrentThreadAllocatedBytes() - before, result.rows() + result.deadRows()};
        }
    }

    /** A relation's blocks, over and over, from memory. */
    private static final class Repeated implements RelationPages {
        private final MemorySegment blocks;
        private final long count;
        private final int times;

        Repeated(final RelationPages pages, final RelFileLocator relation, final int times) {
            this.times = times;
            count = pages.blocks(relation, Fork.MAIN);
            blocks = MemorySegment.ofArray(new long[Math.toIntExact(count * PageLayout.PAGE_BYTES / Long.BYTES)]);
            pages.pages(relation, Fork.MAIN, 0, (int) count, blocks);
        }

        @Override
        public long blocks(final RelFileLocator relation, final Fork fork) {
            return count * times;
        }

        @Override
        public void page(final RelFileLocator relation, final Fork fork, final long block, final MemorySegment into) {
            MemorySegment.copy(blocks, block % count * PageLayout.PAGE_BYTES, into, 0, PageLayout.PAGE_BYTES);
        }
    }
}
