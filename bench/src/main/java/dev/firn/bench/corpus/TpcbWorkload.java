package dev.firn.bench.corpus;

import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * What pgbench does by default, its tables and its transaction "TPC-B (sort of)", in a procedure of the server: not every
 * package brings pgbench, and a session of a client would take ten times as long to write the same log.
 */
public final class TpcbWorkload implements Workload {
    private static final int ACCOUNTS_A_BRANCH = 100_000;
    private static final int TELLERS_A_BRANCH = 10;

    /** One branch to so much log: 20 branches to the default size. */
    private static final long WAL_BYTES_A_BRANCH = 8 << 20;

    private static final int TRANSACTIONS_A_CALL = 2_000;

    private static final List<String> TABLES = List.of(
            "CREATE TABLE pgbench_branches (bid int NOT NULL, bbalance int, filler char(88))",
            "CREATE TABLE pgbench_tellers (tid int NOT NULL, bid int, tbalance int, filler char(84))",
            "CREATE TABLE pgbench_accounts (aid int NOT NULL, bid int, abalance int, filler char(84))",
            "CREATE TABLE pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22))");

    private static final List<String> FINISH = List.of(
            "ALTER TABLE pgbench_branches ADD PRIMARY KEY (bid)",
            "ALTER TABLE pgbench_tellers ADD PRIMARY KEY (tid)",
            "ALTER TABLE pgbench_accounts ADD PRIMARY KEY (aid)",
            "VACUUM ANALYZE");

    private static final String PROCEDURE = """
            CREATE PROCEDURE tpcb(transactions int, branches int) LANGUAGE plpgsql AS $$
            DECLARE
              account int; branch int; teller int; change int;
            BEGIN
              FOR i IN 1..transactions LOOP
                account := 1 + floor(random() * branches * %d);
                branch := 1 + floor(random() * branches);
                teller := 1 + floor(random() * branches * %d);
                change := -5000 + floor(random() * 10001);
                UPDATE pgbench_accounts SET abalance = abalance + change WHERE aid = account;
                PERFORM abalance FROM pgbench_accounts WHERE aid = account;
                UPDATE pgbench_tellers SET tbalance = tbalance + change WHERE tid = teller;
                UPDATE pgbench_branches SET bbalance = bbalance + change WHERE bid = branch;
                INSERT INTO pgbench_history VALUES (teller, branch, account, change, CURRENT_TIMESTAMP);
                COMMIT;
              END LOOP;
            END $$
            """.formatted(ACCOUNTS_A_BRANCH, TELLERS_A_BRANCH);

    @Override
    public String name() {
        return "tpcb";
    }

    @Override
    public void prepare(final Statement statement, final Path files, final long walBytes) throws SQLException {
        final long branches = branches(walBytes);
        for (final String sql : TABLES) {
            statement.execute(sql);
        }
        statement.execute("INSERT INTO pgbench_branches SELECT b, 0 FROM generate_series(1, " + branches + ") b");
        statement.execute("INSERT INTO pgbench_tellers SELECT t, (t - 1) / " + TELLERS_A_BRANCH
                + " + 1, 0 FROM generate_series(1, " + branches * TELLERS_A_BRANCH + ") t");
        statement.execute("INSERT INTO pgbench_accounts SELECT a, (a - 1) / " + ACCOUNTS_A_BRANCH
                + " + 1, 0, '' FROM generate_series(1, " + branches * ACCOUNTS_A_BRANCH + ") a");
        for (final String sql : FINISH) {
            statement.execute(sql);
        }
        statement.execute(PROCEDURE);
    }

    @Override
    public void run(final Statement statement, final Path files, final long walBytes) throws SQLException {
        final String call = "CALL tpcb(" + TRANSACTIONS_A_CALL + ", " + branches(walBytes) + ")";
        statement.execute("SELECT setseed(0.5)");
        final long start = Workload.position(statement);
        // Each call writes some hundred kilobytes at least.
        while (Workload.position(statement) - start < walBytes) {
            statement.execute(call);
        }
    }

    private static long branches(final long walBytes) {
        return Math.max(1, walBytes / WAL_BYTES_A_BRANCH);
    }
}
