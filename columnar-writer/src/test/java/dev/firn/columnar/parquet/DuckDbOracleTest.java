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
import java.nio.file.Path;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Struct;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.StringJoiner;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A reader in another language finds every value of every kind. */
class DuckDbOracleTest {
    private static final int SEEDS = 6;
    private static final int ROWS = 3_000;

    @TempDir
    Path directory;

    private final OffHeapMemory memory =
            OffHeapMemory.open(OffHeapConfig.of("duckdb", 256 << 20).withChecked(false));

    @AfterEach
    void closes() {
        memory.close();
    }

    @Test
    void shouldFindEveryValueOfEveryKind() throws IOException, SQLException {
        for (int seed = 0; seed < SEEDS; seed++) {
            final RandomGenerator random = SystemRandom.seeded(seed);
            final RandomRows generator = new RandomRows(random);
            final List<ColumnField> schema = generator.everyKind();
            final List<List<Object>> columns = new ArrayList<>();
            final StringJoiner selected = new StringJoiner(", ");
            for (final ColumnField field : schema) {
                columns.add(generator.column(field, ROWS));
                selected.add(expression(field));
            }
            final ParquetConfig config = ParquetConfig.defaults()
                    .withPages(64 * (1 + random.nextInt(20)), 1 << 16)
                    .withRowGroupBytes(1 << 17)
                    .withReaders(seed % 2 == 0 ? ReaderProfile.EVERY_ENGINE : ReaderProfile.WHOLE_FORMAT);
            final Path file = WrittenFile.of(schema, columns, 1 + random.nextInt(ROWS), config, memory, random)
                    .store(directory);
            try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                    Statement statement = connection.createStatement();
                    ResultSet found =
                            statement.executeQuery("SELECT " + selected + " FROM read_parquet('" + file + "')")) {
                for (int row = 0; row < ROWS; row++) {
                    assertThat(found.next()).as("seed %d, row %d", seed, row).isTrue();
                    for (int c = 0; c < schema.size(); c++) {
                        assertThat(value(found, c + 1, schema.get(c)))
                                .as("seed %d, %s, row %d", seed, schema.get(c), row)
                                .isEqualTo(expected(columns.get(c).get(row), schema.get(c)));
                    }
                }
                assertThat(found.next()).isFalse();
            }
        }
    }

    /** Times and bytes as numbers and text, which every driver gives exactly. */
    private static String expression(final ColumnField field) {
        final String name = '"' + field.name() + '"';
        return switch (field.kind()) {
            case DATE -> "date_diff('day', DATE '1970-01-01', " + name + ")";
            case TIME_MICROS, TIMESTAMP_MICROS, TIMESTAMP_UTC_MICROS -> "epoch_us(" + name + ")";
            case BINARY, FIXED -> "hex(" + name + ")";
            case UUID, DECIMAL -> "CAST(" + name + " AS VARCHAR)";
            default -> name;
        };
    }

    private static Object value(final ResultSet found, final int at, final ColumnField field) throws SQLException {
        if (found.getObject(at) == null) {
            return null;
        }
        return switch (field.kind()) {
            case BOOLEAN -> found.getBoolean(at);
            case INT32 -> found.getInt(at);
            case FLOAT -> Float.floatToRawIntBits(found.getFloat(at));
            case DOUBLE -> Double.doubleToRawLongBits(found.getDouble(at));
            case INT64, DATE, TIME_MICROS, TIMESTAMP_MICROS, TIMESTAMP_UTC_MICROS -> found.getLong(at);
            case DECIMAL -> new BigDecimal(found.getString(at));
            default -> found.getString(at);
        };
    }

    private static Object expected(final Object value, final ColumnField field) {
        if (value == null) {
            return null;
        }
        return switch (field.kind()) {
            case DATE -> (long) (Integer) value;
            case BINARY, FIXED -> HexFormat.of().withUpperCase().formatHex(((ByteBuffer) value).array());
            case UUID -> {
                final ByteBuffer bytes = ((ByteBuffer) value).duplicate();
                yield new java.util.UUID(bytes.getLong(), bytes.getLong()).toString();
            }
            default -> value;
        };
    }

    @Test
    void shouldFindListsAndStructs() throws IOException, SQLException {
        final List<ColumnField> schema = List.of(
                ColumnField.list("numbers", 1, true, ColumnField.of("element", 2, ColumnKind.INT32, true)),
                ColumnField.list(
                        "texts",
                        3,
                        true,
                        ColumnField.list("element", 4, true, ColumnField.of("element", 5, ColumnKind.STRING, true))),
                ColumnField.struct(
                        "pair",
                        6,
                        true,
                        List.of(
                                ColumnField.of("a", 7, ColumnKind.INT64, true),
                                ColumnField.list(
                                        "b", 8, true, ColumnField.of("element", 9, ColumnKind.STRING, false)))));
        for (int seed = 0; seed < SEEDS; seed++) {
            final RandomGenerator random = SystemRandom.seeded(seed);
            final RandomRows generator = new RandomRows(random);
            final List<List<Object>> columns = new ArrayList<>();
            for (final ColumnField field : schema) {
                columns.add(generator.column(field, ROWS));
            }
            final Path file = WrittenFile.of(
                            schema, columns, 700, ParquetConfig.defaults().withPages(128, 4096), memory, random)
                    .store(directory);
            try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                    Statement statement = connection.createStatement();
                    ResultSet found = statement.executeQuery("SELECT * FROM read_parquet('" + file + "')")) {
                for (int row = 0; row < ROWS; row++) {
                    assertThat(found.next()).isTrue();
                    for (int c = 0; c < schema.size(); c++) {
                        assertThat(plain(found.getObject(c + 1)))
                                .as("seed %d, %s, row %d", seed, schema.get(c).name(), row)
                                .isEqualTo(columns.get(c).get(row));
                    }
                }
            }
        }
    }

    private static Object plain(final Object value) throws SQLException {
        return switch (value) {
            case Array array -> plain(Arrays.asList((Object[]) array.getArray()));
            case Struct struct -> plain(Arrays.asList(struct.getAttributes()));
            case List<?> list -> {
                final List<Object> elements = new ArrayList<>();
                for (final Object element : list) {
                    elements.add(plain(element));
                }
                yield elements;
            }
            case null -> null;
            default -> value;
        };
    }
}
