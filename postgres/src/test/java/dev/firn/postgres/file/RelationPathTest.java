package dev.firn.postgres.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.postgres.version.PostgresVersion;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RelationPathTest {
    @Test
    void shouldNameFilesAsPostgresDoes() {
        assertThat(RelationPath.of(PostgresVersion.V15, new RelFileLocator(1663, 5, 16384), Fork.MAIN, 0))
                .isEqualTo("base/5/16384");
        assertThat(RelationPath.of(PostgresVersion.V15, new RelFileLocator(1663, 5, 16384), Fork.VISIBILITY_MAP, 2))
                .isEqualTo("base/5/16384_vm.2");
        assertThat(RelationPath.of(PostgresVersion.V15, new RelFileLocator(1664, 0, 1262), Fork.FREE_SPACE_MAP, 0))
                .isEqualTo("global/1262_fsm");
        assertThat(RelationPath.of(PostgresVersion.V17, new RelFileLocator(16390, 5, -1), Fork.INIT, 0))
                .isEqualTo("pg_tblspc/16390/PG_17_202406281/5/4294967295_init");
        assertThatThrownBy(() -> RelationPath.of(PostgresVersion.V15, new RelFileLocator(1663, 5, 1), Fork.MAIN, -1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldFindBlocksInSegments() {
        assertThat(RelationPath.segment(131071)).isZero();
        assertThat(RelationPath.segment(131072)).isEqualTo(1);
        assertThat(RelationPath.segment(-2)).isEqualTo(32767);
        assertThat(RelationPath.offsetInSegment(131071)).isEqualTo((1L << 30) - 8192);
        assertThat(RelationPath.offsetInSegment(131073)).isEqualTo(8192);
    }

    @Test
    void shouldReadTheNamesThatItMakes() {
        final long seed = 23;
        final RandomGenerator random = SystemRandom.seeded(seed);
        for (int i = 0; i < 10_000; i++) {
            final int tablespace = 1663 + random.nextInt(3);
            final RelFileLocator locator = new RelFileLocator(
                    tablespace, tablespace == RelFileLocator.GLOBAL_TABLESPACE ? 0 : number(random), number(random));
            final Fork fork = Fork.of(random.nextInt(4));
            final int segment = random.nextInt(32768) >> random.nextInt(16);
            final String path = RelationPath.of(PostgresVersion.V17, locator, fork, segment);
            assertThat(RelationPath.parse(PostgresVersion.V17, path))
                    .as("seed %d, %s", seed, path)
                    .isEqualTo(new RelationPath.Location(locator, fork, segment));
        }
    }

    private static int number(final RandomGenerator random) {
        return random.nextInt() >>> random.nextInt(31) | 1;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "base",
                "base/5",
                "base/5/",
                "base/5/PG_VERSION",
                "base/5/pg_filenode.map",
                "base/5/t3_16384",
                "base/5/16384.0",
                "base/5/16384_",
                "base/5/16384_xy",
                "base/5/16384.1_vm",
                "base/5/016384",
                "base/5/4294967296",
                "base/5/16384.32768",
                "base/5/16384.",
                "global/pg_control",
                "global/5/1",
                "pg_tblspc/16390/PG_15_202209061/5/1",
                "pg_xact/0000",
                "base/5/16384/1",
                "base/0/1"
            })
    void shouldNotTakeAnotherFileForARelation(final String path) {
        assertThat(RelationPath.parse(PostgresVersion.V17, path)).isNull();
    }

    @Test
    void shouldPackKeysWithoutLoss() {
        final long space = BlockKey.space(-5, 7);
        final long relation = BlockKey.relation(-3, 2);
        assertThat(BlockKey.tablespace(space)).isEqualTo(-5);
        assertThat(BlockKey.database(space)).isEqualTo(7);
        assertThat(BlockKey.relfilenode(relation)).isEqualTo(-3);
        assertThat(BlockKey.fork(relation)).isEqualTo(2);
        assertThat(BlockKey.describe(BlockKey.space(1663, 5), BlockKey.relation(16384, 2), -2))
                .isEqualTo("relation 1663/5/16384 fork VISIBILITY_MAP block 4294967294");
        final Set<Long> hashes = new HashSet<>();
        for (int block = 0; block < 100_000; block++) {
            hashes.add(BlockKey.hash(BlockKey.space(1663, 5), BlockKey.relation(16384 + block % 10, block % 3), block));
        }
        assertThat(hashes).hasSize(100_000);
    }
}
