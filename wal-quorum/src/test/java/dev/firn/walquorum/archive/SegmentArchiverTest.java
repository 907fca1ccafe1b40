package dev.firn.walquorum.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.simulation.StoreFault;
import dev.firn.s3tier.simulation.StoreFaultRule;
import dev.firn.s3tier.simulation.StoreFaults;
import dev.firn.s3tier.simulation.StoreOperation;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.WriteCondition;
import dev.firn.walquorum.TestStore;
import dev.firn.walquorum.catalog.HistoryFile;
import dev.firn.walquorum.catalog.PostgresTimelines;
import dev.firn.walquorum.catalog.TimelineEntry;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentArchiverTest {
    private static final int SEGMENT = SyntheticWal.SEGMENT;
    private static final long START = 5;
    private static final long HOUR_NS = 3_600_000_000_000L;
    private static final String WAL = "timelines/main/wal/";

    private final LeakCheck leaks = LeakCheck.start();
    private final OffHeapMemory memory = leaks.memory(64 << 20);
    private final TimelineEntry timeline = SyntheticWal.timeline(START);
    private long committed = START * SEGMENT;
    private LongFunction<byte[]> segments = number -> SyntheticWal.segment(number, lsn -> 1);

    @TempDir
    private Path directory;

    @AfterEach
    void everythingIsFreed() {
        leaks.close();
    }

    private SyntheticLog log(final long startLsn) {
        return new SyntheticLog(number -> segments.apply(number), () -> committed, startLsn, SystemRandom.seeded(7));
    }

    private SegmentArchiver archiver(final TestStore store, final SyntheticLog log) {
        final Clock clock = store.simulation() == null
                ? SystemClock.INSTANCE
                : store.simulation().host(0).clock();
        return new SegmentArchiver(
                store.session(),
                store.store().limits(),
                timeline,
                log.startLsn(),
                log,
                memory,
                clock,
                SystemRandom.seeded(3),
                ArchiveConfig.DEFAULT);
    }

    private static void until(
            final TestStore store, final SegmentArchiver archiver, final java.util.function.BooleanSupplier condition) {
        store.until(() -> archiver.doWork() == 0 && condition.getAsBoolean());
    }

    private void put(final TestStore store, final String key, final byte[] content) {
        final MemorySegment body = memory.allocate(content.length, MemoryTag.of("test"));
        MemorySegment.copy(MemorySegment.ofArray(content), 0, body, 0, content.length);
        assertThat(store.<PutOutcome>ask(handler -> store.session()
                        .put(key, List.of(body), WriteCondition.ALWAYS, CallOptions.DEFAULT, handler::accept)))
                .isInstanceOf(PutOutcome.Stored.class);
        memory.free(body);
    }

    @Test
    void shouldNameTheLastSegmentWhenNothingFollowsIt() {
        try (TestStore store = TestStore.simulated(1, StoreFaults.NONE)) {
            final SegmentArchiver archiver = archiver(store, log(START * SEGMENT));
            committed = (START + 2) * SEGMENT;
            until(store, archiver, () -> archiver.archivedLsn() == committed);
            assertThat(store.truth().keys())
                    .containsExactly(WAL + "000000010000000000000005", WAL + "000000010000000000000006");
            assertThat(archiver.lagBytes()).isZero();
            assertThat(archiver.lagNs()).isZero();
            assertThat(archiver.counters().segmentsPut()).isEqualTo(2);
            archiver.close();
        }
    }

    @Test
    void shouldLeaveTheLastSegmentUnnamedWhenItsLastPageMayBeOfTheNextTimeline() {
        try (TestStore store = TestStore.simulated(1, StoreFaults.NONE)) {
            final long switchLsn = (START + 1) * SEGMENT - 96;
            final HistoryFile two = HistoryFile.promoted(null, 1, 2, switchLsn, "test");
            put(store, WAL + "00000002.history", two.bytes());
            segments = number -> SyntheticWal.segment(number, lsn -> lsn < switchLsn ? 1 : 2);
            final SegmentArchiver archiver = archiver(store, log(START * SEGMENT));
            committed = (START + 1) * SEGMENT;
            final long[] turns = {0};
            until(store, archiver, () -> ++turns[0] > 20_000);
            assertThat(archiver.archivedLsn()).isEqualTo(START * SEGMENT);
            committed += 8192;
            until(store, archiver, () -> archiver.archivedLsn() == (START + 1) * SEGMENT);
            assertThat(store.truth().keys())
                    .containsExactly(WAL + "00000002.history", WAL + "000000020000000000000005");
            archiver.close();
        }
    }

    @Test
    void shouldGoOnWithTheOldTimelineWhenAPromotionCameToNothing() {
        try (TestStore store = TestStore.simulated(1, StoreFaults.NONE)) {
            put(
                    store,
                    WAL + "00000002.history",
                    HistoryFile.promoted(null, 1, 2, START * SEGMENT + 800, "test")
                            .bytes());
            final SegmentArchiver archiver = archiver(store, log(START * SEGMENT));
            committed = (START + 2) * SEGMENT + 8192;
            until(store, archiver, () -> archiver.archivedLsn() == (START + 2) * SEGMENT);
            assertThat(store.truth().keys()).contains(WAL + "000000010000000000000006");
            archiver.close();
        }
    }

    @Test
    void shouldWaitForAHistoryThatIsNotThere() {
        try (TestStore store = TestStore.simulated(1, StoreFaults.NONE)) {
            final long switchLsn = START * SEGMENT + 800;
            segments = number -> SyntheticWal.segment(number, lsn -> lsn < switchLsn ? 1 : 2);
            final SegmentArchiver archiver = archiver(store, log(START * SEGMENT));
            committed = (START + 1) * SEGMENT + 8192;
            until(store, archiver, () -> archiver.trouble() != null);
            assertThat(archiver.trouble())
                    .isEqualTo("WAL of timeline 2 is committed, and its history is not in the archive yet");
            final HistoryFile two = HistoryFile.promoted(null, 1, 2, switchLsn, "test");
            final HistoryArchive histories =
                    new HistoryArchive(store.session(), timeline.keys(), memory, CallOptions.DEFAULT);
            assertThat(store.<HistoryArchive.Outcome>ask(handler -> histories.put(two, handler)))
                    .isEqualTo(new HistoryArchive.Outcome.Found(two));
            assertThat(store.<HistoryArchive.Outcome>ask(handler -> histories.put(two, handler)))
                    .as("the same again")
                    .isEqualTo(new HistoryArchive.Outcome.Found(two));
            assertThat(store.<HistoryArchive.Outcome>ask(
                            handler -> histories.put(HistoryFile.promoted(null, 1, 2, switchLsn + 8, "test"), handler)))
                    .isInstanceOf(HistoryArchive.Outcome.Wrong.class);
            until(store, archiver, () -> archiver.archivedLsn() == (START + 1) * SEGMENT);
            assertThat(archiver.trouble()).isNull();
            archiver.close();
        }
    }

    @Test
    void shouldStopLoudlyWhenTheArchiveHasOtherBytes() {
        try (TestStore store = TestStore.simulated(1, StoreFaults.NONE)) {
            final byte[] other = segments.apply(START);
            other[SEGMENT - 1] ^= 1;
            final SegmentArchiver archiver = archiver(store, log(START * SEGMENT));
            until(store, archiver, () -> archiver.archivedLsn() == START * SEGMENT);
            store.until(() -> store.session().inFlight() == 0);
            put(store, WAL + "000000010000000000000005", other);
            committed = (START + 2) * SEGMENT;
            until(store, archiver, () -> archiver.failure() != null);
            assertThat(archiver.failure()).contains("000000010000000000000005 is in the archive with other bytes");
            assertThat(archiver.archivedLsn()).isEqualTo(START * SEGMENT);
            archiver.close();
        }
    }

    @Test
    void shouldBeContentWhenTheSameBytesAreThere() {
        try (TestStore store = TestStore.simulated(1, StoreFaults.NONE)) {
            final SegmentArchiver archiver = archiver(store, log(START * SEGMENT));
            until(store, archiver, () -> archiver.archivedLsn() == START * SEGMENT);
            store.until(() -> store.session().inFlight() == 0);
            put(store, WAL + "000000010000000000000005", segments.apply(START));
            committed = (START + 1) * SEGMENT + 100;
            until(store, archiver, () -> archiver.archivedLsn() == (START + 1) * SEGMENT);
            assertThat(archiver.counters().segmentsFound()).isOne();
            assertThat(archiver.counters().segmentsPut()).isZero();
            archiver.close();
        }
    }

    @Test
    void shouldArchiveNothingThatPostgresDoesNotWrite() {
        final LongFunction<byte[]> good = segments;
        segments = number -> {
            final byte[] bytes = good.apply(number);
            if (number == START + 1) {
                Arrays.fill(bytes, 3 * 8192, 3 * 8192 + 20, (byte) 9);
            }
            return bytes;
        };
        try (TestStore store = TestStore.simulated(1, StoreFaults.NONE)) {
            final SegmentArchiver archiver = archiver(store, log(START * SEGMENT));
            committed = (START + 2) * SEGMENT + 100;
            until(store, archiver, () -> archiver.failure() != null);
            assertThat(archiver.failure())
                    .isEqualTo("the committed WAL for " + WAL + "000000010000000000000006 is not what Postgres writes:"
                            + " the page's magic number is wrong, at 0/606000");
            assertThat(store.truth().keys()).doesNotContain(WAL + "000000010000000000000006");
            archiver.close();
        }
    }

    @Test
    void shouldTakeASegmentThatWasSwitchedFrom() {
        final LongFunction<byte[]> good = segments;
        segments = number -> {
            final byte[] bytes = good.apply(number);
            Arrays.fill(bytes, 3 * 8192 + 50, SEGMENT, (byte) 0);
            return bytes;
        };
        try (TestStore store = TestStore.simulated(1, StoreFaults.NONE)) {
            final SegmentArchiver archiver = archiver(store, log(START * SEGMENT));
            committed = (START + 1) * SEGMENT;
            until(store, archiver, () -> archiver.archivedLsn() == committed);
            assertThat(store.truth().contentOf(WAL + "000000010000000000000005"))
                    .isEqualTo(segments.apply(START));
            archiver.close();
        }
    }

    @Test
    void shouldLoseNothingAndHoldLittleWhenTheStoreIsAwayForHours() {
        try (TestStore store = TestStore.simulated(1, StoreFaults.NONE)) {
            final SyntheticLog log = log(START * SEGMENT);
            final SegmentArchiver archiver = archiver(store, log);
            until(store, archiver, () -> archiver.archivedLsn() == START * SEGMENT);
            store.truth().outage(3 * HOUR_NS);
            committed = (START + 100) * SEGMENT + 100;
            final long beginNs = store.simulation().scheduler().nowNs();
            long most = 0;
            while (store.simulation().scheduler().nowNs() - beginNs < 2 * HOUR_NS) {
                archiver.doWork();
                most = Math.max(most, memory.usage().heldBytes());
                store.session().poll(64);
                store.simulation().runFor(100_000_000);
            }
            assertThat(archiver.archivedLsn()).isEqualTo(START * SEGMENT);
            assertThat(archiver.trouble()).isNotNull();
            assertThat(archiver.lagBytes()).isEqualTo(100L * SEGMENT + 100);
            assertThat(archiver.lagNs()).isGreaterThan(HOUR_NS);
            assertThat(most)
                    .isLessThanOrEqualTo(
                            SegmentArchiver.memoryBytes(store.store().limits(), SEGMENT, ArchiveConfig.DEFAULT));
            until(store, archiver, () -> archiver.archivedLsn() == (START + 100) * SEGMENT);
            assertThat(archiver.trouble()).isNull();
            assertThat(store.truth().keys()).hasSize(100);
            archiver.close();
        }
    }

    @Test
    void shouldKnowAfterARestartWhatIsArchivedWithoutReadingItsLog() {
        try (TestStore store = TestStore.simulated(1, StoreFaults.NONE.with(StoreFault.PAGE_CUT, 0.3))) {
            final SegmentArchiver first = archiver(store, log(START * SEGMENT));
            committed = (START + 80) * SEGMENT + 100;
            until(store, first, () -> first.archivedLsn() == (START + 80) * SEGMENT);
            first.close();
            final SyntheticLog log = log(START * SEGMENT);
            final SegmentArchiver second = archiver(store, log);
            until(store, second, () -> second.archivedLsn() == (START + 80) * SEGMENT);
            assertThat(second.counters().segmentsPut()).isZero();
            assertThat(log.servedBytes()).as("one page's header").isLessThan(100);
            second.close();
        }
    }

    @Test
    void shouldPutAgainWhenNobodyCanSayWhetherItWasWritten() {
        try (TestStore store = TestStore.simulated(1, StoreFaults.NONE)) {
            store.truth().inject(StoreFaultRule.on(StoreOperation.PUT).times(2).failing(StoreFault.ANSWER_LOST));
            final SegmentArchiver archiver = archiver(store, log(START * SEGMENT));
            committed = (START + 3) * SEGMENT + 100;
            until(store, archiver, () -> archiver.archivedLsn() == (START + 3) * SEGMENT);
            assertThat(archiver.failure()).isNull();
            archiver.close();
        }
    }

    @Test
    void shouldArchiveTheTailBesideTheOthersWhenAsked() {
        try (TestStore store = TestStore.directory(directory)) {
            final SegmentArchiver archiver = archiver(store, log(START * SEGMENT));
            committed = (START + 2) * SEGMENT + 20_000;
            final AtomicReference<Object> answer = new AtomicReference<>("none yet");
            archiver.archivePartial(committed, answer::set);
            until(store, archiver, () -> answer.get() == null);
            final ArchiveListing.Outcome listed = store.ask(handler ->
                    ArchiveListing.begin(store.session(), timeline.keys(), SEGMENT, CallOptions.DEFAULT, handler));
            final ArchiveContents contents = ((ArchiveListing.Outcome.Listed) listed).contents();
            assertThat(contents.partials()).containsExactly("000000010000000000000007.partial");
            assertThat(contents.runs()).containsExactly(new ArchiveContents.Run(1, START, START + 1));
            archiver.close();
            final byte[] read = read(store, START * SEGMENT, (START + 3) * SEGMENT);
            final byte[] tail = Arrays.copyOf(segments.apply(START + 2), 20_000);
            assertThat(Arrays.copyOfRange(read, 2 * SEGMENT, 2 * SEGMENT + 20_000))
                    .isEqualTo(tail);
            assertThat(Arrays.copyOfRange(read, 2 * SEGMENT + 20_000, 3 * SEGMENT))
                    .containsOnly(0);
        }
    }

    private byte[] read(final TestStore store, final long fromLsn, final long toLsn) {
        final byte[] all = new byte[(int) (toLsn - fromLsn)];
        try (ArchiveReader reader =
                new ArchiveReader(store.session(), timeline, PostgresTimelines.of(1), memory, CallOptions.DEFAULT)) {
            reader.begin(fromLsn);
            store.until(() -> {
                reader.poll((lsn, bytes, offset, length) -> {
                    final int taken = (int) Math.min(length, toLsn - lsn);
                    MemorySegment.copy(bytes, offset, MemorySegment.ofArray(all), lsn - fromLsn, taken);
                    return taken;
                });
                assertThat(reader.sentence()).isNull();
                return reader.position() == toLsn && reader.isIdle();
            });
            assertThat(reader.isPartial()).isTrue();
        }
        return all;
    }
}
