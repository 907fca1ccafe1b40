package dev.firn.columnar.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.columnar.batch.ColumnField;
import dev.firn.columnar.batch.ColumnKind;
import dev.firn.columnar.batch.RowBatch;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.postgres.MalformedDataException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read must be what was written: written again, it is the same file. */
final class ParquetReaderTest {
    private static final int SEEDS = 8;
    private static final int DAMAGES = 120;

    @TempDir
    Path directory;

    private final OffHeapMemory memory =
            OffHeapMemory.open(OffHeapConfig.of("reader", 256 << 20).withChecked(false));

    @AfterEach
    void closes() {
        assertThat(memory.usage().heldBytes()).as("bytes still held").isZero();
        memory.close();
    }

    private static List<ColumnField> schema(final RandomRows generator) {
        final List<ColumnField> schema = new ArrayList<>(generator.everyKind());
        int id = 1000;
        for (final boolean nullable : new boolean[] {true, false}) {
            schema.add(ColumnField.list(
                    "list" + nullable, id++, nullable, ColumnField.of("element", id++, ColumnKind.STRING, nullable)));
            schema.add(ColumnField.struct(
                    "struct" + nullable,
                    id++,
                    nullable,
                    List.of(
                            ColumnField.of("a", id++, ColumnKind.BINARY, true),
                            ColumnField.of("b", id++, ColumnKind.INT64, true))));
        }
        return schema;
    }

    private static List<List<Object>> columns(
            final RandomRows generator, final List<ColumnField> schema, final int rows) {
        final List<List<Object>> columns = new ArrayList<>();
        for (final ColumnField field : schema) {
            columns.add(generator.column(field, rows));
        }
        return columns;
    }

    private byte[] copy(
            final Path file, final List<ColumnField> schema, final ParquetConfig config, final int batchRows)
            throws IOException {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        final ParquetSink sink = (bytes, offset, length) -> {
            out.writeBytes(bytes.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
            return length;
        };
        try (RowBatch batch = new RowBatch(schema, memory);
                ParquetReader reader = ParquetReader.open(file, schema);
                ParquetWriter writer = new ParquetWriter(schema, config, memory, sink, Map.of("firn.test", "yes"))) {
            while (reader.hasNext()) {
                batch.clear();
                int rows = 0;
                while (rows < batchRows && reader.hasNext()) {
                    reader.read(batch);
                    rows++;
                }
                batch.setRows(rows);
                while (!writer.write(batch)) {
                    writer.doWork();
                }
            }
            while (!writer.finish()) {
                writer.doWork();
            }
        }
        return out.toByteArray();
    }

    @Test
    void shouldReadWhatWasWritten() throws IOException {
        for (int seed = 0; seed < SEEDS; seed++) {
            final RandomGenerator random = SystemRandom.seeded(seed);
            final RandomRows generator = new RandomRows(random);
            final List<ColumnField> schema = schema(generator);
            final ParquetConfig config = ParquetConfig.defaults()
                    .withPages(64 * (1 + random.nextInt(60)), 512 << random.nextInt(10))
                    .withRowGroupBytes(1L << (10 + random.nextInt(12)))
                    .withDictionaryBytes(random.nextInt(4) == 0 ? 0 : 1 << (8 + random.nextInt(12)))
                    .withZstdLevel(random.nextInt(4))
                    .withReaders(random.nextBoolean() ? ReaderProfile.EVERY_ENGINE : ReaderProfile.WHOLE_FORMAT);
            final int batchRows = 100 + random.nextInt(2_000);
            final WrittenFile file = WrittenFile.of(
                    schema, columns(generator, schema, random.nextInt(3_000)), batchRows, config, memory, null);
            assertThat(copy(file.store(directory), schema, config, batchRows))
                    .as("seed %d", seed)
                    .isEqualTo(file.bytes());
        }
    }

    @Test
    void shouldSayWhatIsWrongWhenAFileIsDamaged() throws IOException {
        final RandomGenerator random = SystemRandom.seeded(5);
        final RandomRows generator = new RandomRows(random);
        final List<ColumnField> schema = schema(generator);
        final ParquetConfig config = ParquetConfig.defaults();
        final byte[] whole = WrittenFile.of(schema, columns(generator, schema, 60), 60, config, memory, null)
                .bytes();
        final Path file = directory.resolve("damaged.parquet");
        int refused = 0;
        for (int i = 0; i < DAMAGES; i++) {
            final byte[] damaged = whole.clone();
            if (i % 10 == 0) {
                Files.write(file, java.util.Arrays.copyOf(damaged, random.nextInt(damaged.length)));
            } else {
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
                Files.write(file, damaged);
            }
            try {
                copy(file, schema, config, 60);
            } catch (final MalformedDataException _) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(DAMAGES / 3);
    }

    @Test
    void shouldRefuseAFileOfAnotherTable() throws IOException {
        final RandomRows generator = new RandomRows(SystemRandom.seeded(1));
        final List<ColumnField> schema = List.of(ColumnField.of("a", 1, ColumnKind.INT32, true));
        final Path file = WrittenFile.of(
                        schema, columns(generator, schema, 10), 10, ParquetConfig.defaults(), memory, null)
                .store(directory);
        assertThatThrownBy(() -> ParquetReader.open(file, List.of(ColumnField.of("b", 1, ColumnKind.INT32, true))))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("its schema is not the table's: a");
        Files.writeString(file, "no Parquet file");
        assertThatThrownBy(() -> ParquetReader.open(file, schema))
                .isInstanceOf(MalformedDataException.class)
                .hasMessageContaining("is no Parquet file");
    }
}
