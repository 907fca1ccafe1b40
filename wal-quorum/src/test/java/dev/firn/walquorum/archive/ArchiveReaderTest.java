package dev.firn.walquorum.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.simulation.StoreFaults;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.PutOutcome;
import dev.firn.s3tier.store.WriteCondition;
import dev.firn.walquorum.TestStore;
import dev.firn.walquorum.catalog.HistoryFile;
import dev.firn.walquorum.catalog.PostgresTimelines;
import dev.firn.walquorum.catalog.TimelineEntry;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveReaderTest {
    private static final int SEGMENT = SyntheticWal.SEGMENT;
    private static final long SWITCH = 6L * SEGMENT + 800;
    private static final HistoryFile TWO = HistoryFile.promoted(null, 1, 2, SWITCH, "test");

    private final LeakCheck leaks = LeakCheck.start();
    private final OffHeapMemory memory = leaks.memory(64 << 20);
    private final TimelineEntry timeline = SyntheticWal.timeline(5);
    private final PostgresTimelines timelines = PostgresTimelines.of(TWO);

    @AfterEach
    void everythingIsFreed() {
        leaks.close();
    }

    private static byte[] segment(final long number) {
        return SyntheticWal.segment(number, lsn -> lsn < SWITCH ? 1 : 2);
    }

    private void put(final TestStore store, final String name, final byte[] content) {
        final MemorySegment body = memory.allocate(content.length, MemoryTag.of("test"));
        MemorySegment.copy(MemorySegment.ofArray(content), 0, body, 0, content.length);
        assertThat(store.<PutOutcome>ask(handler -> store.session()
                        .put(
                                "timelines/main/wal/" + name,
                                List.of(body),
                                WriteCondition.ALWAYS,
                                CallOptions.DEFAULT,
                                handler::accept)))
                .isInstanceOf(PutOutcome.Stored.class);
        memory.free(body);
    }

    private void fill(final TestStore store) {
        for (long number = 5; number < 9; number++) {
            put(store, timelines.segmentName(number, SEGMENT), segment(number));
        }
    }

    private ArchiveReader reader(final TestStore store) {
        return new ArchiveReader(store.session(), timeline, timelines, memory, CallOptions.DEFAULT);
    }

    private static void run(final TestStore store, final ArchiveReader reader, final CommittedWal.Handler handler) {
        store.until(
                () -> reader.poll(handler) == 0 && reader.state() != ArchiveReader.State.READING && reader.isIdle());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void shouldReadFromAnywhereWhateverTheStoreDoesAndHoweverLittleIsTaken(final long seed) {
        try (TestStore store = TestStore.simulated(seed, StoreFaults.GENTLE)) {
            fill(store);
            final RandomGenerator random = SystemRandom.seeded(seed);
            try (ArchiveReader reader = reader(store)) {
                for (int run = 0; run < 5; run++) {
                    final long from = 5L * SEGMENT + random.nextInt(4 * SEGMENT);
                    reader.begin(from);
                    run(store, reader, (lsn, bytes, offset, length) -> {
                        final int taken = random.nextInt(length + 1);
                        final byte[] expected = segment(lsn / SEGMENT);
                        final long mismatch = MemorySegment.mismatch(
                                bytes,
                                offset,
                                offset + taken,
                                MemorySegment.ofArray(expected),
                                lsn % SEGMENT,
                                lsn % SEGMENT + taken);
                        assertThat(mismatch).isEqualTo(-1);
                        return taken;
                    });
                    assertThat(reader.sentence()).as("seed " + seed).isNull();
                    assertThat(reader.state()).isEqualTo(ArchiveReader.State.MISSING);
                    assertThat(reader.position()).isEqualTo(9L * SEGMENT);
                }
            }
        }
    }

    @Test
    void shouldGoOnWhenWhatWasMissingHasCome() {
        try (TestStore store = TestStore.simulated(1, StoreFaults.NONE);
                ArchiveReader reader = reader(store)) {
            reader.begin(5L * SEGMENT);
            run(store, reader, (lsn, bytes, offset, length) -> length);
            assertThat(reader.position()).isEqualTo(5L * SEGMENT);
            fill(store);
            reader.begin(reader.position());
            run(store, reader, (lsn, bytes, offset, length) -> length);
            assertThat(reader.position()).isEqualTo(9L * SEGMENT);
        }
    }

    @Test
    void shouldSayWhatIsWrongWhenASegmentIsAnothersDamagedOrShort() {
        try (TestStore store = TestStore.simulated(1, StoreFaults.NONE);
                ArchiveReader reader = reader(store)) {
            fill(store);
            final byte[] damaged = segment(7);
            damaged[5 * 8192 + 9] ^= 1;
            put(store, "000000020000000000000007", damaged);
            put(store, "000000020000000000000006", segment(7));
            reader.begin(5L * SEGMENT);
            run(store, reader, (lsn, bytes, offset, length) -> length);
            assertThat(reader.sentence())
                    .isEqualTo(
                            "timelines/main/wal/000000020000000000000006 is not the segment that should be there: the"
                                    + " page names another address, as in a recycled segment");
            assertThat(reader.position()).isEqualTo(6L * SEGMENT);
            reader.begin(7L * SEGMENT);
            run(store, reader, (lsn, bytes, offset, length) -> length);
            assertThat(reader.sentence())
                    .isEqualTo("timelines/main/wal/000000020000000000000007 is damaged: the page names another address,"
                            + " as in a recycled segment, at 0/70A000");
            put(store, "000000020000000000000008", new byte[100]);
            reader.begin(8L * SEGMENT);
            run(store, reader, (lsn, bytes, offset, length) -> length);
            assertThat(reader.sentence())
                    .isEqualTo(
                            "timelines/main/wal/000000020000000000000008 has 100 bytes, and a segment of this timeline"
                                    + " has 1048576");
        }
    }

    @Test
    void shouldGiveItsMemoryBackWhenCallsThatItNeedsNoMoreHaveEnded() {
        try (TestStore store = TestStore.simulated(1, StoreFaults.NONE)) {
            fill(store);
            final long before = memory.usage().heldBytes();
            final ArchiveReader reader = reader(store);
            reader.begin(5L * SEGMENT);
            reader.poll((lsn, bytes, offset, length) -> length);
            assertThat(reader.isIdle()).isFalse();
            reader.close();
            assertThat(memory.usage().heldBytes()).isGreaterThan(before);
            store.until(() -> memory.usage().heldBytes() == before);
        }
    }

    @Test
    void shouldFindGaps() {
        try (TestStore store = TestStore.simulated(1, StoreFaults.NONE)) {
            fill(store);
            put(store, "000000020000000000000010", segment(16));
            put(store, "00000002.history", TWO.bytes());
            put(store, "hello", new byte[1]);
            put(store, "000000010000000000000006", segment(6));
            final ArchiveListing.Outcome outcome = store.ask(handler ->
                    ArchiveListing.begin(store.session(), timeline.keys(), SEGMENT, CallOptions.DEFAULT, handler));
            final ArchiveContents contents = ((ArchiveListing.Outcome.Listed) outcome).contents();
            assertThat(contents.runs())
                    .containsExactly(
                            new ArchiveContents.Run(1, 5, 6),
                            new ArchiveContents.Run(2, 6, 8),
                            new ArchiveContents.Run(2, 16, 16));
            assertThat(contents.newestHistory()).isEqualTo(2);
            assertThat(contents.firstMissing(5, timelines)).isEqualTo(9);
            assertThat(contents.gaps(4L * SEGMENT + 1, 18L * SEGMENT - 1, timelines))
                    .containsExactly(
                            new ArchiveContents.Gap(4L * SEGMENT, 5L * SEGMENT),
                            new ArchiveContents.Gap(9L * SEGMENT, 16L * SEGMENT),
                            new ArchiveContents.Gap(17L * SEGMENT, 18L * SEGMENT));
            put(store, "000000020000000000000011", new byte[5]);
            assertThat(store.<ArchiveListing.Outcome>ask(handler -> ArchiveListing.begin(
                            store.session(), timeline.keys(), SEGMENT, CallOptions.DEFAULT, handler)))
                    .isEqualTo(
                            new ArchiveListing.Outcome.Wrong("timelines/main/wal/000000020000000000000011 has 5 bytes,"
                                    + " and a segment of this timeline has 1048576"));
        }
    }
}
