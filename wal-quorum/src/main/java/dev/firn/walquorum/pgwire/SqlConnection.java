package dev.firn.walquorum.pgwire;

import dev.firn.walquorum.pgwire.conninfo.ConnInfo;
import java.util.List;

/** An ordinary session of a database, for the few questions that a walsender does not answer. */
public final class SqlConnection implements AutoCloseable {
    private final Session session;

    private SqlConnection(final Session session) {
        this.session = session;
    }

    /** Connects to the connection string's database, on the first of its hosts that takes the connection. */
    public static SqlConnection connect(final ConnInfo info, final PgwireConfig config) {
        return new SqlConnection(SessionOpener.open(info, config, SessionKind.SQL));
    }

    /**
     * Runs statements, by the simple protocol: as one transaction unless they say otherwise.
     *
     * @return the rows of the last one that has some; of a few values, as all of it is held.
     */
    public QueryResult query(final String sql) {
        final List<ResultSet> results = session.execute(sql, "a statement");
        return results.isEmpty() ? QueryResult.EMPTY : results.getLast().texts();
    }

    /** Idempotent. */
    @Override
    public void close() {
        session.terminate();
    }
}
