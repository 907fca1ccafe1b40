package dev.firn.columnar.transcode;

import dev.firn.columnar.transcode.RandomTypes.RandomType;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/** Statements on the tables of a random schema. What there is is asked of Postgres each time: a rollback takes definitions back, too. */
final class RandomTables {
    private static final int MOST_TABLES = 9;

    /** Tables that are larger do not grow. */
    private static final int MOST_BYTES = 600_000;

    private static final String TABLES =
            "SELECT c.oid::regclass, c.relkind, c.relispartition FROM pg_class c JOIN pg_namespace n"
                    + " ON n.oid = relnamespace WHERE relkind IN ('r', 'p') AND nspname !~ '^pg_|^information_schema$' ORDER BY c.oid";

    private final SplittableRandom random;
    private final RandomNames names;
    private final RandomTypes types;
    private final RandomSession session;

    /** By the type's OID and its modifier, as columns of it are declared. */
    private final Map<String, RandomType> known = new HashMap<>();

    private record Column(String name, String attname, RandomType type, boolean notNull, boolean written) {}

    RandomTables(
            final SplittableRandom random,
            final RandomNames names,
            final RandomTypes types,
            final RandomSession session) {
        this.random = random;
        this.names = names;
        this.types = types;
        this.session = session;
    }

    // --- what there is ------------------------------------------------------------------------------------------

    private String anyTable() {
        final List<List<String>> tables = session.query(TABLES);
        return tables.isEmpty() ? null : pick(tables).getFirst();
    }

    private List<Column> columns(final String table) {
        final List<Column> columns = new ArrayList<>();
        for (final List<String> row : session.query(
                "SELECT quote_ident(attname), attname, atttypid || ':' || atttypmod, attnotnull, attgenerated = '' FROM pg_attribute"
                        + " WHERE attrelid = " + literal(table)
                        + "::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum")) {
            columns.add(new Column(
                    row.get(0),
                    row.get(1),
                    known.get(row.get(2)),
                    row.get(3).equals("t"),
                    row.get(4).equals("t")));
        }
        return columns;
    }

    /** Remembers of which type the columns are that have just been made. */
    private void learn(final String table, final Map<String, RandomType> declared) {
        for (final List<String> row :
                session.query("SELECT attname, atttypid || ':' || atttypmod FROM pg_attribute WHERE attrelid = "
                        + literal(table) + "::regclass AND attnum > 0 AND NOT attisdropped")) {
            final RandomType type = declared.get(quoted(row.get(0)));
            if (type != null) {
                known.putIfAbsent(row.get(1), type);
            }
        }
    }

    private static String literal(final String text) {
        return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'";
    }

    private static String quoted(final String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }

