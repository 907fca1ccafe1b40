package dev.firn.walquorum.follow;

import dev.firn.compute.binaries.BinariesFinder;
import dev.firn.compute.instance.ClusterOptions;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.walquorum.pgwire.conninfo.ConnEnvironment;
import dev.firn.walquorum.pgwire.conninfo.ConnInfo;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.Locale;

/** A Postgres to follow, with WAL segments of 1 MiB. */
final class TestPrimary implements AutoCloseable {
    static final int SEGMENT_BYTES = 1 << 20;
    static final String SLOT = "firn_main";

    final PostgresServer server;
    final int major;

    private TestPrimary(final int major, final PostgresServer server) {
        this.major = major;
        this.server = server;
    }

    private static ServerConfig config(final int major, final Path temporary, final String name) throws IOException {
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx--x--x"));
        return ServerConfig.of(BinariesFinder.ofThisMachine(System.err::println).find(major), temporary.resolve(name))
                .withCluster(ClusterOptions.DEFAULT.withWalSegmentMiB(SEGMENT_BYTES >> 20))
                .with("wal_sender_timeout", "2s")
                .with("max_wal_size", "4MB")
                .with("min_wal_size", "2MB")
                .with("wal_keep_size", "0");
    }

    static TestPrimary start(final int major, final Path temporary, final String name) throws IOException {
        final PostgresServer server = new PostgresServer(config(major, temporary, name), SystemClock.INSTANCE);
        server.init();
        server.start();
        return new TestPrimary(major, server);
    }

    /** A copy of this server while it is stopped, to be a standby of it. */
    TestPrimary copy(final Path temporary, final String name) throws IOException {
        final PostgresServer copy = new PostgresServer(
                config(major, temporary, name)
                        .with(
                                "primary_conninfo",
                                "host=127.0.0.1 port=" + server.port() + " user=postgres application_name=" + name),
                SystemClock.INSTANCE);
        copyTree(server.dataDirectory(), copy.dataDirectory());
        Files.createFile(copy.dataDirectory().resolve("standby.signal"));
        copy.adopt();
        return new TestPrimary(major, copy);
    }

    private static void copyTree(final Path from, final Path to) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(final Path directory, final BasicFileAttributes attributes)
                    throws IOException {
                Files.createDirectories(to.resolve(from.relativize(directory)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(final Path file, final BasicFileAttributes attributes) throws IOException {
                Files.copy(file, to.resolve(from.relativize(file)));
                return FileVisitResult.CONTINUE;
            }
        });
        Files.setPosixFilePermissions(to, PosixFilePermissions.fromString("rwx------"));
    }

    String value(final String sql) throws SQLException {
        return server.query(sql).getFirst().getFirst();
    }

    void execute(final String... statements) throws SQLException {
        for (final String statement : statements) {
            server.execute(statement);
        }
    }

    void waitForStandbys(final String names) throws SQLException {
        execute("ALTER SYSTEM SET synchronous_standby_names = '" + names + "'", "SELECT pg_reload_conf()");
    }

    ConnInfo info(final String more) {
        return parse("host=127.0.0.1 port=" + server.port() + " user=postgres application_name=firn " + more);
    }

    static ConnInfo parse(final String text) {
        return ConnInfo.parse(text, new ConnEnvironment(name -> null, "nobody", Path.of("/nonexistent")));
    }

    /** Bytes of pg_wal from one position to another. */
    byte[] wal(final int timeline, final long fromLsn, final long toLsn) throws IOException {
        final byte[] bytes = new byte[(int) (toLsn - fromLsn)];
        for (long lsn = fromLsn; lsn < toLsn; ) {
            final long segment = lsn / SEGMENT_BYTES;
            final long segmentsPerId = (1L << Integer.SIZE) / SEGMENT_BYTES;
            final String name = String.format(
                    Locale.ROOT, "%08X%08X%08X", timeline, segment / segmentsPerId, segment % segmentsPerId);
            final int offset = (int) (lsn % SEGMENT_BYTES);
            final int count = (int) Math.min(SEGMENT_BYTES - offset, toLsn - lsn);
            final byte[] content =
                    Files.readAllBytes(server.dataDirectory().resolve("pg_wal").resolve(name));
            System.arraycopy(content, offset, bytes, (int) (lsn - fromLsn), count);
            lsn += count;
        }
        return bytes;
    }

    @Override
    public void close() {
        server.close();
    }
}
