package dev.firn.walquorum.pgwire;

import dev.firn.compute.binaries.BinariesFinder;
import dev.firn.compute.instance.ClusterOptions;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.walquorum.pgwire.conninfo.ConnEnvironment;
import dev.firn.walquorum.pgwire.conninfo.ConnInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A Postgres to connect to: the superuser over TCP without a password, others as the lines of pg_hba.conf say. */
final class TestServer implements AutoCloseable {
    static final int WAL_SEGMENT_BYTES = 1 << 20;

    private static final String SUPERUSER_LINES = """
            local all all trust
            local replication all trust
            host all postgres 127.0.0.1/32 trust
            """;

    private final PostgresServer server;

    private TestServer(final PostgresServer server) {
        this.server = server;
    }

    /** Made, and not started: files can be put into its data directory. */
    static TestServer make(
            final int major, final Path temporary, final Map<String, String> settings, final String hbaLines)
            throws IOException {
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx--x--x"));
        ServerConfig config = ServerConfig.of(
                        BinariesFinder.ofThisMachine(System.err::println).find(major),
                        temporary.resolve("pg" + major + "-" + System.identityHashCode(settings)))
                .withCluster(ClusterOptions.DEFAULT.withWalSegmentMiB(WAL_SEGMENT_BYTES >> 20));
        for (final Map.Entry<String, String> setting : settings.entrySet()) {
            config = config.with(setting.getKey(), setting.getValue());
        }
        final TestServer made = new TestServer(new PostgresServer(config, SystemClock.INSTANCE));
        made.server.init();
        made.put("pg_hba.conf", SUPERUSER_LINES + hbaLines);
        return made;
    }

    static TestServer start(
            final int major, final Path temporary, final Map<String, String> settings, final String hbaLines)
            throws IOException {
        final TestServer made = make(major, temporary, settings, hbaLines);
        made.server.start();
        return made;
    }

    /** Writes a file of the data directory, which is the server's then. */
    void put(final String name, final String content) throws IOException {
        final Path file = server.dataDirectory().resolve(name);
        Files.writeString(file, content, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        server.adopt();
    }

    PostgresServer postgres() {
        return server;
    }

    void execute(final String... statements) throws SQLException {
        for (final String statement : statements) {
            server.execute(statement);
        }
    }

    String value(final String sql) throws SQLException {
        return server.query(sql).getFirst().getFirst();
    }

    /** The connection string of a user over TCP, and what is appended. */
    ConnInfo info(final String user, final String more) {
        return parse("host=127.0.0.1 port=" + server.port() + " user=" + user + " " + more);
    }

    /** The superuser's, over the socket. */
    ConnInfo socketInfo() {
        return parse("host=" + server.socketDirectory() + " port=" + server.port() + " user=postgres");
    }

    static ConnInfo parse(final String text) {
        return ConnInfo.parse(text, new ConnEnvironment(name -> null, "nobody", Path.of("/nonexistent")));
    }

    static PgwireConfig config(final OffHeapMemory memory) {
        return PgwireConfig.of(SystemClock.INSTANCE, memory).withCommandLimit(Duration.ofSeconds(30));
    }

    /** Bytes of pg_wal from one position to another, of one timeline. */
    byte[] wal(final long timeline, final long fromLsn, final long toLsn) throws IOException {
        final byte[] bytes = new byte[(int) (toLsn - fromLsn)];
        for (long lsn = fromLsn; lsn < toLsn; ) {
            final long segment = lsn / WAL_SEGMENT_BYTES;
            final long segmentsPerId = (1L << Integer.SIZE) / WAL_SEGMENT_BYTES;
            final String name =
                    String.format("%08X%08X%08X", timeline, segment / segmentsPerId, segment % segmentsPerId);
            final int offset = (int) (lsn % WAL_SEGMENT_BYTES);
            final int count = (int) Math.min(WAL_SEGMENT_BYTES - offset, toLsn - lsn);
            final byte[] content =
                    Files.readAllBytes(server.dataDirectory().resolve("pg_wal").resolve(name));
            System.arraycopy(content, offset, bytes, (int) (lsn - fromLsn), count);
            lsn += count;
        }
        return bytes;
    }

    List<String> log() {
        return server.logTail(50);
    }

    @Override
    public void close() {
        server.close();
    }
}
