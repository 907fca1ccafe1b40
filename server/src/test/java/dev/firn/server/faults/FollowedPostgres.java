package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.compute.binaries.BinariesFinder;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.nativeio.seam.SystemClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** A stock Postgres with a table for what a {@link CommitClient} commits. */
final class FollowedPostgres implements AutoCloseable {
    private final PostgresServer server;

    private FollowedPostgres(final PostgresServer server) {
        this.server = server;
    }

    /** @param folder a test's temporary one: JUnit closes it to others, and Postgres runs as another user. */
    static FollowedPostgres start(final Path folder, final int major) throws IOException, SQLException {
        return start(folder, major, Map.of());
    }

    /** @param settings of the server, besides the usual ones. */
    static FollowedPostgres start(final Path folder, final int major, final Map<String, String> settings)
            throws IOException, SQLException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
        ServerConfig config = config(folder.resolve("pg" + major), major);
        for (final Map.Entry<String, String> setting : settings.entrySet()) {
            config = config.with(setting.getKey(), setting.getValue());
        }
        final PostgresServer server = new PostgresServer(config, SystemClock.INSTANCE);
        server.init();
        server.start();
        server.execute("CREATE TABLE acked (number bigint)");
        return new FollowedPostgres(server);
    }

    private static PostgresServer make(final Path folder, final int major) {
        return new PostgresServer(config(folder, major), SystemClock.INSTANCE);
    }

    private static ServerConfig config(final Path folder, final int major) {
        return ServerConfig.of(BinariesFinder.ofThisMachine(System.err::println).find(major), folder)
                .with("shared_buffers", "32MB");
    }

    private int major() {
        return server.config().binaries().major();
    }

    /** A running server of the same version that has nothing to do with this one. */
    PostgresServer another(final Path folder) {
        final PostgresServer another = make(folder, major());
        another.init();
        another.start();
        return another;
    }

    /** A server that listens where this one does while it runs; neither made nor started. */
    PostgresServer inItsPlace(final Path folder) {
        return new PostgresServer(config(folder, major()).withPort(server.port()), SystemClock.INSTANCE);
    }

    PostgresServer server() {
        return server;
    }

    String conninfo() {
        return "host=127.0.0.1 port=" + server.port() + " user=postgres";
    }

    String url() {
        return "jdbc:postgresql://127.0.0.1:" + server.port()
                + "/postgres?user=postgres&connectTimeout=5&loginTimeout=10&tcpKeepAlive=true";
    }

    /** From now on COMMIT waits for the quorum. */
    void makeCommitsWait() throws SQLException {
        server.execute("ALTER SYSTEM SET synchronous_standby_names = 'firn'");
        server.execute("SELECT pg_reload_conf()");
        assertThat(server.query("SHOW synchronous_commit").getFirst()).containsExactly("on");
    }

    /** The table's file, within a data directory. */
    String relation() throws SQLException {
        return server.query("SELECT pg_relation_filepath('acked')").getFirst().getFirst();
    }

    /** Kills it with all its processes, and starts it again: it recovers from what it had on disk. */
    void crashAndRecover() {
        server.crash();
        server.start();
    }

    /** The rows of a stock Postgres of the same version that recovers in a data directory with its WAL. */
    SortedSet<Long> rowsRecoveredIn(final Path folder) throws SQLException {
        try (PostgresServer recovered = make(folder, major())) {
            recovered.adopt();
            recovered.start();
            final SortedSet<Long> rows = new TreeSet<>();
            recovered.query("SELECT number FROM acked").forEach(row -> rows.add(Long.valueOf(row.getFirst())));
            return rows;
        }
    }

    /**
     * A stock Postgres of the same version, started on a data directory that was restored. It does not vacuum by itself: what catalogs say of
     * tables stays as it was.
     *
     * @param folder has that directory as {@code data}.
     */
    PostgresServer restoredIn(final Path folder) {
        final PostgresServer restored =
                new PostgresServer(config(folder, major()).with("autovacuum", "off"), SystemClock.INSTANCE);
        restored.adopt();
        restored.start();
        return restored;
    }

    @Override
    public void close() {
        server.close();
    }
}