    private <T> T pick(final List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    // --- definitions --------------------------------------------------------------------------------------------

    void create() {
        if (session.query(TABLES).size() >= MOST_TABLES) {
            return;
        }
        switch (random.nextInt(9)) {
            case 0 -> partitioned();
            case 1 -> inheriting();
            case 2 -> copied();
            default -> plain(names.next(), "");
        }
    }

    private void plain(final String name, final String first) {
        final Map<String, RandomType> declared = new LinkedHashMap<>();
        final List<String> sql = new ArrayList<>();
        if (!first.isEmpty()) {
            sql.add(first);
        }
        for (int i = random.nextInt(10) == 0 ? 0 : 1 + random.nextInt(14); i > 0; i--) {
            final String column = names.next();
            final RandomType type = types.next();
            declared.put(column, type);
            sql.add(column + " " + type.sql() + (random.nextInt(12) == 0 ? " NOT NULL" : ""));
        }
        final String options = switch (random.nextInt(4)) {
            case 0 -> " WITH (fillfactor = " + (10 + random.nextInt(91)) + ")";
            case 1 -> " WITH (toast_tuple_target = " + (128 + random.nextInt(4000)) + ")";
            default -> "";
        };
        if (session.execute("CREATE TABLE " + name + " (" + String.join(", ", sql) + ")" + options)) {
            learn(name, declared);
        }
    }

    /** Partitions of which one has its columns in another order, and a dropped one before them. */
    private void partitioned() {
        final String parent = names.next();
        final RandomType one = types.next();
        final RandomType other = types.next();
        final String last = names.next();
        if (!session.execute("CREATE TABLE " + parent + " (k int4, x " + one.sql() + ", y " + other.sql() + ", " + last
                + " text) PARTITION BY RANGE (k)")) {
            return;
        }
        learn(parent, Map.of("\"x\"", one, "\"y\"", other));
        final String swapped = names.next();
        session.execute("CREATE TABLE " + swapped + " (gone text, " + last + " text, y " + other.sql() + ", x "
                + one.sql() + ", k int4)");
        session.execute("INSERT INTO " + swapped + " (gone, k) SELECT 'gone', i FROM generate_series(0, 20) i");
        session.execute("ALTER TABLE " + swapped + " DROP COLUMN gone");
        session.execute("ALTER TABLE " + parent + " ATTACH PARTITION " + swapped + " FOR VALUES FROM (0) TO (100)");
        session.execute("CREATE TABLE " + names.next() + " PARTITION OF " + parent + " FOR VALUES FROM (100) TO (200)");
        session.execute("CREATE TABLE " + names.next() + " PARTITION OF " + parent + " DEFAULT");
        session.execute("INSERT INTO " + parent + " (k, " + last + ") SELECT i * 3 % 250, 'p' || i FROM"
                + " generate_series(1, 200) i");
        session.execute("UPDATE " + parent + " SET k = (k + 100) % 250, x = "
                + one.draw().get() + " WHERE k % 3 = 0");
    }

    private void inheriting() {
        final String parent = anyTable();
        if (parent != null) {
            session.execute("CREATE TABLE " + names.next() + " (" + names.next() + " int8, " + names.next()
                    + " text DEFAULT 'own') INHERITS (" + parent + ")");
        }
    }

    private void copied() {
        final String source = anyTable();
        if (source != null) {
            session.execute(pick(List.of(
                    "CREATE TABLE " + names.next() + " AS SELECT * FROM " + source,
                    "CREATE TABLE " + names.next() + " (LIKE " + source + " INCLUDING ALL)",
                    "CREATE MATERIALIZED VIEW " + names.next() + " AS SELECT * FROM " + source)));
        }
    }

    /** Changes the definition of a table. */
    void alter() {
        final String table = anyTable();
        if (table == null) {
            return;
        }
        final List<Column> columns = columns(table);
        final String alter = "ALTER TABLE " + table + " ";
        if (columns.isEmpty() || random.nextInt(3) == 0) {
            addColumn(table);
            return;
        }
        final Column column = pick(columns);
        final String alterColumn = alter + "ALTER COLUMN " + column.name + " ";
        switch (random.nextInt(16)) {
            case 0, 1, 2 -> session.execute(alter + "DROP COLUMN " + column.name + " CASCADE");
            case 3 -> session.execute(alter + "RENAME COLUMN " + column.name + " TO " + names.next());
            case 4, 5 -> changeType(table, column);
            case 6, 7 ->
                session.execute(alterColumn + "SET STORAGE " + pick(List.of("plain", "main", "external", "extended")));
            case 8 -> session.execute(alterColumn + "SET COMPRESSION " + pick(List.of("pglz", "lz4", "default")));
            case 9 ->
                session.execute(alter + "SET (fillfactor = " + (10 + random.nextInt(91)) + ", toast_tuple_target = "
                        + (128 + random.nextInt(7000)) + ")");
            case 10 ->
                session.execute(
                        column.type == null
                                ? alterColumn + "DROP DEFAULT"
                                : alterColumn + "SET DEFAULT "
                                        + column.type.draw().get());
            case 11 -> session.execute("CREATE INDEX ON " + table + " (" + column.name + ")");
            case 12 -> session.execute("ALTER TABLE " + table + " RENAME TO " + names.next());
            case 13 -> moveToSchema(table);
            case 14 -> session.execute(alter + pick(List.of("SET UNLOGGED", "SET LOGGED", "SET LOGGED")));
            default ->
                session.execute(random.nextInt(4) == 0 ? "DROP TABLE " + table + " CASCADE" : "TRUNCATE " + table);
        }
    }

    private void addColumn(final String table) {
        final String name = names.next();
        final String add = "ALTER TABLE " + table + " ADD COLUMN " + name + " ";
        switch (random.nextInt(8)) {
            case 0 -> session.execute(add + "int8 GENERATED BY DEFAULT AS IDENTITY");
            case 1 -> session.execute(add + "int4 GENERATED ALWAYS AS (6 * 7) STORED");
            default -> {
                final RandomType type = types.next();
                final String value = random.nextInt(5) == 0
                        ? ""
                        : " DEFAULT " + type.draw().get() + (random.nextInt(3) == 0 ? " NOT NULL" : "");
                if (session.execute(add + type.sql() + value)) {
                    learn(table, Map.of(name, type));
                }
            }
        }
    }

    private void changeType(final String table, final Column column) {
        final RandomType type = types.next();
        final String alter = "ALTER TABLE " + table + " ALTER COLUMN " + column.name + " TYPE ";
        final String sql = switch (random.nextInt(6)) {
            case 0 -> "text USING format('%s', " + column.name + ")";
            // Without a rewrite, where it is allowed.
            case 1 -> "varchar";
            case 2 -> "numeric";
            case 3 -> "int8";
            default -> type.sql() + " USING " + type.draw().get();
        };
        if (session.execute(alter + sql) && sql.startsWith(type.sql())) {
            learn(table, Map.of(quoted(column.attname), type));
        }
    }

    private void moveToSchema(final String table) {
        final String schema = names.next();
        session.execute("CREATE SCHEMA " + schema);
        session.execute("ALTER TABLE " + table + " SET SCHEMA " + schema);
    }

    /** Makes a table anew: with other rows dead or gone, frozen, or in another order. */
    void maintain() {
        final String table = anyTable();
        if (table != null) {
            session.execute(pick(List.of(
                    "VACUUM " + table,
                    "VACUUM " + table,
                    "VACUUM (FREEZE) " + table,
                    "VACUUM (FREEZE, DISABLE_PAGE_SKIPPING) " + table,
                    "VACUUM (TRUNCATE false) " + table,
                    "VACUUM (INDEX_CLEANUP false) " + table,
                    "VACUUM FULL " + table,
                    "VACUUM FULL FREEZE " + table,
                    "CLUSTER " + table,
                    "CHECKPOINT",
                    "ANALYZE " + table)));
        }
    }

    // --- rows ---------------------------------------------------------------------------------------------------

    /** Changes rows, or locks some. */
    void write() {
        final String table = anyTable();
        if (table == null) {
            create();
            return;
        }
        final List<Column> columns =
                columns(table).stream().filter(Column::written).toList();
        switch (random.nextInt(14)) {
            case 0, 1, 2 -> insert(table, columns);
            case 3, 4, 5, 13 -> grow(table, columns);
            case 6, 7, 8 -> update(table, columns);
            case 9, 10 -> session.execute("DELETE FROM " + table + " WHERE " + some());
            case 11 -> session.execute("SELECT count(*) FROM " + table);
            default ->
                session.execute("SELECT FROM " + table + " WHERE " + some() + " FOR "
                        + pick(List.of("UPDATE", "NO KEY UPDATE", "SHARE", "KEY SHARE")));
        }
    }

    /** Rows by their place on the page, which is there in every table. */
    private String some() {
        final int each = 2 + random.nextInt(9);
        return "(ctid::text::point)[1]::int % " + each + " = " + random.nextInt(each);
    }

    private String value(final Column column) {
        if (column.type == null || (!column.notNull && random.nextInt(6) == 0) || random.nextInt(20) == 0) {
            return "DEFAULT";
        }
        return column.type.draw().get();
    }

    private void insert(final String table, final List<Column> columns) {
        if (columns.isEmpty()) {
            session.execute("INSERT INTO " + table + " DEFAULT VALUES");
            return;
        }
        final List<String> rows = new ArrayList<>();
        final Supplier<String> row = () -> {
            final List<String> values = new ArrayList<>();
            columns.forEach(column -> values.add(value(column)));
            return "(" + String.join(", ", values) + ")";
        };
        for (int i = 1 + random.nextInt(12); i > 0; i--) {
            rows.add(row.get());
        }
        session.execute("INSERT INTO " + table + " (" + list(columns) + ") VALUES " + String.join(", ", rows)
                + (random.nextInt(6) == 0 ? " ON CONFLICT DO NOTHING" : ""));
    }

    private static String list(final List<Column> columns) {
        return String.join(", ", columns.stream().map(Column::name).toList());
    }

    private void grow(final String table, final List<Column> columns) {
        final List<List<String>> size =
                session.query("SELECT coalesce(sum(pg_table_size(relid)), 0) FROM pg_partition_tree(" + literal(table)
                        + ") UNION ALL SELECT pg_table_size(" + literal(table) + ") ORDER BY 1 DESC");
        if (!columns.isEmpty()
                && !size.isEmpty()
                && Long.parseLong(size.getFirst().getFirst()) < MOST_BYTES) {
            session.execute("INSERT INTO " + table + " (" + list(columns) + ") SELECT " + list(columns) + " FROM "
                    + table + " LIMIT " + (20 + random.nextInt(200)));
        }
    }

    private void update(final String table, final List<Column> columns) {
        if (columns.isEmpty()) {
            return;
        }
        final List<String> sets = new ArrayList<>();
        final int first = random.nextInt(columns.size());
        for (int i = 0; i < Math.min(columns.size(), 1 + random.nextInt(3)); i++) {
            final Column column = columns.get((first + i) % columns.size());
            sets.add(column.name + " = " + (random.nextInt(4) == 0 ? column.name : value(column)));
        }
        session.execute("UPDATE " + table + " SET " + String.join(", ", sets) + " WHERE " + some());
    }

    /** A table emptied and filled again in one transaction, its rows frozen from the beginning. */
    void copyFrozen() throws SQLException, IOException {
        final String table = anyTable();
        if (table == null) {
            return;
        }
        final CopyManager copy = session.connection().unwrap(PGConnection.class).getCopyAPI();
        session.begin();
        try {
            final StringWriter rows = new StringWriter();
            copy.copyOut("COPY " + table + " TO STDOUT", rows);
            session.execute("TRUNCATE ONLY " + table);
            copy.copyIn("COPY " + table + " FROM STDIN (FREEZE)", new StringReader(rows.toString()));
            session.end("COMMIT");
        } catch (final SQLException _) {
            // It is partitioned, locked, or a check refuses what was in it; then it stays as it was.
            session.end("ROLLBACK");
        }
    }
}
