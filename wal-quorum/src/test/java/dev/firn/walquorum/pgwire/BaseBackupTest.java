package dev.firn.walquorum.pgwire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.firn.compute.binaries.BinariesFinder;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.lsn.Lsn;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.agrona.DirectBuffer;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Base backups of stock Postgres of each supported major version, and that another Postgres starts on them. */
class BaseBackupTest {
    private static final String HBA = "host replication trusted 127.0.0.1/32 trust\n";

    @TempDir
    private Path temporary;

    private final LeakCheck leaks = LeakCheck.start();
    private final OffHeapMemory memory = leaks.memory(8 << 20);
    private TestServer server;

    @AfterEach
    void everythingIsFreed() {
        if (server != null) {
            server.close();
        }
        leaks.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldBringAllThatPostgresStartsFrom(final int major) throws Exception {
        server = TestServer.make(major, temporary, Map.of(), HBA);
        final Path space = space();
        server.postgres().start();
        server.execute(
                "CREATE ROLE trusted LOGIN REPLICATION",
                "CREATE TABLE t AS SELECT generate_series(1, 1000) i",
                "CREATE TABLESPACE s LOCATION '" + space + "'",
                "CREATE TABLE in_space TABLESPACE s AS SELECT generate_series(1, 500) i");
        final String oid = server.value("SELECT oid FROM pg_tablespace WHERE spcname = 's'");

        final BackupCollector backup = new BackupCollector();
        final BaseBackupEnd end;
        try (ReplicationConnection connection = connect()) {
            end = connection.baseBackup(BaseBackupOptions.of("firn's").withWalIncluded(true), backup);
            assertThat(connection.identifySystem().timeline()).isEqualTo(1);
        }

        assertThat(end.startLsn()).isEqualTo(backup.startLsn).isPositive().isLessThan(end.endLsn());
        assertThat(end.startTimeline()).isEqualTo(1);
        assertThat(end.endTimeline()).isEqualTo(1);
        assertThat(backup.tablespaces)
                .extracting(BackupTablespace::oid, BackupTablespace::location)
                .containsExactly(tuple(Long.parseLong(oid), space.toString()), tuple(0L, ""));
        assertThat(backup.tablespaces).allMatch(tablespace -> tablespace.sizeKiB() > 0);
        assertThat(backup.locations).isEqualTo(Map.of(oid + ".tar", space.toString(), "base.tar", ""));
        assertThat(backup.progress)
                .isEqualTo(backup.archives.values().stream()
                        .mapToLong(a -> a.size())
                        .sum());
        assertThat(backup.notices).noneMatch(notice -> notice.contains("checksum"));
        assertThat(backup.manifest.toString(StandardCharsets.UTF_8))
                .contains("\"PostgreSQL-Backup-Manifest-Version\"", "CRC32C", Lsn.format(end.endLsn()));

        try (PostgresServer restored = restore(major, backup, oid)) {
            restored.start();
            assertThat(restored.query("SELECT count(*), (SELECT count(*) FROM in_space) FROM t"))
                    .containsExactly(List.of("1000", "500"));
        }
    }

    /** A directory that belongs to the server's user: made in its data directory, and moved out. */
    private Path space() throws IOException {
        final Path inside =
                Files.createDirectory(server.postgres().dataDirectory().resolve("space"));
        server.postgres().adopt();
        return Files.move(inside, server.postgres().dataDirectory().resolveSibling("space"));
    }

    private PostgresServer restore(final int major, final BackupCollector backup, final String oid) throws IOException {
        final PostgresServer restored = new PostgresServer(
                ServerConfig.of(
                        BinariesFinder.ofThisMachine(System.err::println).find(major),
                        temporary.resolve("restored" + major)),
                SystemClock.INSTANCE);
        final Path data = Files.createDirectories(restored.dataDirectory());
        unpack(backup.archives.get("base.tar").toByteArray(), data);
        unpack(backup.archives.get(oid + ".tar").toByteArray(), Files.createDirectory(data.resolve("space")));
        assertThat(Files.readString(data.resolve("backup_label")))
                .contains("LABEL: firn's", Lsn.format(backup.startLsn));
        Files.writeString(data.resolve("tablespace_map"), oid + " " + data.resolveSibling("space") + "\n");
        restored.adopt();
        Files.move(data.resolve("space"), data.resolveSibling("space"));
        return restored;
    }

    private static void unpack(final byte[] archive, final Path target) throws IOException {
        try (TarArchiveInputStream input = new TarArchiveInputStream(new ByteArrayInputStream(archive))) {
            for (TarArchiveEntry entry = input.getNextEntry(); entry != null; entry = input.getNextEntry()) {
                final Path path = target.resolve(entry.getName());
                if (entry.isDirectory()) {
                    Files.createDirectories(path);
                } else if (!entry.isSymbolicLink()) {
                    Files.createDirectories(path.getParent());
                    Files.write(path, input.readAllBytes());
                }
            }
        }
    }

    /** A socket in the data directory, as unix_socket_directories may put one there: the server warns in the midst of the archive. */
    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldPassOverTheServersWarningsBetweenTheArchivesBytes(final int major) throws Exception {
        server = TestServer.make(major, temporary, Map.of(), HBA);
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(
                    UnixDomainSocketAddress.of(server.postgres().dataDirectory().resolve("s")));
        }
        server.postgres().adopt();
        server.postgres().start();
        server.execute("CREATE ROLE trusted LOGIN REPLICATION");
        final BackupCollector backup = new BackupCollector();
        try (ReplicationConnection connection = connect()) {
            connection.baseBackup(BaseBackupOptions.of("x").withWalIncluded(true), backup);
            assertThat(connection.identifySystem().timeline()).isEqualTo(1);
        }
        assertThat(backup.notices).anyMatch(notice -> notice.contains("skipping special file"));
        assertThat(backup.manifest.toString(StandardCharsets.UTF_8)).contains("\"global/pg_control\"");
    }

