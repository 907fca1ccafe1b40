package dev.firn.walquorum.follow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.transport.aeron.AeronEndpoint;
import dev.firn.walquorum.TestStore;
import dev.firn.walquorum.backup.BaseBackupReader;
import dev.firn.walquorum.catalog.TimelineEntry;
import dev.firn.walquorum.catalog.TimelineKeys;
import dev.firn.walquorum.pgwire.PgwireConfig;
import dev.firn.walquorum.stream.WriterConfig;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.wire.LogSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against stock Postgres, WAL nodes in this process, and a directory as the store. */
@Timeout(180)
class AttachmentTest {
    private static final CallOptions OPTIONS = CallOptions.DEFAULT;
    private static final long LOG_ID = 0xF1F1L;

    @TempDir
    Path temporary;

    @TempDir
    Path driver;

    @TempDir
    Path objects;

    private final List<String> steps = new ArrayList<>();
    private final AtomicBoolean isStopped = new AtomicBoolean();
    private long backupBytes;
    private TestPrimary primary;
    private TestQuorum quorum;
    private TestStore store;
    private OffHeapMemory memory;
    private int writers;

    private final AttachProgress progress = new AttachProgress() {
        @Override
        public void onStep(final String step) {
            steps.add(step);
        }

        @Override
        public void onBackup(final long bytes, final long estimatedBytes) {
            backupBytes = Math.max(backupBytes, bytes);
            isStopped.set(stopsDuringBackup);
        }

        @Override
        public void onWarning(final String sentence) {
            steps.add("warning: " + sentence);
        }
    };

    private boolean stopsDuringBackup;

    @Test
    void shouldAttachGoOnAfterAnInterruptionFollowAndDetach() throws Exception {
        try (LeakCheck leaks = LeakCheck.start();
                TestPrimary server = TestPrimary.start(17, temporary, "server");
                TestQuorum nodes = new TestQuorum(driver, 16);
                TestStore directory = TestStore.directory(objects)) {
            memory = leaks.memory(48 << 20);
            primary = server;
            quorum = nodes;
            store = directory;
            server.execute("CREATE TABLE t (n int)", "INSERT INTO t SELECT generate_series(1, 1000)");

            stopsDuringBackup = true;
            assertThatThrownBy(() -> attach("main", LOG_ID))
                    .isInstanceOf(AttachException.class)
                    .hasMessageContaining("asked to stop");
            stopsDuringBackup = false;
            isStopped.set(false);
            assertThat(backups("main")).isEmpty();
            assertThat(slots()).isEqualTo("firn_main");

            final TimelineEntry entry = attach("main", LOG_ID);
            assertThat(backups("main")).hasSize(1);
            assertThat(backupBytes).isGreaterThan(10 << 20);
            assertThat(entry.startLsn()).isLessThanOrEqualTo(backups("main").getFirst());
            assertThat(quorum.logs()).isEqualTo(3);
            assertThat(steps).contains("making the replication slot firn_main", "taking a base backup");

            assertThat(attach("main", LOG_ID)).isEqualTo(entry);
            assertThat(backups("main")).as("one is enough").hasSize(1);
            assertThatThrownBy(() -> attach("main", LOG_ID + 1))
                    .isInstanceOf(AttachException.class)
                    .hasMessageContaining("there is a timeline main already");
            assertThatThrownBy(() -> attach("other", LOG_ID + 1))
                    .isInstanceOf(AttachException.class)
                    .hasMessageContaining("is attached already, as main");
            assertThat(slots()).isEqualTo("firn_main");

            follow(entry);

            assertThat(dropSlot()).isEmpty();
            assertThat(slots()).isEmpty();
            final List<String> left = with(tools -> new Detachment("main", tools).purge(LOG_ID, TestQuorum.nodeIds()));
            assertThat(left).isEmpty();
            assertThat(quorum.logs()).isZero();
            assertThat(backups("main")).isEmpty();
            server.server.crash();
            assertThat(dropSlot())
                    .hasValueSatisfying(sentence -> assertThat(sentence)
                            .contains("drop it there by: SELECT pg_drop_replication_slot('firn_main')"));
        }
    }

