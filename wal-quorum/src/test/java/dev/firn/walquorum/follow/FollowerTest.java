package dev.firn.walquorum.follow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.compute.instance.StopMode;
import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.transport.aeron.AeronEndpoint;
import dev.firn.walquorum.stream.WriterState;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.wire.LogSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against stock Postgres, with WAL nodes in this process. */
@Timeout(120)
class FollowerTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Map<Integer, TestPrimary> PRIMARIES = new HashMap<>();

    private static final AtomicReference<Path> PLACE = new AtomicReference<>();

    @TempDir
    Path driver;

    private final LeakCheck leaks = LeakCheck.start();
    private final OffHeapMemory memory = leaks.memory(32 << 20);
    private final TestHistories histories = new TestHistories();
    private TestQuorum quorum;
    private TestPrimary primary;
    private TestFollower follower;
    private LogSpec spec;
    private Membership membership;
    private AeronEndpoint endpoint;
    private int writers;

    @AfterEach
    void closeAll() throws SQLException {
        stopFollower();
        if (quorum != null) {
            quorum.close();
            quorum = null;
        }
        if (primary != null && primary.server.running()) {
            primary.waitForStandbys("");
            until(
                    "the slot is free",
                    () -> primary.value("SELECT count(*) FROM pg_replication_slots WHERE active")
                            .equals("0"));
            primary.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots");
        }
        leaks.close();
    }

    private void stopFollower() {
        if (follower != null) {
            follower.close();
            endpoint.close();
            follower = null;
        }
    }

    @BeforeAll
    static void placeServers(@TempDir final Path temporary) {
        PLACE.set(temporary);
    }

    @AfterAll
    static void stopServers() {
        PRIMARIES.values().forEach(TestPrimary::close);
        PRIMARIES.clear();
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 17})
    void shouldMakeCommitWaitForTheQuorumAndForNothingElse(final int major) throws Exception {
        follow(major);
        primary.execute("DROP TABLE IF EXISTS t", "CREATE TABLE t (n int)");
        primary.waitForStandbys("firn");
        until("the server sees the receiver", () -> "sync".equals(syncState()));
        primary.execute("INSERT INTO t VALUES (1)");
        requireAllCommitted();

        quorum.pause(1, true);
        primary.execute("INSERT INTO t VALUES (2)");
        quorum.pause(2, true);
        final CompletableFuture<Void> commit = CompletableFuture.runAsync(() -> insert(3));
        assertThat(isDoneWithin(commit, 700)).as("committed without a majority").isFalse();
        quorum.pause(1, false);
        assertThat(isDoneWithin(commit, 10_000)).as("goes on with a majority").isTrue();
        requireAllCommitted();
        quorum.pause(2, false);
        assertThat(follower.status().reconnects()).isZero();
    }

    @Test
    void shouldGoOnAfterTheServerIsRestartedOrKilled() throws Exception {
        follow(17);
        primary.execute("DROP TABLE IF EXISTS t", "CREATE TABLE t (n int)");
        primary.server.restart(StopMode.FAST);
        primary.waitForStandbys("firn");
        streams();
        primary.execute("INSERT INTO t SELECT generate_series(1, 10000)");
        requireAllCommitted();
        assertThat(follower.status().reconnects()).isEqualTo(1);

        primary.server.crash();
        primary.server.start();
        until("it streams again", () -> follower.status().reconnects() == 2);
        primary.execute("INSERT INTO t VALUES (4)");
        requireAllCommitted();
    }

    @Test
    void shouldStandBackWhenAnotherReceiverHasTakenOver() throws Exception {
        primary = primary(17);
        prepare();
        startFollower(primary.info("").withoutSecrets(), false);
        streams();
        final TestFollower first = follower;
        final AeronEndpoint itsEndpoint = endpoint;
        try {
            startFollower(primary.info("").withoutSecrets(), true);
            until("the first is deposed", () -> first.status().state() == FollowerState.DEPOSED);
            assertThat(first.status().lastError()).contains("another writer has taken over");
            streams();
            primary.execute("SELECT pg_logical_emit_message(false, 'a', 'b')");
            requireAllCommitted();
            assertThat(first.status().state()).isEqualTo(FollowerState.DEPOSED);
        } finally {
            first.close();
            itsEndpoint.close();
        }
    }

    @Test
    void shouldKeepUpWithMuchWalThroughASmallWindow() throws Exception {
        follow(17);
        primary.execute("DROP TABLE IF EXISTS big", "CREATE TABLE big (t text)");
        primary.execute("INSERT INTO big SELECT repeat('x', 500) FROM generate_series(1, 60000)");
        requireAllCommitted();
        assertThat(follower.follower.commitLatency(null).getTotalCount()).isPositive();
    }

    @Test
    void shouldNotBeTimedOutWhileItIsIdleOrStuck() throws Exception {
        follow(17);
        // wal_sender_timeout is 2 s.
        quorum.pause(0, true);
        quorum.pause(1, true);
        primary.execute("DROP TABLE IF EXISTS big", "CREATE TABLE big (t text)");
        primary.execute("INSERT INTO big SELECT repeat('x', 500) FROM generate_series(1, 40000)");
        pause(4_500);
        assertThat(follower.status().reconnects()).isZero();
        assertThat(follower.status().quorum()).isEqualTo(WriterState.NO_MAJORITY);
        assertThat(follower.status().lagBytes()).isPositive();
        quorum.pause(0, false);
        quorum.pause(1, false);
        requireAllCommitted();
        assertThat(follower.status().reconnects()).isZero();
    }

    @Test
    void shouldMakeItsSlotAgainWhenItWasDropped() throws Exception {
        follow(17);
        primary.execute("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots");
        for (int tries = 0; tries < 200 && !droppedSlot(); tries++) {
            pause(1);
        }
        until(
                "it streams again",
                () -> follower.status().reconnects() > 0 && follower.status().state() == FollowerState.STREAMING);
        primary.execute("SELECT pg_logical_emit_message(false, 'a', 'b')");
        requireAllCommitted();
        assertThat(primary.value("SELECT count(*) FROM pg_replication_slots WHERE active"))
                .isEqualTo("1");
    }

    private boolean droppedSlot() {
        try {
            primary.execute("SELECT pg_drop_replication_slot('" + TestPrimary.SLOT + "')");
            return true;
        } catch (final SQLException inUse) {
            return false;
        }
    }

    @Test
    void shouldGoOnWithTheStandbyThatWasPromoted() throws Exception {
        try (TestPrimary old = TestPrimary.start(17, PLACE.get(), "old")) {
            shouldGoOnWithTheStandbyThatWasPromoted(old);
        }
    }

    private void shouldGoOnWithTheStandbyThatWasPromoted(final TestPrimary old) throws Exception {
        old.execute("CREATE TABLE t (n int)");
        old.server.stop(StopMode.FAST);
        try (TestPrimary standby = old.copy(PLACE.get(), "standby")) {
            old.server.start();
            standby.server.start();
            primary = old;
            prepare();
            startFollower("host=127.0.0.1,127.0.0.1 port=" + old.server.port() + "," + standby.server.port()
                    + " user=postgres application_name=firn target_session_attrs=read-write");
            streams();
            old.waitForStandbys("firn");
            old.execute("INSERT INTO t SELECT generate_series(1, 1000)");
            old.waitForStandbys("2 (firn, standby)");
            old.execute("INSERT INTO t VALUES (0)");
            requireAllCommitted();
            old.server.crash();
            standby.server.promote();
            primary = standby;
            until(
                    "it follows timeline 2",
                    () -> follower.status().state() == FollowerState.STREAMING
                            && follower.status().postgresTimeline() == 2);
            standby.waitForStandbys("firn");
            standby.execute("INSERT INTO t SELECT generate_series(1, 1000)");
            assertThat(standby.value("SELECT count(*) FROM t")).isEqualTo("2001");
            requireAllCommitted();
            assertThat(histories.newest())
                    .hasValueSatisfying(kept -> assertThat(kept.timeline()).isEqualTo(2));
            stopFollower();
            primary = null;
        }
    }

    @Test
    void shouldRefuseAPromotedServerThatLacksWhatTheQuorumHas() throws Exception {
        try (TestPrimary old = TestPrimary.start(17, PLACE.get(), "left")) {
            old.execute("CREATE TABLE t (n int)");
            old.server.stop(StopMode.FAST);
            try (TestPrimary stale = old.copy(PLACE.get(), "stale")) {
                old.server.start();
                primary = old;
                prepare();
                startFollower("host=127.0.0.1,127.0.0.1 port=" + old.server.port() + ",1 user=postgres"
                        + " application_name=firn");
                streams();
                old.waitForStandbys("firn");
                old.execute("INSERT INTO t VALUES (1)");
                requireAllCommitted();
                stopFollower();
                old.server.crash();
                stale.server.start();
                stale.server.promote();
                startFollower(stale.info("").withoutSecrets());
                until("it says so", () -> follower.status().lastError().contains("leaves timeline 1 at"));
                assertThat(follower.status().lastError()).contains("what was acknowledged is missing on that server");
                assertThat(follower.status().state()).isNotEqualTo(FollowerState.STREAMING);
                primary = null;
            }
        }
    }

    @Test
    void shouldFailWithASentenceWhenTheServerIsAnotherCluster() throws Exception {
        primary = primary(17);
        prepare();
        spec = new LogSpec(
                spec.logId() + 1, "main", 4711, spec.postgresMajor(), spec.walSegmentBytes(), spec.startLsn());
        quorum.close();
        quorum = new TestQuorum(driver, 8);
        makeLog();
        startFollower(primary.info("").withoutSecrets());
        until("it fails", () -> follower.status().state() == FollowerState.FAILED);
        assertThat(follower.status().lastError())
                .contains("is another cluster, with system identifier")
                .contains("4711");
    }

    @Test
    void shouldFailWithASentenceWhenTheWalIsGone() throws Exception {
        primary = primary(17);
        final long early = Lsn.parse(primary.value("SELECT pg_current_wal_lsn()"));
        for (int i = 0; i < 12; i++) {
            primary.execute("SELECT pg_logical_emit_message(false, 'a', 'b')", "SELECT pg_switch_wal()", "CHECKPOINT");
        }
        prepare(early & -TestPrimary.SEGMENT_BYTES);
        startFollower(primary.info("").withoutSecrets());
        until("it fails", () -> follower.status().state() == FollowerState.FAILED);
        assertThat(follower.status().lastError())
                .contains("is gone from the server, and only a new base backup helps: detach main and attach it again");
    }

    @Test
    void shouldSayWhatIsWrongAndTryAgainWhenTheRoleIsNotLetIn() throws Exception {
        primary = primary(17);
        primary.execute("DROP ROLE IF EXISTS nobody", "CREATE ROLE nobody LOGIN");
        prepare();
        startFollower(primary.info("").withoutSecrets().replace("user=postgres", "user=nobody"));
        until("it says so", () -> !follower.status().lastError().isEmpty());
        assertThat(follower.status().state()).isEqualTo(FollowerState.RECONNECTING);
        assertThat(follower.status().lastError()).contains("nobody");
        primary.execute("ALTER ROLE nobody REPLICATION");
        streams();
    }

    // --- steps ----------------------------------------------------------------------------------------------------

    private interface Condition {
        boolean holds() throws SQLException;
    }

    private static TestPrimary primary(final int major) throws IOException {
        TestPrimary found = PRIMARIES.get(major);
        if (found == null) {
            found = TestPrimary.start(major, PLACE.get(), "primary" + major);
            PRIMARIES.put(major, found);
        }
        return found;
    }

    private void follow(final int major) throws IOException, SQLException {
        primary = primary(major);
        prepare();
        startFollower(primary.info("").withoutSecrets());
        streams();
    }

    private void prepare() throws SQLException {
        prepare(Lsn.parse(primary.value("SELECT pg_current_wal_lsn()")) & -TestPrimary.SEGMENT_BYTES);
    }

    private void prepare(final long startLsn) throws SQLException {
        quorum = new TestQuorum(driver, 8);
        final long systemIdentifier =
                Long.parseUnsignedLong(primary.value("SELECT system_identifier FROM pg_control_system()"));
        spec = new LogSpec(
                SystemRandom.create().nextLong(1, Long.MAX_VALUE),
                "main",
                systemIdentifier,
                primary.major,
                TestPrimary.SEGMENT_BYTES,
                startLsn);
        makeLog();
    }

    private void makeLog() {
        membership = TestFollower.makeLog(quorum.writer(writers++), spec, memory);
    }

    private void startFollower(final String conninfo) {
        startFollower(conninfo, true);
    }

    private void startFollower(final String conninfo, final boolean isMeantToLead) {
        endpoint = quorum.writer(writers++);
        follower = new TestFollower(
                endpoint, spec, membership, TestPrimary.parse(conninfo), histories, isMeantToLead, memory);
    }

    private void streams() {
        until("it streams", () -> follower.status().state() == FollowerState.STREAMING);
    }

    private String syncState() throws SQLException {
        return primary.value("SELECT coalesce(max(sync_state), '') FROM pg_stat_replication");
    }

    private void insert(final int n) {
        try {
            primary.execute("INSERT INTO t VALUES (" + n + ")");
        } catch (final SQLException e) {
            throw new CompletionException(e);
        }
    }

    /** All that the server has flushed is committed, byte by byte, and the server knows. */
    private void requireAllCommitted() throws SQLException, IOException {
        final long end = Lsn.parse(primary.value("SELECT pg_current_wal_flush_lsn()"));
        until("all is committed", () -> follower.status().committedLsn() >= end);
        final int timeline = follower.status().postgresTimeline();
        final long from = Math.max(spec.startLsn(), end & -TestPrimary.SEGMENT_BYTES);
        assertThat(quorum.holds(from, primary.wal(timeline, from, end))).isTrue();
        until(
                "the server knows",
                () -> Lsn.parse(primary.value("SELECT coalesce(max(flush_lsn), '0/0') FROM pg_stat_replication"
                                + " WHERE application_name = 'firn'"))
                        >= end);
    }

    private void until(final String what, final Condition condition) {
        final long deadline = SystemClock.INSTANCE.nanoTime() + LIMIT.toNanos();
        try {
            while (!condition.holds()) {
                if (SystemClock.INSTANCE.nanoTime() > deadline) {
                    throw new AssertionError(
                            "not within " + LIMIT + ": " + what + "; " + (follower == null ? "" : follower.status()));
                }
                pause(5);
            }
        } catch (final SQLException e) {
            throw new AssertionError(what, e);
        }
    }

    private static void pause(final long milliseconds) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(milliseconds));
    }

    private static boolean isDoneWithin(final CompletableFuture<Void> task, final long milliseconds) throws Exception {
        try {
            task.get(milliseconds, TimeUnit.MILLISECONDS);
            return true;
        } catch (final TimeoutException e) {
            return false;
        }
    }
}
