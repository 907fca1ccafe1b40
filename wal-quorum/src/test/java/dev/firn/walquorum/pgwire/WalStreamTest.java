package dev.firn.walquorum.pgwire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.firn.compute.instance.StopMode;
import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.postgres.lsn.Lsn;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams of stock Postgres of each supported major version. */
class WalStreamTest {
    private static final int CLIENTS = 3;
    private static final int TRANSACTIONS = 60;

    private static final String HBA = "host replication trusted 127.0.0.1/32 trust\n";
    private static final Map<Integer, TestServer> SERVERS = new HashMap<>();

    private final LeakCheck leaks = LeakCheck.start();
    private final OffHeapMemory memory = leaks.memory(8 << 20);
    private TestServer server;

    @BeforeAll
    static void startServers(@TempDir final Path temporary) throws Exception {
        for (final SupportedMajor major : SupportedMajor.values()) {
            SERVERS.put(major.number(), start(major.number(), temporary));
        }
    }

    private static TestServer start(final int major, final Path temporary) throws Exception {
        final TestServer started = TestServer.start(major, temporary, Map.of("autovacuum", "off"), HBA);
        started.execute(
                "CREATE ROLE trusted LOGIN REPLICATION",
                "CREATE TABLE t (i int, filler text)",
                "ALTER SYSTEM SET wal_keep_size = '1GB'",
                "SELECT pg_reload_conf()");
        return started;
    }

    @AfterAll
    static void stopServers() {
        SERVERS.values().forEach(TestServer::close);
        SERVERS.clear();
    }

