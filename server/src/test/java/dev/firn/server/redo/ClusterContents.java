package dev.firn.server.redo;

import dev.firn.compute.instance.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What sessions see in a running cluster. */
public final class ClusterContents {
    /** Kind of relation, access method, and the file, of all that have one. */
    private static final String RELATIONS =
            "SELECT pg_relation_filepath(c.oid), CASE WHEN relkind = 'i' THEN amname ELSE"
                    + " relkind::text END FROM pg_class c LEFT JOIN pg_am a ON a.oid = relam"
                    + " WHERE pg_relation_filepath(c.oid) IS NOT NULL";

    /** Unlogged relations are empty after a replay, and sequences ahead of the primary's; TOAST is read with its rows. */
    private static final String TABLES = "SELECT c.oid::regclass::text FROM pg_class c WHERE relkind IN ('r', 'm')"
            + " AND relpersistence = 'p' ORDER BY 1";

    private static final String ROWS =
            "SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '')) || ' ' || count(*) FROM %s t";

    private ClusterContents() {}

    /** A checksum of the rows of each table, system catalogs included, by database and name. */
    public static Map<String, String> rows(final PostgresServer server) throws SQLException {
        final Map<String, String> rows = new TreeMap<>();
        for (final String database : databases(server)) {
            try (Connection connection = connect(server, database)) {
                for (final List<String> table : query(connection, TABLES)) {
                    final String name = table.getFirst();
                    rows.put(
                            database + ": " + name,
                            query(connection, ROWS.formatted(name)).getFirst().getFirst());
                }
            }
        }
        return rows;
    }

    /** What relations are by their main fork's path: an index's access method, or the letter of the kind that pg_class has. */
    static Map<String, String> kinds(final PostgresServer server) throws SQLException {
        final Map<String, String> kinds = new TreeMap<>();
        for (final String database : databases(server)) {
            try (Connection connection = connect(server, database)) {
                for (final List<String> row : query(connection, RELATIONS)) {
                    kinds.put(row.getFirst(), row.getLast());
                }
            }
        }
        return kinds;
    }

    /**
     * What Postgres' own checker finds in all tables and B-trees; null when this Postgres comes without it. Prepared transactions
     * hold locks that it wants: they are rolled back.
     */
    public static List<String> corruption(final PostgresServer server) throws SQLException {
        for (final List<String> row : server.query("SELECT gid, database FROM pg_prepared_xacts")) {
            try (Connection connection = connect(server, row.getLast())) {
                execute(connection, "ROLLBACK PREPARED '" + row.getFirst() + "'");
            }
        }
        final List<String> found = new ArrayList<>();
        for (final String database : databases(server)) {
            try (Connection connection = connect(server, database)) {
                if (query(connection, "SELECT FROM pg_available_extensions WHERE name = 'amcheck'")
                        .isEmpty()) {
                    return null;
                }
                execute(connection, "CREATE EXTENSION amcheck");
                for (final List<String> row : query(
                        connection,
                        "SELECT c.oid::regclass, v.blkno, v.offnum, v.msg FROM pg_class c,"
                                + " LATERAL verify_heapam(c.oid) v WHERE relkind IN ('r', 'm', 't') AND relpersistence = 'p'")) {
                    found.add(database + ": " + row);
                }
                for (final List<String> row : query(
                        connection,
                        "SELECT c.oid::regclass FROM pg_class c JOIN pg_am a ON a.oid = relam JOIN pg_index ON indexrelid ="
                                + " c.oid WHERE amname = 'btree' AND relkind = 'i' AND relpersistence = 'p' AND indisvalid")) {
                    try {
                        execute(
                                connection,
                                "SELECT bt_index_parent_check('" + row.getFirst() + "'::regclass, true, true)");
                    } catch (final SQLException e) {
                        found.add(database + ": " + row.getFirst() + ": " + e.getMessage());
                    }
                }
            }
        }
        return found;
    }

    private static List<String> databases(final PostgresServer server) throws SQLException {
        final List<String> names = new ArrayList<>();
        for (final List<String> row : server.query("SELECT datname FROM pg_database WHERE datallowconn ORDER BY 1")) {
            names.add(row.getFirst());
        }
        return names;
    }

    private static Connection connect(final PostgresServer server, final String database) throws SQLException {
        final Connection connection = server.connect(database);
        execute(connection, "SET TimeZone = 'UTC'");
        execute(connection, "SET lock_timeout = '20s'");
        return connection;
    }

    private static void execute(final Connection connection, final String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static List<List<String>> query(final Connection connection, final String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            final int columns = result.getMetaData().getColumnCount();
            final List<List<String>> rows = new ArrayList<>();
            while (result.next()) {
                final List<String> row = new ArrayList<>(columns);
                for (int column = 1; column <= columns; column++) {
                    row.add(result.getString(column));
                }
                rows.add(row);
            }
            return rows;
        }
    }
}
