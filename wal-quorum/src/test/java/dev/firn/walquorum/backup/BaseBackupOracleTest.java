package dev.firn.walquorum.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.compute.binaries.BinariesFinder;
import dev.firn.compute.binaries.PostgresBinaries;
import dev.firn.compute.instance.ClusterOptions;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.compute.process.ShortCommand;
import dev.firn.compute.process.UnprivilegedUser;
import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.WalReader;
import dev.firn.postgres.wal.WalReaderConfig;
import dev.firn.postgres.wal.WalStep;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.walquorum.TestStore;
import dev.firn.walquorum.archive.ArchiveConfig;
import dev.firn.walquorum.archive.ArchiveReader;
import dev.firn.walquorum.archive.SegmentArchiver;
import dev.firn.walquorum.catalog.PostgresTimelines;
import dev.firn.walquorum.catalog.TimelineEntry;
import dev.firn.walquorum.pgwire.BaseBackupEnd;
import dev.firn.walquorum.pgwire.BaseBackupOptions;
import dev.firn.walquorum.pgwire.PgwireConfig;
import dev.firn.walquorum.pgwire.ReplicationConnection;
import dev.firn.walquorum.pgwire.SystemIdentity;
import dev.firn.walquorum.pgwire.conninfo.ConnEnvironment;
import dev.firn.walquorum.pgwire.conninfo.ConnInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A stock Postgres that starts from a base backup and the archive, both out of the store, has what the primary had: taken under
 * load, with a tablespace.
 */
@Timeout(600)
class BaseBackupOracleTest {
    private static final int SEGMENT = 1 << 20;
    private static final long ROWS_UNDER_LOAD = 1_000;
    private static final String SUM = "SELECT count(*), sum(hashint8(i)), (SELECT sum(i) FROM spaced) FROM growing";

    private final LeakCheck leaks = LeakCheck.start();
    private final OffHeapMemory memory = leaks.memory(64 << 20);

    @TempDir
    private Path temporary;

    private PostgresServer primary;
    private PostgresServer restored;

    @BeforeEach
    void letTheUnprivilegedUserIn() throws IOException {
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx--x--x"));
    }

