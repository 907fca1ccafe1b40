package dev.firn.columnar.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class ColumnVectorTest {
    private static final int ROUNDS = 200;
    private static final int LONGEST = 40;

    /** Batches of nulls leave their offsets behind for the next; those of values in between write others there, of which some are cut off again. */
    @Test
    void shouldGiveEachNullTheOffsetOfItsPlace() {
        for (int seed = 0; seed < ROUNDS; seed++) {
            final RandomGenerator random = SystemRandom.seeded(seed);
            try (OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("vectors", 64 << 20));
                    Arena arena = Arena.ofConfined();
                    RowBatch batch =
                            new RowBatch(List.of(ColumnField.of("text", 1, ColumnKind.STRING, true)), memory)) {
                final MemorySegment bytes = arena.allocate(LONGEST);
                for (int round = 0; round < 8; round++) {
                    batch.clear();
                    fill(seed, batch.column(0), random, bytes, random.nextInt(3));
                }
            }
        }
    }

    /** Values and nulls that come together, behind others, wherever in a byte of the bitmap they begin. */
    @Test
    void shouldKnowTheNullsAmongValues() {
        for (int seed = 0; seed < ROUNDS; seed++) {
            final RandomGenerator random = SystemRandom.seeded(seed);
            try (OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("vectors", 64 << 20));
                    RowBatch batch =
                            new RowBatch(List.of(ColumnField.of("number", 1, ColumnKind.INT32, true)), memory)) {
                final ColumnVector vector = batch.column(0);
                for (int round = 0; round < 4; round++) {
                    batch.clear();
                    fillTogether(seed, vector, random);
                }
            }
        }
    }

    private static void fillTogether(final int seed, final ColumnVector vector, final RandomGenerator random) {
        final List<Boolean> absent = new ArrayList<>();
        for (int step = random.nextInt(6); step >= 0; step--) {
            final int more = random.nextInt(step == 0 ? 1_500 : 30);
            final int skipped = random.nextInt(3);
            final int[] places = new int[skipped + more];
            final int share = random.nextInt(4);
            int nulls = 0;
            for (int i = 0; i < more; i++) {
                final boolean isNull = random.nextInt(4) < share;
                places[skipped + i] = isNull ? -1 : random.nextInt(Integer.MAX_VALUE);
                nulls += isNull ? 1 : 0;
                absent.add(isNull);
            }
            vector.commit(more, vector.reserve(more), nulls, places, skipped);
            if (random.nextBoolean()) {
                vector.appendInt(1);
                absent.add(false);
            } else {
                vector.appendNulls(3);
                absent.addAll(List.of(true, true, true));
            }
        }
        assertThat(vector.count()).isEqualTo(absent.size());
        int nulls = 0;
        for (int i = 0; i < absent.size(); i++) {
            nulls += absent.get(i) ? 1 : 0;
            assertThat(vector.isNull(i))
                    .as("seed %d, value %d of %d", seed, i, absent.size())
                    .isEqualTo(absent.get(i));
        }
        assertThat(vector.nullCount()).isEqualTo(nulls);
    }

    private static void fill(
            final int seed,
            final ColumnVector vector,
            final RandomGenerator random,
            final MemorySegment bytes,
            final int kind) {
        final List<Integer> lengths = new ArrayList<>();
        for (int step = random.nextInt(6); step >= 0; step--) {
            if (kind > 0 && random.nextInt(3) > 0) {
                final int length = random.nextInt(LONGEST);
                vector.appendBytes(bytes, 0, length);
                lengths.add(length);
            } else if (kind > 1 && random.nextBoolean()) {
                final int kept = random.nextInt(lengths.size() + 1);
                vector.cut(kept);
                lengths.subList(kept, lengths.size()).clear();
            } else {
                final int nulls = random.nextInt(1_500);
                vector.appendNulls(nulls);
                for (int i = 0; i < nulls; i++) {
                    lengths.add(0);
                }
            }
        }
        assertThat(vector.count()).isEqualTo(lengths.size());
        int end = 0;
        for (int i = 0; i < lengths.size(); i++) {
            end += lengths.get(i);
            assertThat(LittleEndian.getInt(vector.offsets(), (i + 1L) * Integer.BYTES))
                    .as("seed %d, value %d of %d", seed, i, lengths.size())
                    .isEqualTo(end);
        }
    }
}