    @AfterEach
    void everythingIsFreed() {
        leaks.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldHandOnTheBytesOfPgWalWhileTransactionsRun(final int major) throws Exception {
        server = SERVERS.get(major);
        try (ReplicationConnection connection = connect("application_name=copies")) {
            connection.createPhysicalSlot("mine", true);
            final long from = segmentStart(connection.identifySystem().flushLsn());
            try (WalStream stream = connection.startReplication("mine", from, 1)) {
                final WalCollector collector = new WalCollector(from);
                final long target = load(collector, stream);
                collector.runUntil(stream, () -> collector.nextLsn >= target);

                assertThat(collector.nextLsn - from).isGreaterThan(2L * TestServer.WAL_SEGMENT_BYTES);
                assertThat(collector.bytes.toByteArray()).isEqualTo(server.wal(1, from, collector.nextLsn));
                assertThat(collector.serverEndLsn).isGreaterThanOrEqualTo(target);
                assertThat(Math.abs(collector.serverTimeUs * 1000 - SystemClock.INSTANCE.epochNs()))
                        .isLessThan(Duration.ofMinutes(1).toNanos());

                final long last = collector.nextLsn;
                assertThat(stream.sendStatus(last, last - 1, last - 2, true)).isTrue();
                final int before = collector.keepalives;
                collector.answers = false;
                collector.runUntil(stream, () -> collector.keepalives > before);
                assertThat(server.postgres()
                                .query("SELECT write_lsn, flush_lsn, replay_lsn FROM pg_stat_replication"
                                        + " WHERE application_name = 'copies'"))
                        .containsExactly(List.of(Lsn.format(last), Lsn.format(last - 1), Lsn.format(last - 2)));
                assertThat(server.value("SELECT restart_lsn FROM pg_replication_slots WHERE slot_name = 'mine'"))
                        .isEqualTo(Lsn.format(last - 1));
            }
        }
    }

    /** Inserts from several sessions until all is committed; the position behind it. */
    private long load(final WalCollector collector, final WalStream stream) throws Exception {
        final ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            final List<Future<?>> running = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                final int first = client * TRANSACTIONS;
                running.add(clients.submit(() -> {
                    insert(first);
                    return null;
                }));
            }
            collector.runUntil(stream, () -> running.stream().allMatch(Future::isDone));
            for (final Future<?> client : running) {
                client.get();
            }
        } finally {
            clients.shutdownNow();
            assertThat(clients.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
        return Lsn.parse(server.value("SELECT pg_current_wal_flush_lsn()"));
    }

    private void insert(final int first) throws Exception {
        try (Connection session = server.postgres().connect("");
                Statement statement = session.createStatement()) {
            for (int i = first; i < first + TRANSACTIONS; i++) {
                statement.execute("INSERT INTO t SELECT " + i + " * 1000 + n, repeat(md5(random()::text), 8)"
                        + " FROM generate_series(1, 60) n");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldFollowThePromotionOfAStandby(final int major, @TempDir final Path temporary) throws Exception {
        try (TestServer standby = start(major, temporary)) {
            server = standby;
            followPromotion();
        }
    }

    private void followPromotion() throws Exception {
        server.execute("INSERT INTO t SELECT generate_series(1, 1000)");
        server.postgres().stop(StopMode.FAST);
        server.put("standby.signal", "");
        server.postgres().start();
        try (ReplicationConnection connection = connect("")) {
            final long from = segmentStart(connection.identifySystem().flushLsn());
            WalStream stream = connection.startReplication(null, from, 1);
            final WalCollector first = new WalCollector(from);
            first.runUntil(stream, () -> first.nextLsn > from);
            server.postgres().promote();
            first.runUntil(stream, stream::isEnded);

            assertThat(first.error).isNull();
            assertThat(first.nextTimeline).isEqualTo(2);
            assertThat(first.switchLsn).isEqualTo(first.nextLsn);
            assertThat(first.bytes.toByteArray()).isEqualTo(server.wal(1, from, first.nextLsn));
            assertThat(stream.poll(first)).isZero();
            assertThat(stream.sendStatus(1, 1, 1, false)).isFalse();

            final TimelineHistory history = connection.timelineHistory(2);
            assertThat(history.fileName()).isEqualTo("00000002.history");
            assertThat(new String(history.content(), StandardCharsets.UTF_8)).contains(Lsn.format(first.switchLsn));

            stream = connection.startReplication(null, first.switchLsn, 1);
            final WalCollector nothing = new WalCollector(first.switchLsn);
            nothing.runUntil(stream, stream::isEnded);
            assertThat(nothing.nextTimeline).isEqualTo(2);
            assertThat(nothing.bytes.size()).isZero();

            server.execute("INSERT INTO t SELECT generate_series(1, 1000)");
            final long target = Lsn.parse(server.value("SELECT pg_current_wal_flush_lsn()"));
            stream = connection.startReplication(null, first.switchLsn, 2);
            final WalCollector second = new WalCollector(first.switchLsn);
            second.runUntil(stream, () -> second.nextLsn >= target);
            assertThat(second.bytes.toByteArray()).isEqualTo(server.wal(2, first.switchLsn, second.nextLsn));
            assertThat(connection.isOpen()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldGoOnWhereItStoppedWhenTheServerWasStoppedOrKilled(final int major) throws Exception {
        server = SERVERS.get(major);
        final WalCollector collector;
        try (ReplicationConnection connection = connect("")) {
            final long from = segmentStart(connection.identifySystem().flushLsn());
            collector = new WalCollector(from);
            try (WalStream stream = connection.startReplication(null, from, 1)) {
                server.execute("INSERT INTO t SELECT generate_series(1, 1000)");
                collector.runUntil(stream, () -> collector.nextLsn > from);
                final Thread stopper = new Thread(() -> server.postgres().stop(StopMode.FAST));
                stopper.start();
                collector.runUntil(stream, stream::isEnded);
                stopper.join();
            }
            assertThat(collector.isShutDown).isTrue();
            assertThat(collector.error).isNull();
            assertThat(connection.isOpen()).isFalse();
        }
        // All that the server wrote before it stopped has come, its checkpoint included.
        assertThatThrownBy(() -> connect(""))
                .isInstanceOfSatisfying(
                        PgwireException.class, e -> assertThat(e.isTransient()).isTrue())
                .hasMessageContaining("cannot be reached");
        server.postgres().start();

        try (ReplicationConnection connection = connect("");
                WalStream stream = connection.startReplication(null, collector.nextLsn, 1)) {
            server.execute("INSERT INTO t SELECT generate_series(1, 1000)");
            final long target = Lsn.parse(server.value("SELECT pg_current_wal_flush_lsn()"));
            collector.runUntil(stream, () -> collector.nextLsn >= target);
            server.postgres().crash();
            final PgwireException lost =
                    catchThrowableOfType(PgwireException.class, () -> collector.runUntil(stream, stream::isEnded));
            assertThat(lost.isTransient()).isTrue();
            assertThat(lost)
                    .hasMessageContaining("127.0.0.1:" + server.postgres().port());
            assertThat(stream.isEnded()).isTrue();
            assertThat(stream.poll(collector)).isZero();
            stream.await(1);
        }
        server.postgres().start();
        try (ReplicationConnection connection = connect("");
                WalStream stream = connection.startReplication(null, collector.nextLsn, 1)) {
            server.execute("INSERT INTO t SELECT generate_series(1, 1000)");
            final long target = Lsn.parse(server.value("SELECT pg_current_wal_flush_lsn()"));
            collector.runUntil(stream, () -> collector.nextLsn >= target);
        }
        assertThat(collector.bytes.toByteArray()).isEqualTo(server.wal(1, collector.startLsn, collector.nextLsn));
    }

    @Test
    void shouldBeKeptAliveByStatusesAndOnlyByThem() throws Exception {
        server = SERVERS.get(17);
        try (ReplicationConnection connection = connect("options='-c wal_sender_timeout=1s'")) {
            final long from = connection.identifySystem().flushLsn();
            try (WalStream stream = connection.startReplication(null, from, 1)) {
                final WalCollector collector = new WalCollector(from);
                collector.runUntil(stream, () -> collector.replyRequests >= 3);
                assertThat(stream.isEnded()).isFalse();

                collector.answers = false;
                assertThatThrownBy(() -> collector.runUntil(stream, stream::isEnded))
                        .isInstanceOf(PgwireException.class)
                        .hasMessageContaining("closed the connection");
                assertThat(server.log()).anyMatch(line -> line.contains("terminating walsender process"));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldSayWhatIsWrongWithThePosition(final int major) throws Exception {
        server = SERVERS.get(major);
        final long from;
        try (ReplicationConnection connection = connect("")) {
            final SystemIdentity identity = connection.identifySystem();
            from = segmentStart(identity.flushLsn());
            final WalCollector ahead = new WalCollector(identity.flushLsn() + (1 << 30));
            final WalStream stream = connection.startReplication(null, ahead.startLsn, 1);
            ahead.runUntil(stream, stream::isEnded);
            assertThat(ahead.error).hasMessageContaining("is ahead of the WAL flush position");
        }
        try (ReplicationConnection connection = connect("");
                ReplicationConnection other = connect("")) {
            assertThat(catchThrowableOfType(PostgresException.class, () -> connection.startReplication(null, from, 7)))
                    .hasMessageContaining("requested timeline 7 is not in this server's history");
            assertThat(catchThrowableOfType(PostgresException.class, () -> connection.startReplication("none", from, 1))
                            .sqlState())
                    .isEqualTo("42704");
            connection.createPhysicalSlot("used", false);
            assertThat(connection.startReplication("used", from, 1).isEnded()).isFalse();
            final PostgresException inUse =
                    catchThrowableOfType(PostgresException.class, () -> other.startReplication("used", from, 1));
            assertThat(inUse.sqlState()).isEqualTo("55006");
            assertThat(inUse.isTransient()).isTrue();
            assertThat(other.isOpen()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldSaySoWhenTheWalIsGone(final int major) throws Exception {
        server = SERVERS.get(major);
        final long from;
        try (ReplicationConnection connection = connect("")) {
            from = segmentStart(connection.identifySystem().flushLsn());
            for (final String slot : List.of("mine", "used")) {
                if (connection.readSlot(slot).isPresent()) {
                    connection.dropSlot(slot, true);
                }
            }
        }
        server.execute(
                "ALTER SYSTEM SET wal_keep_size = 0",
                "ALTER SYSTEM SET max_wal_size = '2MB'",
                "ALTER SYSTEM SET min_wal_size = '2MB'",
                "SELECT pg_reload_conf()");
        for (int i = 0; i < 8; i++) {
            server.execute("INSERT INTO t VALUES (1)", "SELECT pg_switch_wal()");
        }
        server.execute("CHECKPOINT", "CHECKPOINT");
        try (ReplicationConnection connection = connect("")) {
            final WalCollector gone = new WalCollector(from);
            final WalStream stream = connection.startReplication(null, from, 1);
            gone.runUntil(stream, stream::isEnded);
            assertThat(gone.error.sqlState()).isEqualTo("58P01");
            assertThat(gone.error).hasMessageContaining("take a new base backup");
            assertThat(gone.bytes.size()).isZero();
        }
        server.execute(
                "ALTER SYSTEM RESET max_wal_size",
                "ALTER SYSTEM RESET min_wal_size",
                "ALTER SYSTEM SET wal_keep_size = '1GB'",
                "SELECT pg_reload_conf()");
    }

    @Test
    void shouldStopAtOnceWhenTheHandlerClosesIt() throws Exception {
        server = SERVERS.get(17);
        server.execute("INSERT INTO t SELECT generate_series(1, 10000)");
        try (ReplicationConnection connection = connect("")) {
            final long from = segmentStart(connection.identifySystem().flushLsn());
            final WalStream stream = connection.startReplication(null, from, 1);
            final WalCollector collector = new WalCollector(from) {
                @Override
                public void onWal(
                        final long lsn,
                        final DirectBuffer buffer,
                        final int offset,
                        final int length,
                        final long serverEndLsn,
                        final long serverTimeUs) {
                    stream.close();
                    super.onWal(lsn, buffer, offset, length, serverEndLsn, serverTimeUs);
                }
            };
            collector.runUntil(stream, stream::isEnded);
            assertThat(collector.bytes.size()).isPositive();
            assertThat(collector.bytes.toByteArray()).isEqualTo(server.wal(1, from, collector.nextLsn));
        }
    }

    @Test
    void shouldWakeUpWhenAnotherThreadSaysSo() throws Exception {
        server = SERVERS.get(17);
        try (ReplicationConnection connection = connect("")) {
            final SystemIdentity identity = connection.identifySystem();
            final WalStream stream = connection.startReplication(null, identity.flushLsn(), 1);
            final WalCollector collector = new WalCollector(identity.flushLsn());
            assertThat(stream.sendStatus(identity.flushLsn(), identity.flushLsn(), identity.flushLsn(), true))
                    .isTrue();
            collector.runUntil(stream, () -> collector.keepalives > 0);
            assertThat(stream.descriptor()).isPositive();
            assertThat(stream.isWriteDue()).isFalse();
            final Thread other = new Thread(stream::wakeup);
            other.start();
            final long before = SystemClock.INSTANCE.nanoTime();
            stream.await(Duration.ofSeconds(20).toNanos());
            other.join();
            assertThat(SystemClock.INSTANCE.nanoTime() - before)
                    .isLessThan(Duration.ofSeconds(10).toNanos());
        }
    }

    private ReplicationConnection connect(final String more) {
        return ReplicationConnection.connect(server.info("trusted", more), TestServer.config(memory));
    }

    private static long segmentStart(final long lsn) {
        return lsn - lsn % TestServer.WAL_SEGMENT_BYTES;
    }
}
