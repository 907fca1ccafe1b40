package dev.firn.columnar.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.columnar.batch.ColumnField;
import dev.firn.columnar.batch.ColumnKind;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemRandom;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Arrow's C++ library, as which pandas, Polars' and R's readers read Parquet, finds every value of every kind, plain and nested. */
@Timeout(120)
class ArrowOracleTest {
    private static final int SEEDS = 6;
    private static final int ROWS = 3_000;
    private static final int LIMIT_SECONDS = 60;

    @TempDir
    Path directory;

    private final OffHeapMemory memory =
            OffHeapMemory.open(OffHeapConfig.of("arrow", 256 << 20).withChecked(false));

    @AfterEach
    void closes() {
        memory.close();
    }

    @Test
    void shouldFindEveryValueOfEveryKind() throws Exception {
        for (int seed = 0; seed < SEEDS; seed++) {
            final RandomGenerator random = SystemRandom.seeded(seed);
            final RandomRows generator = new RandomRows(random);
            final List<ColumnField> schema = seed % 2 == 0 ? generator.everyKind() : generator.schema(8, true);
            final List<List<Object>> columns = new ArrayList<>();
            for (final ColumnField field : schema) {
                columns.add(generator.column(field, ROWS));
            }
            final ParquetConfig config = ParquetConfig.defaults()
                    .withPages(64 * (1 + random.nextInt(20)), 1 << 16)
                    .withRowGroupBytes(1 << 17)
                    .withReaders(seed % 3 == 0 ? ReaderProfile.WHOLE_FORMAT : ReaderProfile.EVERY_ENGINE);
            final Path file = WrittenFile.of(schema, columns, 1 + random.nextInt(ROWS), config, memory, random)
                    .store(directory);
            final List<String> read = read(file);
            assertThat(read).as("seed %d", seed).hasSize(ROWS);
            for (int row = 0; row < ROWS; row++) {
                final StringJoiner expected = new StringJoiner(" ");
                for (int c = 0; c < schema.size(); c++) {
                    expected.add(text(columns.get(c).get(row), schema.get(c)));
                }
                assertThat(read.get(row))
                        .as("seed %d, row %d of %s", seed, row, schema)
                        .isEqualTo(expected.toString());
            }
        }
    }

    private static String text(final Object value, final ColumnField field) {
        return switch (value) {
            case null -> "null";
            case BigDecimal decimal -> decimal.setScale(field.scale()).toPlainString();
            case String text -> HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8)) + ".";
            case ByteBuffer bytes -> HexFormat.of().formatHex(bytes.array()) + ".";
            case List<?> list -> {
                final StringJoiner elements = new StringJoiner(",", "[", "]");
                for (int i = 0; i < list.size(); i++) {
                    elements.add(text(list.get(i), child(field, i)));
                }
                yield elements.toString();
            }
            default -> value.toString();
        };
    }

    /** A map's entry is a list of two, as a struct is one of its fields. */
    private static ColumnField child(final ColumnField field, final int index) {
        if (field.kind() == ColumnKind.MAP) {
            return ColumnField.struct("entry", 0, false, field.children());
        }
        return field.children().get(field.kind() == ColumnKind.LIST ? 0 : index);
    }

    private List<String> read(final Path file) throws IOException, InterruptedException {
        final Path out = directory.resolve("arrow.out");
        final Path err = directory.resolve("arrow.err");
        final Process process = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "--add-opens=java.base/java.nio=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ArrowRows.class.getName(),
                        file.toString())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        assertThat(process.exitValue()).as(Files.readString(err)).isZero();
        try (Stream<String> lines = Files.lines(out)) {
            return lines.toList();
        }
    }
}
