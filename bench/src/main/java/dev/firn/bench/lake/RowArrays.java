package dev.firn.bench.lake;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.StringJoiner;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A table's rows in arrays, column by column: what a writer that is fed rows finds them in fastest. */
final class RowArrays {
    private static final Pattern DECIMAL = Pattern.compile("DECIMAL\\((\\d+),\\s*(\\d+)\\)");
    private static final int UUID_BYTES = 16;

    private final int rows;
    private final List<Column> columns;

    private RowArrays(final int rows, final List<Column> columns) {
        this.rows = rows;
        this.columns = columns;
    }

    /** What a value is in Parquet. */
    enum Kind {
        BOOLEAN,
        INT,
        LONG,
        DOUBLE,
        DATE,
        TIMESTAMP,
        DECIMAL,
        TEXT,
        UUID
    }

    /** A column: of the arrays one is there, and it has a slot for each row. */
    static final class Column {
        private final String name;
        private final Kind kind;
        private final int precision;
        private final int scale;
        private final BitSet nulls = new BitSet();
        private long[] numbers;
        private double[] doubles;
        private byte[][] bytes;

        private Column(final String name, final Kind kind, final int precision, final int scale) {
            this.name = name;
            this.kind = kind;
            this.precision = precision;
            this.scale = scale;
        }

        String name() {
            return name;
        }

        Kind kind() {
            return kind;
        }

        int precision() {
            return precision;
        }

        int scale() {
            return scale;
        }

        boolean isNull(final int row) {
            return nulls.get(row);
        }

        long number(final int row) {
            return numbers[row];
        }

        double decimal(final int row) {
            return doubles[row];
        }

        byte[] bytes(final int row) {
            return bytes[row];
        }

        private void allocate(final int rows) {
            switch (kind) {
                case DOUBLE -> doubles = new double[rows];
                case TEXT, UUID -> bytes = new byte[rows][];
                default -> numbers = new long[rows];
            }
        }

        /** The value as a number where it is one. */
        private String expression() {
            return switch (kind) {
                case DATE -> "CAST(" + name + " - DATE '1970-01-01' AS INTEGER)";
                case TIMESTAMP -> "epoch_us(" + name + ")";
                case DECIMAL -> "CAST(" + name + " * " + (long) Math.pow(10, scale) + " AS BIGINT)";
                default -> name;
            };
        }

        private void read(final ResultSet result, final int index, final int row) throws SQLException {
            switch (kind) {
                case BOOLEAN -> numbers[row] = result.getBoolean(index) ? 1 : 0;
                case DOUBLE -> doubles[row] = result.getDouble(index);
                case TEXT -> {
                    final String text = result.getString(index);
                    bytes[row] = text == null ? null : text.getBytes(StandardCharsets.UTF_8);
                }
                case UUID -> {
                    final UUID uuid = (UUID) result.getObject(index);
                    bytes[row] = uuid == null
                            ? null
                            : ByteBuffer.allocate(UUID_BYTES)
                                    .putLong(uuid.getMostSignificantBits())
                                    .putLong(uuid.getLeastSignificantBits())
                                    .array();
                }
                default -> numbers[row] = result.getLong(index);
            }
            if (result.wasNull()) {
                nulls.set(row);
            }
        }
    }

    int rows() {
        return rows;
    }

    List<Column> columns() {
        return columns;
    }

    /** The columns of a table of DuckDB, without values. */
    static List<Column> columns(final Connection connection, final String table) throws SQLException {
        final List<Column> columns = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet described = statement.executeQuery("DESCRIBE " + table)) {
            while (described.next()) {
                columns.add(column(described.getString(1), described.getString(2)));
            }
        }
        return columns;
    }

    private static Column column(final String name, final String type) {
        final Matcher decimal = DECIMAL.matcher(type);
        if (decimal.matches()) {
            return new Column(
                    name, Kind.DECIMAL, Integer.parseInt(decimal.group(1)), Integer.parseInt(decimal.group(2)));
        }
        return new Column(
                name,
                switch (type) {
                    case "BOOLEAN" -> Kind.BOOLEAN;
                    case "SMALLINT", "INTEGER" -> Kind.INT;
                    case "BIGINT" -> Kind.LONG;
                    case "DOUBLE" -> Kind.DOUBLE;
                    case "DATE" -> Kind.DATE;
                    case "TIMESTAMP WITH TIME ZONE" -> Kind.TIMESTAMP;
                    case "UUID" -> Kind.UUID;
                    case "VARCHAR" -> Kind.TEXT;
                    default -> throw new IllegalArgumentException("column " + name + " of type " + type);
                },
                0,
                0);
    }

    static RowArrays read(final Connection connection, final String table, final int rows) throws SQLException {
        final List<Column> columns = columns(connection, table);
        final StringJoiner select = new StringJoiner(", ", "SELECT ", " FROM " + table);
        columns.forEach(column -> {
            column.allocate(rows);
            select.add(column.expression());
        });
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(select.toString())) {
            for (int row = 0; result.next(); row++) {
                for (int i = 0; i < columns.size(); i++) {
                    columns.get(i).read(result, i + 1, row);
                }
            }
        }
        return new RowArrays(rows, columns);
    }
}