    @Test
    void shouldHangUpWhenTheHandlerFailsAndSaySoWhenTheServerDoes() throws Exception {
        server = TestServer.start(17, temporary, Map.of(), HBA);
        server.execute("CREATE ROLE trusted LOGIN REPLICATION");
        try (ReplicationConnection connection = connect()) {
            assertThatThrownBy(() -> connection.baseBackup(BaseBackupOptions.of("x"), new BackupCollector() {
                        @Override
                        public void onData(final DirectBuffer buffer, final int offset, final int length) {
                            throw new IllegalStateException("the disk is full");
                        }
                    }))
                    .hasMessage("the disk is full");
            assertThat(connection.isOpen()).isFalse();
        }
        try (ReplicationConnection connection = connect()) {
            final BaseBackupOptions tooLong = BaseBackupOptions.of("x".repeat(5000));
            final PostgresException refused = catchThrowableOfType(
                    PostgresException.class, () -> connection.baseBackup(tooLong, new BackupCollector()));
            assertThat(refused).hasMessageContaining("refuses a base backup: backup label too long");
            assertThat(connection.isOpen()).isTrue();

            final Thread killer = new Thread(server.postgres()::crash);
            assertThatThrownBy(() -> connection.baseBackup(
                            BaseBackupOptions.of("slow").withMaxRateKiB(64).withWalIncluded(false),
                            new BackupCollector() {
                                @Override
                                public void onArchive(final String name, final String location) {
                                    super.onArchive(name, location);
                                    killer.start();
                                }
                            }))
                    .isInstanceOf(PgwireException.class)
                    .hasMessageContaining("127.0.0.1:" + server.postgres().port());
            killer.join();
        }
    }

    @Test
    void shouldSaySoWhenTheServerWritesTooLittleWal() throws Exception {
        server = TestServer.start(17, temporary, Map.of("wal_level", "minimal", "max_wal_senders", "0"), HBA);
        server.execute("CREATE ROLE trusted LOGIN REPLICATION");
        assertThatThrownBy(this::connect)
                .isInstanceOf(PostgresException.class)
                .hasMessageContaining("raise max_wal_senders, with wal_level = replica");
    }

    private ReplicationConnection connect() {
        return ReplicationConnection.connect(server.info("trusted", ""), TestServer.config(memory));
    }
}
