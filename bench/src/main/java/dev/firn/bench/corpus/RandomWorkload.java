package dev.firn.bench.corpus;

import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * Updates of rows at random, all over a table and its indexes that are larger than a memory table: each changes a page of the heap, or two, and one of
 * an index whose keys have no order. So of most pages there are few changes, and every flush has entries of nearly all of them.
 */
public final class RandomWorkload implements Workload {
    /** So much log to each row: 96 MiB of pages, and a dozen changes of each, to the default size. */
    private static final long WAL_BYTES_A_ROW = 400;

    private static final int UPDATES_A_CALL = 5_000;

    private static final List<String> PREPARE = List.of(
            "CREATE TABLE scattered (id int NOT NULL, value int NOT NULL, note text) WITH (fillfactor = 80)",
            "INSERT INTO scattered SELECT i, (i::bigint * 7919 % 1000003)::int, repeat(md5(i::text), 3)"
                    + " FROM generate_series(1, ROWS) i",
            "ALTER TABLE scattered ADD PRIMARY KEY (id)",
            "CREATE INDEX scattered_value ON scattered (value)",
            "VACUUM ANALYZE scattered");

    private static final String PROCEDURE = """
            CREATE PROCEDURE scatter(updates int, rows int) LANGUAGE plpgsql AS $$
            DECLARE
              chosen int;
            BEGIN
              FOR i IN 1..updates LOOP
                chosen := 1 + floor(random() * rows);
                UPDATE scattered SET value = floor(random() * 1000003) WHERE id = chosen;
                COMMIT;
              END LOOP;
            END $$
            """;

    @Override
    public String name() {
        return "random";
    }

    @Override
    public void prepare(final Statement statement, final Path files, final long walBytes) throws SQLException {
        for (final String sql : PREPARE) {
            statement.execute(sql.replace("ROWS", Long.toString(rows(walBytes))));
        }
        statement.execute(PROCEDURE);
    }

    @Override
    public void run(final Statement statement, final Path files, final long walBytes) throws SQLException {
        final String call = "CALL scatter(" + UPDATES_A_CALL + ", " + rows(walBytes) + ")";
        statement.execute("SELECT setseed(0.5)");
        final long start = Workload.position(statement);
        // Each call writes a megabyte at least.
        while (Workload.position(statement) - start < walBytes) {
            statement.execute(call);
        }
    }

    private static long rows(final long walBytes) {
        return Math.max(1, walBytes / WAL_BYTES_A_ROW);
    }
}
