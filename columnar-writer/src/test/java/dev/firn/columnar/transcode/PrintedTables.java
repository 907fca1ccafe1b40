package dev.firn.columnar.transcode;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What Postgres prints of a database's tables: of each its rows by ctid, each column as its output function has it, null for null. */
final class PrintedTables {
    /** As the lake's canonical text is: docs/types.md. */
    private static final String CANONICAL =
            "SET lock_timeout = '10s'; SET timezone = 'UTC'; SET datestyle = 'ISO'; SET intervalstyle = 'postgres';"
                    + " SET extra_float_digits = 1; SET bytea_output = 'hex'; SET lc_monetary = 'C'";

    private static final String TABLES = "SELECT c.oid, nspname, relname FROM pg_class c JOIN pg_namespace n"
            + " ON n.oid = relnamespace WHERE relkind IN ('r', 'm') AND relpersistence = 'p'"
            + " AND nspname !~ '^pg_|^information_schema$' ORDER BY c.oid";

    private final Map<TableName, Map<String, List<String>>> tables = new TreeMap<>();

    /** As the catalogs have them, not quoted. */
    record TableName(String schema, String table) implements Comparable<TableName> {
        @Override
        public int compareTo(final TableName other) {
            return toString().compareTo(other.toString());
        }
    }

    /** Takes down all tables that are in the WAL. */
    static PrintedTables of(final Connection connection) throws SQLException {
        final PrintedTables printed = new PrintedTables();
        try (Statement statement = connection.createStatement()) {
            statement.execute(CANONICAL);
            final Map<Integer, TableName> names = new TreeMap<>();
            try (ResultSet found = statement.executeQuery(TABLES)) {
                while (found.next()) {
                    names.put(found.getInt(1), new TableName(found.getString(2), found.getString(3)));
                }
            }
            for (final Map.Entry<Integer, TableName> table : names.entrySet()) {
                printed.tables.put(table.getValue(), rows(statement, table.getKey()));
            }
        }
        return printed;
    }

    private static Map<String, List<String>> rows(final Statement statement, final int oid) throws SQLException {
        final StringBuilder sql = new StringBuilder("SELECT ctid::text");
        try (ResultSet found = statement.executeQuery("SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = "
                + oid + " AND attnum > 0 AND NOT attisdropped ORDER BY attnum")) {
            while (found.next()) {
                // A composite of nulls alone IS NULL, too, but it is a value.
                sql.append(", CASE WHEN num_nulls(")
                        .append(found.getString(1))
                        .append(") = 0 THEN format('%s', ")
                        .append(found.getString(1))
                        .append(") END");
            }
        }
        try (ResultSet found = statement.executeQuery("SELECT " + oid + "::regclass")) {
            found.next();
            sql.append(" FROM ONLY ").append(found.getString(1));
        }
        final Map<String, List<String>> rows = new HashMap<>();
        try (ResultSet found = statement.executeQuery(sql.toString())) {
            final int columns = found.getMetaData().getColumnCount();
            while (found.next()) {
                final List<String> row = new ArrayList<>();
                for (int i = 2; i <= columns; i++) {
                    row.add(found.getString(i));
                }
                rows.put(found.getString(1), row);
            }
        }
        return rows;
    }

    Map<TableName, Map<String, List<String>>> tables() {
        return tables;
    }
}
