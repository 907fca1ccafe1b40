package dev.firn.bench.corpus;

import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** A bulk load: COPY into a table with an index, two more indexes over it, an UPDATE and a DELETE of many rows, VACUUM. */
public final class BulkWorkload implements Workload {
    /** What a row comes to, with all that is done to it. */
    private static final long WAL_BYTES_A_ROW = 400;

    private static final String ROWS = """
            COPY (SELECT i, (i::bigint * 7919 %% 100003)::int, repeat(md5(i::text), 2), i * 1.25,
                         timestamp '2026-01-01' + i * interval '1 second'
                  FROM generate_series(1, %d) i) TO '%s'
            """;

    private static final List<String> PREPARE = List.of(
            "CREATE TABLE bulk (id int NOT NULL, account int, note text, amount numeric(14,2), at timestamp)",
            "CREATE UNIQUE INDEX bulk_id ON bulk (id)");

    private static final List<String> RUN = List.of(
            "CREATE INDEX bulk_account ON bulk (account)",
            "CREATE INDEX bulk_note ON bulk (note)",
            "UPDATE bulk SET amount = amount + 1, account = account + 1 WHERE id % 4 = 0",
            "DELETE FROM bulk WHERE id % 16 = 1",
            "VACUUM bulk");

    @Override
    public String name() {
        return "bulk";
    }

    @Override
    public void prepare(final Statement statement, final Path files, final long walBytes) throws SQLException {
        statement.execute(ROWS.formatted(Math.max(1, walBytes / WAL_BYTES_A_ROW), rows(files)));
        for (final String sql : PREPARE) {
            statement.execute(sql);
        }
    }

    @Override
    public void run(final Statement statement, final Path files, final long walBytes) throws SQLException {
        statement.execute("COPY bulk FROM '" + rows(files) + "'");
        for (final String sql : RUN) {
            statement.execute(sql);
        }
    }

    private static Path rows(final Path files) {
        return files.resolve("rows.copy");
    }
}
