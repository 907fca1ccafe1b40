package dev.firn.columnar.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.columnar.batch.ColumnField;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemRandom;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random schemas, rows and sizes: Parquet's own reader finds every value and every null. */
class ParquetJavaOracleTest {
    private static final int SEEDS = 40;
    private static final int MANY_SEEDS = 1_000;

    @TempDir
    Path directory;

    private final OffHeapMemory memory =
            OffHeapMemory.open(OffHeapConfig.of("oracle", 256 << 20).withChecked(false));

    @AfterEach
    void closes() {
        assertThat(memory.usage().heldBytes()).as("bytes still held").isZero();
        memory.close();
    }

    @Test
    void shouldBeReadBackWhenSchemaRowsAndSizesAreRandom() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            assertReadBack(seed);
        }
    }

    @Test
    @Tag("long")
    void shouldBeReadBackForManySeeds() throws IOException {
        for (int seed = SEEDS; seed < MANY_SEEDS; seed++) {
            assertReadBack(seed);
        }
    }

    private void assertReadBack(final int seed) throws IOException {
        final RandomGenerator random = SystemRandom.seeded(seed);
        final RandomRows generator = new RandomRows(random);
        final List<ColumnField> schema = generator.schema(1 + random.nextInt(8), random.nextBoolean());
        final int rows = random.nextInt(5) == 0 ? random.nextInt(3) : random.nextInt(9_000);
        final List<List<Object>> columns = new ArrayList<>();
        for (final ColumnField field : schema) {
            columns.add(generator.column(field, rows));
        }
        final ParquetConfig config = ParquetConfig.defaults()
                .withPages(64 * (1 + random.nextInt(60)), 512 << random.nextInt(10))
                .withRowGroupBytes(1L << (10 + random.nextInt(12)))
                .withPendingBytes(1L << (10 + random.nextInt(10)))
                .withDictionaryBytes(random.nextInt(4) == 0 ? 0 : 1 << (8 + random.nextInt(12)))
                .withZstdLevel(random.nextInt(4))
                .withReaders(random.nextBoolean() ? ReaderProfile.EVERY_ENGINE : ReaderProfile.WHOLE_FORMAT);
        final int batchRows = 1 + random.nextInt(5_000);
        final WrittenFile file = WrittenFile.of(schema, columns, batchRows, config, memory, random);
        final List<List<Object>> found = ParquetJavaFile.read(file.store(directory), schema);
        assertThat(found).as("seed %d", seed).hasSize(rows);
        for (int row = 0; row < rows; row++) {
            for (int c = 0; c < schema.size(); c++) {
                assertThat(found.get(row).get(c))
                        .as("seed %d, %s, row %d", seed, schema.get(c), row)
                        .isEqualTo(columns.get(c).get(row));
            }
        }
        assertThat(file.statistics().rows()).isEqualTo(rows);
        assertThat(file.statistics().bytes()).isEqualTo(file.bytes().length);
    }

    @Test
    void shouldGiveTheSameBytesWhateverTheSinksPace() {
        final RandomGenerator random = SystemRandom.seeded(7);
        final RandomRows generator = new RandomRows(random);
        final List<ColumnField> schema = generator.everyKind();
        final List<List<Object>> columns = new ArrayList<>();
        for (final ColumnField field : schema) {
            columns.add(generator.column(field, 3_000));
        }
        final ParquetConfig config =
                ParquetConfig.defaults().withRowGroupBytes(1 << 16).withPendingBytes(1);
        final byte[] free =
                WrittenFile.of(schema, columns, 500, config, memory, null).bytes();
        final byte[] slow = WrittenFile.of(schema, columns, 500, config, memory, SystemRandom.seeded(3))
                .bytes();
        assertThat(slow).isEqualTo(free);
    }
}
