package dev.firn.columnar.parquet;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.firn.columnar.batch.ColumnField;
import dev.firn.columnar.batch.ColumnKind;
import dev.firn.columnar.batch.ColumnVector;
import dev.firn.columnar.batch.RowBatch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Random schemas and rows. A value is what the test expects to read back: Boolean, Integer, Long, raw bits of floats as Integer and Long, BigDecimal,
 * String, ByteBuffer for bytes, List for lists, structs and, as lists of two, the entries of maps.
 */
final class RandomRows {
    private static final ColumnKind[] LEAVES = {
        ColumnKind.BOOLEAN,
        ColumnKind.INT32,
        ColumnKind.INT64,
        ColumnKind.FLOAT,
        ColumnKind.DOUBLE,
        ColumnKind.DECIMAL,
        ColumnKind.DATE,
        ColumnKind.TIME_MICROS,
        ColumnKind.TIMESTAMP_MICROS,
        ColumnKind.TIMESTAMP_UTC_MICROS,
        ColumnKind.UUID,
        ColumnKind.STRING,
        ColumnKind.BINARY,
        ColumnKind.FIXED
    };
    private static final long DAY_MICROS = 86_400_000_000L;
    private static final int SHAPES = 5;

    private final RandomGenerator random;
    private int nextId = 1;

    RandomRows(final RandomGenerator random) {
        this.random = random;
    }

    List<ColumnField> schema(final int columns, final boolean nested) {
        final List<ColumnField> schema = new ArrayList<>();
        for (int i = 0; i < columns; i++) {
            schema.add(field("c" + i, nested ? 2 : 0, random.nextInt(3) != 0));
        }
        return schema;
    }

    /** Every kind once, nullable and not. */
    List<ColumnField> everyKind() {
        final List<ColumnField> schema = new ArrayList<>();
        for (final ColumnKind kind : LEAVES) {
            schema.add(leaf(kind.name().toLowerCase(java.util.Locale.ROOT), kind, true));
            schema.add(leaf(kind.name().toLowerCase(java.util.Locale.ROOT) + "_required", kind, false));
        }
        return schema;
    }

    private ColumnField field(final String name, final int depth, final boolean nullable) {
        final int shape = depth == 0 ? 0 : random.nextInt(6);
        final int id = nextId++;
        return switch (shape) {
            case 3 -> ColumnField.list(name, id, nullable, field("element", depth - 1, random.nextBoolean()));
            case 4 -> {
                final List<ColumnField> fields = new ArrayList<>();
                for (int i = 0; i <= random.nextInt(3); i++) {
                    fields.add(field("f" + i, depth - 1, random.nextBoolean()));
                }
                yield ColumnField.struct(name, id, nullable, fields);
            }
            case 5 ->
                ColumnField.map(
                        name,
                        id,
                        nullable,
                        leaf("key", ColumnKind.STRING, false),
                        field("value", depth - 1, random.nextBoolean()));
            default -> leaf(name, LEAVES[random.nextInt(LEAVES.length)], nullable);
        };
    }

    private ColumnField leaf(final String name, final ColumnKind kind, final boolean nullable) {
        final int id = nextId++;
        return switch (kind) {
            case DECIMAL -> {
                final int precision = 1 + random.nextInt(38);
                yield ColumnField.decimal(name, id, nullable, precision, random.nextInt(precision + 1));
            }
            case FIXED -> ColumnField.fixed(name, id, nullable, 1 + random.nextInt(20));
            default -> ColumnField.of(name, id, kind, nullable);
        };
    }

    /** A column's values: of one shape, so that every encoding gets its turn. */
    List<Object> column(final ColumnField field, final int rows) {
        final List<Object> values = new ArrayList<>();
        final int shape = random.nextInt(SHAPES);
        final double nulls = field.nullable() ? new double[] {0, 0.02, 0.5, 1}[random.nextInt(4)] : 0;
        Object before = null;
        for (int i = 0; i < rows; i++) {
            if (random.nextDouble() < nulls) {
                values.add(null);
            } else if (shape == 0 && before != null && random.nextInt(20) != 0) {
                values.add(before);
            } else {
                before = value(field, shape, i);
                values.add(before);
            }
        }
        return values;
    }

    private Object value(final ColumnField field, final int shape, final int row) {
        return switch (field.kind()) {
            case LIST -> column(field.children().getFirst(), random.nextInt(4));
            case STRUCT -> {
                final List<Object> struct = new ArrayList<>();
                for (final ColumnField child : field.children()) {
                    struct.add(column(child, 1).getFirst());
                }
                yield struct;
            }
            case MAP -> {
                final List<Object> entries = new ArrayList<>();
                for (int i = 0; i < random.nextInt(4); i++) {
                    entries.add(java.util.Arrays.asList(
                            "k" + i, column(field.children().getLast(), 1).getFirst()));
                }
                yield entries;
            }
            default -> leafValue(field, shape, row);
        };
    }

