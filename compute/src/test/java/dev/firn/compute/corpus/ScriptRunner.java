package dev.firn.compute.corpus;

import dev.firn.compute.instance.PostgresServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs scripts on a server: one statement after another, in the sessions that they name. */
final class ScriptRunner implements AutoCloseable {
    private static final String FIRST_SESSION = "a";
    private static final String FIRST_DATABASE = "postgres";
    private static final Duration LIMIT = Duration.ofMinutes(1);
    private static final int MAX_ASKS = 6_000;

    private final PostgresServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, Connection> sessions = new LinkedHashMap<>();
    private final Map<String, Future<?>> background = new LinkedHashMap<>();
    private String database = FIRST_DATABASE;
    private String session = FIRST_SESSION;
    private String result = "";
    private boolean nextInBackground;

    ScriptRunner(final PostgresServer server) {
        this.server = server;
    }

    /** Runs a script; its sessions end with it. */
    void run(final SqlScript script) throws SQLException {
        session = FIRST_SESSION;
        database = FIRST_DATABASE;
        for (final SqlScript.Step step : script.steps()) {
            try {
                if (!run(step)) {
                    break;
                }
            } catch (final SQLException | RuntimeException e) {
                throw new SQLException(script.name() + ".sql, session " + session + ": " + step + ": " + e, e);
            }
        }
        closeSessions();
    }

    private boolean run(final SqlScript.Step step) throws SQLException {
        return switch (step) {
            case SqlScript.Sql(String text) -> {
                statement(text);
                yield true;
            }
            case SqlScript.Directive(String word, String rest) -> directive(word, rest);
        };
    }

    /** Returns whether the script goes on. */
    private boolean directive(final String word, final String rest) throws SQLException {
        switch (word) {
            case "session" -> session = rest;
            case "database" -> {
                closeSessions();
                database = rest;
            }
            case "background" -> nextInBackground = true;
            case "join" -> join(rest);
            case "until" -> until(rest);
            case "execute" -> statement(result);
            case "extension" -> {
                if (!ask("SELECT count(*) > 0 FROM pg_available_extensions WHERE name = '" + rest + "'")
                        .equals("t")) {
                    return false;
                }
                statement("CREATE EXTENSION " + rest);
            }
            case "setting" -> {
                final String[] parts = rest.split(" ", 2);
                return ask("SELECT current_setting('" + parts[0] + "')").equals(parts[1]);
            }
            case "unchecked" -> statement("SET wal_consistency_checking = ''");
            case "checked" -> statement("RESET wal_consistency_checking");
            case "compression" -> compress(rest);
            case "freeze" -> freezeAllDatabases();
            default -> throw new IllegalArgumentException("unknown directive " + word);
        }
        return true;
    }

    private void statement(final String sql) throws SQLException {
        final Connection connection = session();
        if (nextInBackground) {
            nextInBackground = false;
            background.put(session, threads.submit(() -> {
                execute(connection, sql);
                return null;
            }));
            return;
        }
        result = execute(connection, sql);
    }

    /** Returns the first column of the first row, if there is one. */
    private static String execute(final Connection connection, final String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            if (!statement.execute(sql)) {
                return "";
            }
            try (ResultSet rows = statement.getResultSet()) {
                return rows.next() ? rows.getString(1) : "";
            }
        }
    }

    private String ask(final String sql) throws SQLException {
        return execute(session(), sql);
    }

    private Connection session() throws SQLException {
        Connection connection = sessions.get(session);
        if (connection == null) {
            connection = connect(database);
            sessions.put(session, connection);
        }
        return connection;
    }

    /**
     * A session by the simple protocol: the extended one leaves the portal of a query open, whose pin on a page makes a freezing
     * vacuum wait for the transaction's end. What hangs all the same ends with an error.
     */
    private Connection connect(final String name) throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + server.port() + "/" + name + "?user="
                + server.config().cluster().superuser() + "&preferQueryMode=simple"
                + "&options=-c%20statement_timeout=" + LIMIT.toMillis());
    }

    private void join(final String name) throws SQLException {
        try {
            background.remove(name).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (final ExecutionException | TimeoutException | InterruptedException e) {
            throw new SQLException("the background of session " + name + ": " + e, e);
        }
    }

    private void compress(final String method) throws SQLException {
        final String offered = "SELECT '%s' = ANY (enumvals) FROM pg_settings WHERE name = 'wal_compression'";
        if (ask(offered.formatted(method)).equals("t")) {
            statement("SET wal_compression = " + method);
        }
    }

    private void until(final String query) throws SQLException {
        for (int asks = 0; asks < MAX_ASKS; asks++) {
            if (ask(query).equals("t")) {
                return;
            }
            ask("SELECT pg_sleep(0.01)");
        }
        throw new SQLException("never true: " + query);
    }

    private void freezeAllDatabases() throws SQLException {
        final List<String> databases = new ArrayList<>();
        final List<String> closed = new ArrayList<>();
        for (final List<String> row : server.query("SELECT datname, datallowconn FROM pg_database ORDER BY oid")) {
            databases.add(row.getFirst());
            if (row.getLast().equals("f")) {
                closed.add(row.getFirst());
                statement("ALTER DATABASE " + row.getFirst() + " ALLOW_CONNECTIONS true");
            }
        }
        for (final String name : databases) {
            try (Connection connection = connect(name)) {
                execute(connection, "VACUUM (FREEZE)");
            }
        }
        for (final String name : closed) {
            statement("ALTER DATABASE " + name + " ALLOW_CONNECTIONS false");
        }
    }

    private void closeSessions() throws SQLException {
        for (final String name : List.copyOf(background.keySet())) {
            join(name);
        }
        for (final Connection connection : sessions.values()) {
            connection.close();
        }
        sessions.clear();
    }

    @Override
    public void close() {
        threads.shutdownNow();
        for (final Connection connection : sessions.values()) {
            try {
                connection.close();
            } catch (final SQLException e) {
                // The server ends it; what went wrong before is what counts.
                continue;
            }
        }
    }
}