    private void follow(final TimelineEntry entry) throws Exception {
        final AeronEndpoint endpoint = quorum.writer(writers++);
        final StoredHistories histories =
                new StoredHistories(store.store(), entry.keys(), entry.postgresTimeline(), memory, OPTIONS);
        assertThat(histories.newest()).isEmpty();
        try (TestFollower follower = new TestFollower(
                endpoint,
                new LogSpec(
                        entry.logId(),
                        entry.name(),
                        entry.systemIdentifier(),
                        entry.postgresMajor(),
                        entry.walSegmentBytes(),
                        entry.startLsn()),
                Membership.of(entry.members()),
                primary.info(""),
                histories,
                true,
                memory)) {
            final long end = Lsn.parse(primary.value("SELECT pg_current_wal_flush_lsn()"));
            until(() -> follower.status().committedLsn() >= end);
            assertThat(quorum.holds(
                            end & -TestPrimary.SEGMENT_BYTES, primary.wal(1, end & -TestPrimary.SEGMENT_BYTES, end)))
                    .isTrue();
        } finally {
            endpoint.close();
        }
        final byte[] history = "1\t0/5000000\tno recovery target specified\n".getBytes(StandardCharsets.UTF_8);
        histories.keep(new HistoryKeeper.Kept(3, history));
        histories.keep(new HistoryKeeper.Kept(3, history));
        assertThat(histories.newest()).hasValueSatisfying(kept -> {
            assertThat(kept.timeline()).isEqualTo(3);
            assertThat(kept.content()).isEqualTo(history);
        });
    }

    @Test
    void shouldNameSlotsAsPostgresTakesThem() {
        assertThat(SlotNames.of("main")).isEqualTo("firn_main");
        assertThat(SlotNames.of("a-b")).matches("firn_a_b_[0-9a-f]{8}").isNotEqualTo(SlotNames.of("a_b"));
        final String longest = "x".repeat(63);
        assertThat(SlotNames.of(longest)).hasSize(63).matches("[a-z0-9_]+");
        assertThat(SlotNames.of(longest)).isNotEqualTo(SlotNames.of("x".repeat(62)));
    }

    private TimelineEntry attach(final String name, final long logId) {
        return with(tools -> new Attachment(
                        AttachPlan.of(name, logId, primary.info(""), TestQuorum.nodeIds()), tools, progress)
                .run());
    }

    private <T> T with(final Function<AttachTools, T> work) {
        try (Endpoint endpoint = quorum.writer(writers++)) {
            return work.apply(new AttachTools(
                    endpoint,
                    store.store(),
                    PgwireConfig.of(SystemClock.INSTANCE, memory),
                    WriterConfig.DEFAULT,
                    memory,
                    OPTIONS,
                    SystemClock.INSTANCE,
                    SystemRandom.create(),
                    isStopped::get));
        }
    }

    private Optional<String> dropSlot() {
        return with(tools -> new Detachment("main", tools).dropSlot(primary.info("")));
    }

    private String slots() throws Exception {
        return primary.value("SELECT coalesce(string_agg(slot_name, ','), '') FROM pg_replication_slots");
    }

    private List<Long> backups(final String name) {
        return store.ask(
                answer -> BaseBackupReader.list(store.session(), new TimelineKeys(name), OPTIONS, answer, sentence -> {
                    throw new AssertionError(sentence);
                }));
    }

    private static void until(final BooleanSupplier condition) {
        final long deadline = SystemClock.INSTANCE.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(SystemClock.INSTANCE.nanoTime()).isLessThan(deadline);
            LockSupport.parkNanos(5_000_000);
        }
    }
}