    private Object leafValue(final ColumnField field, final int shape, final int row) {
        return switch (field.kind()) {
            case BOOLEAN -> random.nextInt(shape + 2) == 0;
            case INT32 -> (int) number(shape, row);
            case INT64 -> number(shape, row);
            case FLOAT ->
                shape == 3
                        ? new int[] {0x7FC0_0001, 0xFFC1_2345, 0x8000_0000, 0, 0x7F80_0000, 0xFF80_0000}
                                [random.nextInt(6)]
                        : Float.floatToRawIntBits(random.nextInt(1 << (shape * 4 + 1)) / 8f);
            case DOUBLE ->
                shape == 3
                        ? new long[] {0x7FF8_0000_0000_0001L, 0xFFF9_1234_5678_9ABCL, Long.MIN_VALUE, 0}
                                [random.nextInt(4)]
                        : Double.doubleToRawLongBits(random.nextInt(1 << (shape * 4 + 1)) / 8.0);
            case DECIMAL -> {
                final BigInteger limit = BigInteger.TEN.pow(field.precision()).subtract(BigInteger.ONE);
                final BigInteger unscaled = switch (shape) {
                    case 1 -> limit;
                    case 2 -> limit.negate();
                    case 3 -> BigInteger.valueOf(random.nextInt(10));
                    default -> new BigInteger(1, bytes(16).array()).mod(limit);
                };
                yield new BigDecimal(random.nextBoolean() ? unscaled : unscaled.negate(), field.scale());
            }
            case DATE -> random.nextInt(200_000) - 100_000;
            case TIME_MICROS -> Math.floorMod(number(shape, row), DAY_MICROS);
            case TIMESTAMP_MICROS, TIMESTAMP_UTC_MICROS -> number(shape, row) % (DAY_MICROS * 3_000_000);
            case UUID -> bytes(16);
            case FIXED -> bytes(field.precision());
            case BINARY -> bytes(shape == 1 ? random.nextInt(200) : random.nextInt(10));
            default ->
                switch (shape) {
                    case 1 -> "https://firn.dev/path/" + row;
                    case 2 -> "\u00E4\uD83C\uDFD4".repeat(random.nextInt(40));
                    case 3 -> "level" + random.nextInt(4);
                    default -> Long.toString(random.nextLong(), 36);
                };
        };
    }

    private long number(final int shape, final int row) {
        return switch (shape) {
            case 1 -> row * 10L + random.nextInt(5);
            case 2 -> random.nextLong();
            case 3 -> random.nextInt(4) == 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
            default -> random.nextInt(1000);
        };
    }

    private ByteBuffer bytes(final int length) {
        final byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    /** Puts rows {@code first} to {@code end} of the columns into a batch. */
    static void fill(final RowBatch batch, final List<List<Object>> columns, final int first, final int end) {
        batch.clear();
        for (int c = 0; c < columns.size(); c++) {
            for (int row = first; row < end; row++) {
                append(batch.column(c), columns.get(c).get(row));
            }
        }
        batch.setRows(end - first);
    }

    private static void append(final ColumnVector vector, final Object value) {
        if (value == null) {
            vector.appendNull();
            return;
        }
        switch (vector.field().kind()) {
            case BOOLEAN -> vector.appendBoolean((Boolean) value);
            case INT32, DATE -> vector.appendInt((Integer) value);
            case FLOAT -> vector.appendFloatBits((Integer) value);
            case INT64, TIME_MICROS, TIMESTAMP_MICROS, TIMESTAMP_UTC_MICROS -> vector.appendLong((Long) value);
            case DOUBLE -> vector.appendDoubleBits((Long) value);
            case DECIMAL -> appendDecimal(vector, ((BigDecimal) value).unscaledValue());
            case UUID, FIXED -> vector.appendFixed(nativeBytes(((ByteBuffer) value).array()), 0);
            case STRING -> appendBytes(vector, ((String) value).getBytes(StandardCharsets.UTF_8));
            case BINARY -> appendBytes(vector, ((ByteBuffer) value).array());
            case LIST -> {
                ((List<?>) value).forEach(element -> append(vector.child(0), element));
                vector.endList();
            }
            case STRUCT -> {
                for (int i = 0; i < ((List<?>) value).size(); i++) {
                    append(vector.child(i), ((List<?>) value).get(i));
                }
                vector.endStruct();
            }
            case MAP -> {
                for (final Object entry : (List<?>) value) {
                    append(vector.child(0), ((List<?>) entry).get(0));
                    append(vector.child(1), ((List<?>) entry).get(1));
                }
                vector.endList();
            }
        }
    }

    private static void appendDecimal(final ColumnVector vector, final BigInteger unscaled) {
        switch (vector.field().vectorWidth()) {
            case Integer.BYTES -> vector.appendInt(unscaled.intValueExact());
            case Long.BYTES -> vector.appendLong(unscaled.longValueExact());
            default ->
                vector.appendDecimal(
                        unscaled.longValue(), unscaled.shiftRight(Long.SIZE).longValue());
        }
    }

    private static void appendBytes(final ColumnVector vector, final byte[] bytes) {
        vector.appendBytes(nativeBytes(bytes), 0, bytes.length);
    }

    private static MemorySegment nativeBytes(final byte[] bytes) {
        return MemorySegment.ofArray(bytes);
    }

    static byte[] bytesOf(final MemorySegment segment) {
        return segment.toArray((ValueLayout.OfByte) JAVA_BYTE);
    }
}
