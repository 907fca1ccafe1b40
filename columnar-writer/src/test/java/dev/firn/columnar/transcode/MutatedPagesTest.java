package dev.firn.columnar.transcode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.columnar.parquet.ParquetJavaFile;
import dev.firn.columnar.source.DirectoryPages;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.SampleTables;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.compute.instance.StopMode;
import dev.firn.compute.instance.TestPostgres;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.catalog.CatalogPages;
import dev.firn.postgres.catalog.CatalogReader;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A table, its TOAST table, that one's index, the commit log and multixacts, with bits changed on the way: either an error that names the relation, or a
 * file that Parquet's reader reads, and nothing of the relation when there was an error.
 */
final class MutatedPagesTest {
    private static final long SEED = 71L;
    private static final int MAJOR = 17;

    @TempDir
    private Path folder;

    private int errors;
    private int files;

    @Test
    void shouldNameWhereAPageIsDamaged() throws Exception {
        fuzz(120);
    }

    @Test
    @Tag("long")
    void shouldNameWhereOneOfManyPagesIsDamaged() throws Exception {
        fuzz(6_000);
    }

    private void fuzz(final int rounds) throws Exception {
        try (PostgresServer server = new PostgresServer(
                ServerConfig.of(TestPostgres.binaries(MAJOR), TestPostgres.place(folder, "server"))
                        .with("autovacuum", "off")
                        .with("max_prepared_transactions", "5")
                        .with("fsync", "off"),
                SystemClock.INSTANCE)) {
            server.init();
            server.start();
            SampleTables.prepare(server);
            new ChurnedTables(server).make();
            server.stop(StopMode.FAST);
            final PostgresVersion version = PostgresVersion.ofMajor(MAJOR);
            try (DirectoryPages pages = new DirectoryPages(server.dataDirectory(), version);
                    OffHeapMemory memory = OffHeapMemory.open(
                            OffHeapConfig.of("mutated", 512L << 20).withChecked(false))) {
                for (int round = 0; round < rounds; round++) {
                    final String table =
                            List.of("t0", "wide", "longs", "altered_later").get(round % 4);
                    transcode(pages, version, table, SEED + round, memory);
                    assertThat(memory.usage().heldBytes())
                            .as("seed %d", SEED + round)
                            .isZero();
                }
            }
        }
        assertThat(errors).isGreaterThan(rounds / 5);
        assertThat(files).isGreaterThan(rounds / 5);
    }

    private void transcode(
            final CatalogPages pages,
            final PostgresVersion version,
            final String name,
            final long seed,
            final OffHeapMemory memory)
            throws Exception {
        final MutatedPages mutated = new MutatedPages(pages, new SplittableRandom(seed));
        try (LakeDatabase database = LakeDatabase.open(
                mutated,
                version,
                new CatalogReader(version, pages).database("postgres").orElseThrow(),
                false)) {
            final LakeTable table = database.table("public", name).orElseThrow();
            final Path place = folder.resolve("lake" + seed);
            mutated.begin();
            try {
                final TranscodedRelation made = TranscodedRelation.of(
                        database, table, MAJOR, TranscodeConfig.defaults().withBlocks(8, 64), memory, place);
                files++;
                for (final Path file : made.files("", "part")) {
                    ParquetJavaFile.read(file, made.source().schema().fields());
                }
            } catch (final MalformedDataException e) {
                errors++;
                assertThat(e.getMessage()).as("seed %d", seed).startsWith("public." + name + ": ");
                assertThat(filesBelow(place)).as("seed %d", seed).isEmpty();
            } catch (final RuntimeException e) {
                throw new AssertionError("seed " + seed + ", " + name, e);
            }
        }
    }

    private static List<Path> filesBelow(final Path place) throws Exception {
        if (!Files.exists(place)) {
            return List.of();
        }
        try (Stream<Path> found = Files.walk(place)) {
            return found.filter(Files::isRegularFile).toList();
        }
    }

    /** Changes some bytes of some pages, once it was told to begin: the catalogs are those of a sound database. */
    private static final class MutatedPages implements CatalogPages {
        private final CatalogPages sound;
        private final RandomGenerator random;
        private boolean begun;

        MutatedPages(final CatalogPages sound, final RandomGenerator random) {
            this.sound = sound;
            this.random = random;
        }

        void begin() {
            begun = true;
        }

        @Override
        public long blocks(final RelFileLocator relation, final Fork fork) {
            return sound.blocks(relation, fork);
        }

        @Override
        public void page(final RelFileLocator relation, final Fork fork, final long block, final MemorySegment into) {
            sound.page(relation, fork, block, into);
            mutate(into, 30);
        }

        @Override
        public void slruPage(final Slru slru, final int page, final MemorySegment into) {
            sound.slruPage(slru, page, into);
            mutate(into, 4);
        }

        @Override
        public byte[] relationMap(final int tablespace, final int database) {
            return sound.relationMap(tablespace, database);
        }

        private void mutate(final MemorySegment page, final int oneOf) {
            if (!begun || random.nextInt(oneOf) != 0) {
                return;
            }
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                final int at = random.nextInt(3) == 0
                        ? random.nextInt(200)
                        : PageLayout.PAGE_BYTES - 1 - random.nextInt(PageLayout.PAGE_BYTES);
                final byte value = switch (random.nextInt(3)) {
                    case 0 -> (byte) random.nextInt();
                    case 1 -> (byte) 0xFF;
                    default -> (byte) (page.get(ValueLayout.JAVA_BYTE, at) ^ 1 << random.nextInt(8));
                };
                page.set(ValueLayout.JAVA_BYTE, at, value);
            }
        }
    }
}
