package dev.firn.postgres.redo.spgist;

import static dev.firn.postgres.redo.spgist.SpgistPages.dead;
import static dev.firn.postgres.redo.spgist.SpgistPages.inner;
import static dev.firn.postgres.redo.spgist.SpgistPages.leaf;
import static dev.firn.postgres.redo.spgist.SpgistPages.page;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.postgres.redo.RecordBytes;
import dev.firn.postgres.redo.RedoException;
import dev.firn.postgres.redo.RedoFixture;
import dev.firn.postgres.redo.RedoOutcome;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.ResourceManager;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever the bytes of record and page: redo ends, stays within the page, and fails with an error that names both. */
class SpgistRedoFuzzTest {
    private static final long SEED = 88;
    private static final int RECORDS = 400;
    private static final int PAGES_PER_RECORD = 20;
    private static final int BLOCKS = 4;

    private static RecordBytes main(final int operation, final RandomGenerator random) {
        final RecordBytes main = new RecordBytes();
        switch (operation) {
            case 0x10 -> main.u8(0).u8(0).u16s(2, 1, 1, 0).raw(leaf(0, 5));
            case 0x20 ->
                main.u16(2)
                        .u8(0)
                        .u8(0)
                        .u8(0)
                        .u8(0)
                        .u16s(1, 0, 0)
                        .u32(9)
                        .u32(0)
                        .u16s(1, 3, 2, 8, 9)
                        .raw(leaf(8, 5))
                        .raw(leaf(9, 6))
                        .raw(leaf(0, 7));
            case 0x30 ->
                main.u16s(7, 2)
                        .u8(0)
                        .u8(random.nextInt(4) - 1)
                        .u16s(7, 0, 0)
                        .u32(9)
                        .u32(0)
                        .raw(inner(2, 8));
            case 0x40 ->
                main.u16s(7, 2).u8(0).u8(random.nextInt(2)).raw(inner(1, 8)).raw(inner(2, 0));
            case 0x50 ->
                main.u16s(0, 2, 2, 0, 2)
                        .u8(0)
                        .u8(0)
                        .u8(1)
                        .u8(0)
                        .u16s(7, 0, 0)
                        .u32(9)
                        .u32(0)
                        .u16s(1, 3)
                        .u16s(1, 2)
                        .u8(0)
                        .u8(1)
                        .raw(inner(2, 8))
                        .raw(leaf(0, 5))
                        .raw(leaf(0, 6));
            case 0x60 -> main.u16s(1, 1, 1, 1).u32(9).u32(0).u16s(1, 3, 5, 4, 5, 6);
            case 0x70 -> main.u16s(3, 0).u32(9).u32(0).u16s(1, 3, 4);
            default -> main.u16s(1, 0).u32(9).u16s(6, 6);
        }
        return main;
    }

    @ParameterizedTest
    @EnumSource(PostgresVersion.class)
    void shouldFailClearlyWhateverTheBytes(final PostgresVersion version) {
        final SplittableRandom random = new SplittableRandom(SEED);
        final Map<RedoOutcome, Integer> outcomes = new EnumMap<>(RedoOutcome.class);
        int failures = 0;
        try (RedoFixture fixture = new RedoFixture(version)) {
            final byte[] sane = page(
                            fixture,
                            SpgistPage.LEAF,
                            leaf(0, 1),
                            dead(SpgistPage.PLACEHOLDER),
                            leaf(0, 3),
                            leaf(0, 4),
                            leaf(0, 5),
                            dead(SpgistPage.REDIRECT),
                            inner(3, 8))
                    .toArray(ValueLayout.JAVA_BYTE);
            final MemorySegment page = fixture.newPage();
            for (int i = 0; i < RECORDS; i++) {
                final int operation = random.nextInt(1, 9) << 4;
                final RedoFixture.Draft draft =
                        fixture.record(ResourceManager.SPGIST, operation).main(main(operation, random));
                for (int block = 0; block < BLOCKS; block++) {
                    draft.block(block, 40 + block);
                }
                draft.mutate(random.nextInt(5), random);
                for (int j = 0; j < PAGES_PER_RECORD; j++) {
                    MemorySegment.copy(sane, 0, page, ValueLayout.JAVA_BYTE, 0, sane.length);
                    RedoFixture.mutate(page, random.nextInt(6), random);
                    final int block = j % BLOCKS;
                    try {
                        outcomes.merge(fixture.apply(block, page), 1, Integer::sum);
                    } catch (final RedoException e) {
                        failures++;
                        assertThat(e.getMessage())
                                .as("seed %d, record %d, page %d", SEED, i, j)
                                .contains("relation 1663/5/16384 fork MAIN block " + (40 + block));
                    }
                }
            }
        }
        assertThat(outcomes.get(RedoOutcome.APPLIED))
                .as("changed pages, seed %d", SEED)
                .isPositive();
        assertThat(failures).as("failures, seed %d", SEED).isPositive();
    }
}
