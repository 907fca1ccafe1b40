package dev.firn.columnar.transcode;

import dev.firn.compute.instance.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** Tables to which all happened that makes row versions: of most there are more dead ones than visible. */
record ChurnedTables(PostgresServer server) {
    static final List<String> NAMES =
            List.of("t0", "t1", "wide", "longs", "part_low", "part_high", "empty", "none", "view", "altered_later");

    void make() throws SQLException {
        accounts();
        server.execute(
                "CREATE TABLE wide (id int, a text, b numeric(12, 3), gone text, c timestamptz, d int2, e bool)");
        server.execute(
                "INSERT INTO wide SELECT i, repeat('x', i % 90), i / 7.0, 'gone', to_timestamp(i * 1e5), i % 100,"
                        + " i % 3 = 0 FROM generate_series(1, 3000) i");
        server.execute("ALTER TABLE wide DROP COLUMN gone, ADD COLUMN f text DEFAULT 'a missing one',"
                + " ADD COLUMN g numeric(8, 2) DEFAULT 12.50, ADD COLUMN h int8 DEFAULT -5, ADD COLUMN i date DEFAULT 'infinity',"
                + " ADD COLUMN j int[] DEFAULT '{1,NULL,3}', ADD COLUMN k mood DEFAULT 'ok', ADD COLUMN l positive");
        server.execute("UPDATE wide SET a = NULL, h = id, l = id WHERE id % 7 = 0");
        server.execute("INSERT INTO wide (id, k, j) VALUES (9001, 'quo\"te', '{{1,2},{3,4}}')");
        server.execute("ALTER TABLE wide RENAME COLUMN a TO \"renamed: ü\"");
        outOfLine();
        server.execute("CREATE TABLE parts (id int, t text) PARTITION BY RANGE (id);"
                + " CREATE TABLE part_low PARTITION OF parts FOR VALUES FROM (0) TO (100);"
                + " CREATE TABLE part_high PARTITION OF parts FOR VALUES FROM (100) TO (1000);"
                + " INSERT INTO parts SELECT i, 'p' || i FROM generate_series(0, 500) i;"
                + " UPDATE parts SET id = id + 100 WHERE id BETWEEN 90 AND 99");
        server.execute("CREATE TABLE empty (a int, b text); CREATE TABLE none ()");
        server.execute("INSERT INTO none DEFAULT VALUES");
        server.execute("CREATE MATERIALIZED VIEW view AS SELECT id, t FROM parts WHERE id % 2 = 0");
        abortedDefinitions();
    }

    /** Updates of one page and of several, savepoints, aborts, prepared transactions, locks, freezing. */
    private void accounts() throws SQLException {
        server.execute(
                "CREATE TABLE t0 (aid int PRIMARY KEY, bid int, abalance int, filler char(84)) WITH (fillfactor = 80);"
                        + " CREATE TABLE t1 (i int, s text)");
        server.execute("INSERT INTO t0 SELECT i, i % 10, 0, '' FROM generate_series(1, 4000) i");
        server.execute("VACUUM FREEZE t0");
        server.execute("UPDATE t0 SET abalance = aid WHERE aid % 5 = 0");
        server.execute("DELETE FROM t0 WHERE aid % 97 = 0");
        server.execute("VACUUM t0");
        server.execute("BEGIN; UPDATE t0 SET abalance = -1; INSERT INTO t0 VALUES (5001, 1, 1, 'no'); ROLLBACK");
        server.execute(
                "BEGIN; UPDATE t0 SET bid = 77 WHERE aid < 50; SAVEPOINT a; UPDATE t0 SET bid = 78 WHERE aid < 30;"
                        + " SAVEPOINT b; DELETE FROM t0 WHERE aid < 10; ROLLBACK TO b; INSERT INTO t0 VALUES (6001, 1, 1, 'sub');"
                        + " RELEASE a; COMMIT");
        server.execute("BEGIN; UPDATE t0 SET abalance = 99 WHERE aid BETWEEN 200 AND 300; SAVEPOINT x;"
                + " INSERT INTO t0 VALUES (7001, 1, 1, 'prepared'); PREPARE TRANSACTION 'stays'");
        server.execute(
                "BEGIN; DELETE FROM t0 WHERE aid BETWEEN 400 AND 420; PREPARE TRANSACTION 'done'; COMMIT PREPARED 'done'");
        try (Connection first = server.connect();
                Connection second = server.connect();
                Statement one = first.createStatement();
                Statement two = second.createStatement()) {
            first.setAutoCommit(false);
            second.setAutoCommit(false);
            one.execute("SELECT * FROM t0 WHERE aid BETWEEN 500 AND 560 FOR KEY SHARE");
            two.execute("SELECT * FROM t0 WHERE aid BETWEEN 500 AND 560 FOR KEY SHARE");
            two.execute("UPDATE t0 SET filler = 'updated' WHERE aid BETWEEN 510 AND 520");
            one.execute("SELECT * FROM t0 WHERE aid BETWEEN 530 AND 540 FOR SHARE");
            second.commit();
            first.rollback();
        }
        server.execute("INSERT INTO t1 SELECT i, NULLIF(i % 3, 0)::text FROM generate_series(1, 100) i; TRUNCATE t1;"
                + " INSERT INTO t1 SELECT i, 'after' FROM generate_series(1, 20) i");
    }

    /** Compressed and not, by both methods where the server has them, updated, deleted, and shared with no-one. */
    private void outOfLine() throws SQLException {
        server.execute("CREATE TABLE longs (id int, plain text, packed text, bytes bytea, list text[])");
        server.execute("ALTER TABLE longs ALTER plain SET STORAGE EXTERNAL");
        server.execute(
                "INSERT INTO longs SELECT i, CASE WHEN i % 3 = 0 THEN repeat(md5(i::text), 200 * (i % 5 + 1)) END,"
                        + " repeat('packed ' || i || ' ', i * 50),"
                        + " decode(repeat(md5((i * 7)::text), i * 20), 'hex'),"
                        + " ARRAY[repeat(md5(i::text), 100), NULL, repeat('y', i)] FROM generate_series(1, 150) i");
        server.execute("DELETE FROM longs WHERE id % 10 = 1");
        server.execute("VACUUM longs");
        server.execute("UPDATE longs SET plain = repeat('new ', 3000) WHERE id % 10 = 2");
        server.execute("BEGIN; UPDATE longs SET packed = repeat(md5('never'), 999) WHERE id < 20; ROLLBACK");
        server.execute(
                "INSERT INTO longs SELECT 1000 + i, repeat(md5(i::text), 300), NULL, NULL, NULL FROM generate_series(1, 200) i");
    }

    /** Row versions with attributes that the relation never got, or got otherwise. */
    private void abortedDefinitions() throws SQLException {
        server.execute(
                "CREATE TABLE altered_later (i int, t text); INSERT INTO altered_later VALUES (1, 'one'), (2, NULL)");
        server.execute(
                "BEGIN; ALTER TABLE altered_later ADD COLUMN never text; INSERT INTO altered_later VALUES (3, 'x', 'never');"
                        + " ROLLBACK");
        server.execute("BEGIN; ALTER TABLE altered_later ADD COLUMN other int, ADD COLUMN more text;"
                + " INSERT INTO altered_later VALUES (4, 'x', 5, 'more'); ROLLBACK");
        server.execute(
                "ALTER TABLE altered_later ADD COLUMN at_last timestamp; INSERT INTO altered_later VALUES (5, 'y', 'now')");
    }
}