    @AfterEach
    void everythingIsFreed() {
        if (restored != null) {
            restored.close();
        }
        if (primary != null) {
            primary.close();
        }
        leaks.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldRestoreWhatThePrimaryHad(final int major) throws Exception {
        restore(major, 2_000);
    }

    @Test
    @Tag("long")
    void shouldRestoreMoreThanAGigabyte() throws Exception {
        restore(17, 12_000_000);
    }

    private void restore(final int major, final long rows) throws Exception {
        final PostgresBinaries binaries =
                BinariesFinder.ofThisMachine(System.err::println).find(major);
        startPrimary(binaries, rows);
        final Path objects = temporary.resolve("objects");
        try (TestStore store = TestStore.directory(objects)) {
            final TimelineEntry timeline;
            final BackupDescription taken;
            try (Load load = new Load(primary);
                    ReplicationConnection connection =
                            ReplicationConnection.connect(info(), PgwireConfig.of(SystemClock.INSTANCE, memory))) {
                load.start();
                final SystemIdentity identity = connection.identifySystem();
                timeline = new TimelineEntry(
                        "main",
                        1,
                        identity.systemIdentifier(),
                        major,
                        SEGMENT,
                        // What a receiver would begin with: the segment that is being written.
                        identity.flushLsn() / SEGMENT * SEGMENT,
                        1,
                        List.of(1L),
                        Instant.EPOCH);
                taken = takeBackup(store, connection, timeline);
                store.until(() -> load.rows() > ROWS_UNDER_LOAD);
            }
            assertThat(taken.archives()).hasSize(2);
            final String expected = primary.query(SUM).toString();
            final long end = Lsn.parse(value("SELECT pg_switch_wal()"));
            primary.execute("CHECKPOINT");
            final long wholeUpTo = (end + SEGMENT - 1) / SEGMENT * SEGMENT;
            archive(store, timeline, wholeUpTo);
            assertThat(recordsOf(store, timeline, taken.startLsn(), wholeUpTo)).isGreaterThan(ROWS_UNDER_LOAD);
            extract(store, binaries, timeline, taken);
            verifyWithPostgres(binaries);
            restored.start();
            // It takes sessions as a hot standby before all is replayed.
            store.until(() -> !isInRecovery());
            assertThat(restored.query(SUM)).hasToString(expected);
            restored.close();
        }
    }

    private void startPrimary(final PostgresBinaries binaries, final long rows) throws IOException, SQLException {
        primary = new PostgresServer(
                ServerConfig.of(binaries, temporary.resolve("primary"))
                        .withCluster(ClusterOptions.DEFAULT.withWalSegmentMiB(SEGMENT >> 20))
                        .with("wal_keep_size", "8GB")
                        .with("fsync", "off"),
                SystemClock.INSTANCE);
        primary.init();
        primary.start();
        final Path space = temporary.resolve("primary/space");
        Files.createDirectory(space);
        UnprivilegedUser.find().own(space);
        primary.execute("CREATE TABLESPACE far LOCATION '" + space + "'");
        primary.execute("CREATE TABLE spaced TABLESPACE far AS SELECT generate_series(1, 1000) i");
        primary.execute("CREATE TABLE growing AS SELECT i, repeat('x', 80) FROM generate_series(1, " + rows + ") i");
    }

    private ConnInfo info() {
        return ConnInfo.parse(
                "host=127.0.0.1 port=" + primary.port() + " user=postgres",
                new ConnEnvironment(name -> null, "nobody", Path.of("/nonexistent")));
    }

    private String value(final String sql) throws SQLException {
        return primary.query(sql).getFirst().getFirst();
    }

    private static BackupDescription takeBackup(
            final TestStore store, final ReplicationConnection connection, final TimelineEntry timeline) {
        final List<Long> progress = new ArrayList<>();
        try (BaseBackupSink sink = new BaseBackupSink(
                store.session(),
                store.store().limits(),
                timeline.keys(),
                new BackupSource(
                        timeline.systemIdentifier(),
                        timeline.postgresMajor(),
                        connection.serverVersion().text()),
                SystemClock.INSTANCE,
                BackupSinkConfig.DEFAULT,
                (archive, bytes, estimated, all, allEstimated) -> {
                    assertThat(allEstimated).isPositive();
                    progress.add(all);
                })) {
            final BaseBackupReceiver receiver = new BaseBackupReceiver(
                    sink, store.session(), new BackoffIdleStrategy(), () -> false, System.err::println);
            final BaseBackupEnd end = connection.baseBackup(BaseBackupOptions.of("firn's oracle"), receiver);
            final BackupDescription taken = receiver.finish(end);
            assertThat(progress).isSorted().last().isEqualTo(taken.archiveBytes());
            return taken;
        }
    }

    private void archive(final TestStore store, final TimelineEntry timeline, final long upTo) {
        final WalDirectoryLog log =
                new WalDirectoryLog(primary.dataDirectory().resolve("pg_wal"), SEGMENT, timeline.startLsn());
        try (SegmentArchiver archiver = new SegmentArchiver(
                store.session(),
                store.store().limits(),
                timeline,
                timeline.startLsn(),
                log,
                memory,
                SystemClock.INSTANCE,
                SystemRandom.seeded(1),
                ArchiveConfig.DEFAULT)) {
            log.commit(upTo);
            store.until(() -> {
                archiver.doWork();
                assertThat(archiver.failure()).isNull();
                return archiver.archivedLsn() == upTo;
            });
        }
    }

    /** How many records Firn's own reader finds in the archive; each is checked. */
    private long recordsOf(final TestStore store, final TimelineEntry timeline, final long fromLsn, final long toLsn) {
        final long[] records = {0};
        final WalReaderConfig config = WalReaderConfig.of(PostgresVersion.ofMajor(timeline.postgresMajor()), SEGMENT)
                .withSystemIdentifier(timeline.systemIdentifier());
        try (WalReader wal = new WalReader(config, memory);
                ArchiveReader archive = new ArchiveReader(
                        store.session(), timeline, PostgresTimelines.of(1), memory, CallOptions.DEFAULT)) {
            wal.begin(fromLsn);
            archive.begin(fromLsn & -8192);
            store.until(() -> {
                archive.poll((lsn, bytes, offset, length) -> {
                    wal.feed(lsn, bytes, offset, length);
                    WalStep step = wal.next();
                    while (step == WalStep.RECORD) {
                        records[0]++;
                        step = wal.next();
                    }
                    assertThat(step).as(() -> wal.end().describe()).isEqualTo(WalStep.NEEDS_BYTES);
                    return length;
                });
                assertThat(archive.sentence()).isNull();
                return archive.position() == toLsn && archive.isIdle();
            });
            assertThat(wal.finish().reason().isEndOfLog()).isTrue();
        }
        return records[0];
    }

    private boolean isInRecovery() {
        try {
            return restored.query("SELECT pg_is_in_recovery()")
                    .getFirst()
                    .getFirst()
                    .equals("t");
        } catch (final SQLException e) {
            throw new AssertionError(e);
        }
    }

    private void extract(
            final TestStore store,
            final PostgresBinaries binaries,
            final TimelineEntry timeline,
            final BackupDescription taken)
            throws IOException {
        restored = new PostgresServer(
                ServerConfig.of(binaries, temporary.resolve("restored"))
                        .with("restore_command", "cp " + temporary.resolve("objects/timelines/main/wal") + "/%f %p"),
                SystemClock.INSTANCE);
        final Path space = temporary.resolve("restored-space");
        final List<String> answers = new ArrayList<>();
        try (BaseBackupReader reader = new BaseBackupReader(
                        store.session(), timeline.keys(), taken.startLsn(), memory, CallOptions.DEFAULT);
                DirectoryTarget target = new DirectoryTarget(restored.dataDirectory(), archive -> space, false)) {
            reader.open(sentence -> answers.add(String.valueOf(sentence)));
            store.until(() -> reader.doWork() == 0 && answers.size() == 1);
            reader.verifyManifest(sentence -> answers.add(String.valueOf(sentence)));
            store.until(() -> reader.doWork() == 0 && answers.size() == 2);
            reader.extract(target, sentence -> answers.add(String.valueOf(sentence)));
            store.until(() -> reader.doWork() == 0 && answers.size() == 3);
        }
        assertThat(answers).containsOnly("null");
        openToAll(temporary.resolve("objects"));
        try (Stream<Path> all = Files.walk(space)) {
            for (final Path path : (Iterable<Path>) all::iterator) {
                UnprivilegedUser.find().own(path);
            }
        }
        restored.adopt();
    }

    /** So that the restored server's user can read the archive. */
    private static void openToAll(final Path objects) throws IOException {
        try (Stream<Path> all = Files.walk(objects)) {
            for (final Path path : (Iterable<Path>) all::iterator) {
                Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
    }

    private void verifyWithPostgres(final PostgresBinaries binaries) throws IOException {
        if (binaries.has("pg_verifybackup")) {
            final ShortCommand.Result result = restored.run(
                    "pg_verifybackup",
                    "-n",
                    "-i",
                    "tablespace_map",
                    restored.dataDirectory().toString());
            assertThat(result.output()).contains("backup successfully verified");
        }
        Files.createFile(restored.dataDirectory().resolve("recovery.signal"));
        restored.adopt();
    }

    /** Inserts as long as it is open. */
    private static final class Load implements AutoCloseable {
        private final PostgresServer server;
        private final AtomicBoolean ending = new AtomicBoolean();
        private final Thread thread;
        private volatile Exception failure;
        private volatile long rows;

        Load(final PostgresServer server) {
            this.server = server;
            this.thread = new Thread(this::run, "load");
        }

        void start() {
            thread.start();
        }

        /** How many it has inserted; endless after a failure, which {@link #close} tells. */
        long rows() {
            return failure == null ? rows : Long.MAX_VALUE;
        }

        private void run() {
            try {
                long inserted = 0;
                while (!ending.get()) {
                    server.execute("INSERT INTO growing SELECT i, 'y' FROM generate_series(1, 100) i");
                    inserted += 100;
                    rows = inserted;
                }
            } catch (final SQLException e) {
                failure = e;
            }
        }

        @Override
        public void close() throws InterruptedException {
            ending.set(true);
            thread.join(60_000);
            assertThat(failure).isNull();
        }
    }
}
