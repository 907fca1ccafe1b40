package dev.firn.server.wal;

import java.util.ArrayList;
import java.util.List;

/** Statements that make a running Postgres write most kinds of WAL records. */
final class WalWorkload {
    private static final String ROWS =
            "INSERT INTO t SELECT i, i%%100, md5(i::text), ARRAY[i, i+1, i%%10], point(i, i%%77),"
                    + " to_tsvector('simple', md5(i::text) || ' x' || i%%50) FROM generate_series(%d, %d) i";

    private WalWorkload() {}

    /**
     * The statements, each for itself.
     *
     * @param compressions values that {@code wal_compression} can have.
     */
    static List<String> statements(final List<String> compressions) {
        final List<String> all = new ArrayList<>();
        indexes(all);
        transactions(all);
        others(all);
        for (final String compression : compressions) {
            all.add("SET wal_compression = " + compression);
            all.add("CHECKPOINT");
            all.add("UPDATE t SET a = a + 1 WHERE id % 5 = 0");
        }
        all.add("SET wal_consistency_checking = 'all'");
        all.add("UPDATE t SET a = a + 1 WHERE id % 17 = 0");
        all.add("DELETE FROM t WHERE id % 19 = 0");
        all.add("VACUUM t");
        all.add("RESET wal_consistency_checking");
        all.add("CLUSTER t USING t_pkey");
        return all;
    }

    private static void indexes(final List<String> all) {
        all.add("CREATE TABLE t(id bigint PRIMARY KEY, a int, b text, c int[], p point, tsv tsvector)");
        all.add(ROWS.formatted(1, 2000));
        all.add("CREATE INDEX t_a ON t(a)");
        all.add("CREATE INDEX t_hash ON t USING hash(b)");
        all.add("CREATE INDEX t_gin ON t USING gin(c) WITH (fastupdate = off)");
        all.add("CREATE INDEX t_gin_pending ON t USING gin(tsv)");
        all.add("CREATE INDEX t_gist ON t USING gist(p)");
        all.add("CREATE INDEX t_spgist ON t USING spgist(p)");
        all.add("CREATE INDEX t_spgist_text ON t USING spgist(b)");
        all.add("CREATE INDEX t_brin ON t USING brin(id) WITH (pages_per_range = 2)");
        all.add("CHECKPOINT");
        all.add(ROWS.formatted(2001, 4000));
        all.add("UPDATE t SET a = a + 1 WHERE id % 7 = 0");
        all.add("DELETE FROM t WHERE id % 3 = 0");
        all.add("SELECT brin_summarize_new_values('t_brin')");
        all.add("VACUUM t");
        all.add("DELETE FROM t WHERE id BETWEEN 500 AND 2500");
        all.add("VACUUM (FREEZE) t");
        all.add("UPDATE t SET b = b || 'y' WHERE id % 11 = 0");
        all.add("CREATE TABLE toasted(id int, v text)");
        all.add("ALTER TABLE toasted ALTER v SET STORAGE EXTERNAL");
        all.add("INSERT INTO toasted SELECT i, repeat(md5(i::text), 1500) FROM generate_series(1, 10) i");
    }

    private static void transactions(final List<String> all) {
        all.addAll(List.of("BEGIN", "INSERT INTO t(id) VALUES (100001)", "PREPARE TRANSACTION 'a'"));
        all.add("COMMIT PREPARED 'a'");
        all.addAll(List.of("BEGIN", "INSERT INTO t(id) VALUES (100002)", "PREPARE TRANSACTION 'b'"));
        all.add("ROLLBACK PREPARED 'b'");
        all.addAll(List.of("BEGIN", "SAVEPOINT a", "INSERT INTO t(id) VALUES (100003)", "SAVEPOINT b"));
        all.addAll(List.of("INSERT INTO t(id) VALUES (100004)", "ROLLBACK TO b"));
        all.addAll(List.of("INSERT INTO t(id) VALUES (100005)", "COMMIT"));
        all.add("DO $$ BEGIN FOR i IN 1..100 LOOP BEGIN INSERT INTO t(id) VALUES (200000 + i);"
                + " EXCEPTION WHEN division_by_zero THEN RAISE; END; END LOOP; END $$");
        all.addAll(List.of("BEGIN", "SELECT * FROM t WHERE id < 50 FOR SHARE", "ROLLBACK"));
        all.add("SELECT pg_replication_origin_create('o')");
        all.add("SELECT pg_replication_origin_session_setup('o')");
        all.addAll(List.of("BEGIN", "INSERT INTO t(id) VALUES (300003)"));
        all.addAll(List.of("SELECT pg_replication_origin_xact_setup('0/1234', now())", "COMMIT"));
        all.add("SELECT pg_replication_origin_session_reset()");
        all.add("SELECT pg_replication_origin_drop('o')");
    }

    private static void others(final List<String> all) {
        // A record of several segments.
        all.add("SELECT pg_logical_emit_message(true, 'large', repeat('z', 3000000))");
        all.add("SELECT pg_logical_emit_message(false, 'small', 'q')");
        all.add("SELECT pg_switch_wal()");
        all.add("CREATE SEQUENCE s");
        all.add("SELECT nextval('s') FROM generate_series(1, 100)");
        all.add("CREATE DATABASE copied STRATEGY file_copy");
        all.add("CREATE DATABASE logged STRATEGY wal_log");
        all.add("DROP DATABASE copied");
        all.add("SELECT pg_create_restore_point('here')");
        all.add("SELECT pg_switch_wal()");
        all.add("TRUNCATE toasted");
        all.add("VACUUM FULL pg_class");
        all.add("DROP TABLE toasted");
    }
}
