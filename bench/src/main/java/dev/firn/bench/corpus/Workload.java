package dev.firn.bench.corpus;

import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** What a server is made to do, so that it writes WAL: the same statements each time. */
public interface Workload {
    /** Part of the corpus' directory name. */
    String name();

    /**
     * Before the base is copied.
     *
     * @param files a directory that the server may write to.
     */
    void prepare(Statement statement, Path files, long walBytes) throws SQLException;

    /** Writes about so much WAL. */
    void run(Statement statement, Path files, long walBytes) throws SQLException;

    /** Where the log ends, in bytes. */
    static long position(final Statement statement) throws SQLException {
        try (ResultSet result = statement.executeQuery("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")) {
            result.next();
            return result.getLong(1);
        }
    }
}
