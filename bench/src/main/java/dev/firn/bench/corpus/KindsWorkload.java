package dev.firn.bench.corpus;

import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** A little of everything that changes pages, on tables that the log itself makes, so that redo needs nothing of the base. */
public final class KindsWorkload implements Workload {
    private static final int ROWS = 20_000;

    /** Stands for a file that the server may write. */
    private static final String FILE = "FILE";

    /** Not in every package. */
    private static final String GENERIC = "CREATE EXTENSION bloom";

    private static final List<String> COMPRESSIONS = List.of("off", "pglz", "lz4", "zstd");

    private static final List<String> TABLES = List.of(
            "CREATE TABLE heap_rows (id int, value int, note text) WITH (fillfactor = 70)",
            "CREATE INDEX heap_rows_value ON heap_rows (value)",
            "CREATE TABLE hashed (id int)",
            "CREATE INDEX hashed_id ON hashed USING hash (id)",
            "CREATE TABLE inverted (words int[])",
            "CREATE INDEX inverted_words ON inverted USING gin (words) WITH (fastupdate = off)",
            "CREATE TABLE places (at point, name text)",
            "CREATE INDEX places_at ON places USING gist (at)",
            "CREATE INDEX places_name ON places USING spgist (name)",
            "CREATE TABLE ranges (id int, value int)",
            "CREATE INDEX ranges_value ON ranges USING brin (value) WITH (pages_per_range = 2)",
            "CREATE TABLE copied (id int, note text)",
            "CREATE SEQUENCE counter",
            "CREATE PROCEDURE commits(n int) LANGUAGE plpgsql AS $$ BEGIN FOR i IN 1..n LOOP"
                    + " INSERT INTO copied VALUES (i, 'committed'); COMMIT; END LOOP; END $$");

    private static final List<String> CHANGES = List.of(
            "INSERT INTO heap_rows SELECT i, i * 7919 % 997, md5(i::text) FROM generate_series(1, " + ROWS + ") i",
            "UPDATE heap_rows SET note = md5(note) WHERE id % 5 = 0",
            "UPDATE heap_rows SET note = md5(note) WHERE id % 5 = 1",
            "UPDATE heap_rows SET note = md5(note) WHERE id % 5 = 0",
            "UPDATE heap_rows SET value = value + 1 WHERE id % 3 = 0",
            "SELECT count(*) FROM (SELECT FROM heap_rows WHERE id % 2 = 0 FOR UPDATE) locked",
            "DELETE FROM heap_rows WHERE id % 7 = 0",
            "INSERT INTO hashed SELECT i * 31 FROM generate_series(1, " + ROWS + ") i",
            "INSERT INTO inverted SELECT ARRAY[i % 5, i % 1000, i] FROM generate_series(1, " + ROWS + ") i",
            "INSERT INTO places SELECT point(i * 37 % 1009, i * 53 % 2003), md5(i::text) FROM generate_series(1, "
                    + ROWS + ") i",
            "INSERT INTO ranges SELECT i, i * 3 FROM generate_series(1, " + ROWS + ") i",
            "SELECT brin_summarize_new_values('ranges_value')",
            "UPDATE ranges SET value = value + 40000 WHERE id % 100 = 0",
            "SELECT count(nextval('counter')) FROM generate_series(1, 5000)",
            "COPY heap_rows (id, note) TO 'FILE'",
            "COPY copied FROM 'FILE'",
            "CALL commits(2000)",
            "VACUUM heap_rows, copied");

    @Override
    public String name() {
        return "kinds";
    }

    @Override
    public void prepare(final Statement statement, final Path files, final long walBytes) {
        // All is made after the base.
    }

    @Override
    public void run(final Statement statement, final Path files, final long walBytes) throws SQLException {
        for (final String sql : TABLES) {
            statement.execute(sql);
        }
        if (offers(statement, GENERIC)) {
            statement.execute("CREATE INDEX hashed_bloom ON hashed USING bloom (id)");
        }
        for (final String sql : CHANGES) {
            statement.execute(sql.replace(FILE, files.resolve("rows.copy").toString()));
        }
        for (final String compression : COMPRESSIONS) {
            if (offers(statement, "SET wal_compression = " + compression)) {
                statement.execute("CREATE INDEX heap_rows_" + compression + " ON heap_rows (value, id)");
            }
        }
    }

    /** What these binaries come without, they refuse. */
    private static boolean offers(final Statement statement, final String sql) {
        try {
            statement.execute(sql);
            return true;
        } catch (final SQLException e) {
            return false;
        }
    }
}
