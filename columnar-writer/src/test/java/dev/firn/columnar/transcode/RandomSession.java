package dev.firn.columnar.transcode;

import dev.firn.compute.instance.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/** A session whose statements may fail, as those of a random workload do: a lock is not to be had, a value is not to be cast. */
final class RandomSession implements AutoCloseable {
    private final PostgresServer server;
    private final String database;
    private final List<String> log;
    private Connection connection;
    private Statement statement;
    private int savepoints;
    private int done;
    private int failed;

    /** @param log where each statement is written to, for whoever wants to know what a seed did. */
    RandomSession(final PostgresServer server, final String database, final List<String> log) throws SQLException {
        this.server = server;
        this.database = database;
        this.log = log;
        open();
    }

    /** Opens it again, on a server that was restarted. */
    void open() throws SQLException {
        // Simple queries: plans that the driver keeps would be of tables before they were altered.
        connection = DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + server.port() + "/" + database
                + "?user=postgres&preferQueryMode=simple");
        statement = connection.createStatement();
        statement.setEscapeProcessing(false);
        savepoints = 0;
        statement.execute("SET lock_timeout = '25ms'; SET timezone = 'UTC'; SET client_min_messages = error");
    }

    Connection connection() {
        return connection;
    }

    /** Whether it succeeded. When it failed in a transaction, that goes on from its last savepoint, or is rolled back. */
    boolean execute(final String sql) {
        try {
            run(sql);
            done++;
            return true;
        } catch (final SQLException e) {
            log.add("-- " + e.getMessage().lines().findFirst().orElse(""));
            failed++;
            recover();
            return false;
        }
    }

    private void run(final String sql) throws SQLException {
        log.add(sql + ";");
        statement.execute(sql);
    }

    private void recover() {
        try {
            if (connection.unwrap(BaseConnection.class).getTransactionState() == TransactionState.FAILED) {
                run(savepoints == 0 ? "ROLLBACK" : "ROLLBACK TO s" + (savepoints - 1));
            }
        } catch (final SQLException e) {
            throw new IllegalStateException("the session ended: " + log.getLast(), e);
        }
    }

    boolean isInTransaction() throws SQLException {
        return connection.unwrap(BaseConnection.class).getTransactionState() != TransactionState.IDLE;
    }

    void begin() {
        savepoints = 0;
        execute("BEGIN");
    }

    void end(final String how) {
        savepoints = 0;
        execute(how);
    }

    void savepoint() {
        if (execute("SAVEPOINT s" + savepoints)) {
            savepoints++;
        }
    }

    void rollbackToSavepoint() {
        if (savepoints > 0) {
            execute("ROLLBACK TO s" + (savepoints - 1));
        }
    }

    void releaseSavepoint() {
        if (savepoints > 0) {
            execute("RELEASE s" + --savepoints);
        }
    }

    /** The rows of a query; none when it fails, as when it waits for a lock. */
    List<List<String>> query(final String sql) {
        final List<List<String>> rows = new ArrayList<>();
        try (ResultSet found = statement.executeQuery(sql)) {
            while (found.next()) {
                final List<String> row = new ArrayList<>();
                for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
                    row.add(found.getString(i));
                }
                rows.add(row);
            }
        } catch (final SQLException e) {
            log.add("-- " + e.getMessage().lines().findFirst().orElse(""));
            rows.clear();
            recover();
        }
        return rows;
    }

    int done() {
        return done;
    }

    int failed() {
        return failed;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
