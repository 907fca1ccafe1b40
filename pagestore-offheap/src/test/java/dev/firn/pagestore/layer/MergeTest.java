package dev.firn.pagestore.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Merging, and leaving out what no read needs: against lists that are sorted, and reads of both sides. */
class MergeTest {
    private final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("layer-merge-test", 32 << 20));

    @AfterEach
    void closeMemory() {
        memory.close();
    }

    @Test
    void shouldMergeAnyNumberOfSources() {
        for (long seed = 1; seed <= 30; seed++) {
            merge(new SplittableRandom(seed), seed);
        }
    }

    @Test
    void shouldHaveNoEntriesWithoutSources() {
        assertThat(TestEntry.all(new MergedEntries(List.of()), () -> {})).isEmpty();
        assertThat(TestEntry.all(new MergedEntries(List.of(new ListEntries(List.of(), null))), () -> {}))
                .isEmpty();
    }

    @Test
    void shouldPutTheOlderSourceFirstWhereKeyAndLsnAreEqual() {
        final TestEntry older = entry(1, 50, EntryKind.RECORD, 1);
        final TestEntry newer = entry(1, 50, EntryKind.IMAGE | EntryKind.STANDS_ALONE, 2);
        assertThat(TestEntry.all(
                        new MergedEntries(
                                List.of(new ListEntries(List.of(older), null), new ListEntries(List.of(newer), null))),
                        () -> {}))
                .containsExactly(older, newer);
    }

    @Test
    void shouldAnswerTheSameReadsWithoutWhatIsLeftOut() {
        long dropped = 0;
        for (long seed = 1; seed <= 60; seed++) {
            dropped += retain(new SplittableRandom(seed), seed, 1 << 20);
        }
        assertThat(dropped).isGreaterThan(1_000);
    }

    @Test
    void shouldKeepMoreWhenItMayHoldLess() {
        for (long seed = 1; seed <= 30; seed++) {
            retain(new SplittableRandom(seed), seed, 100);
        }
    }

    @Test
    @Tag("long")
    void shouldAnswerTheSameReadsForManySeeds() {
        final long first = SystemRandom.create().nextInt(1_000_000);
        for (long seed = first; seed < first + 5_000; seed++) {
            merge(new SplittableRandom(seed), seed);
            retain(new SplittableRandom(seed), seed, 1 << 20);
        }
    }

    @Test
    void shouldKeepExactlyWhatIsNeeded() {
        final int alone = EntryKind.RECORD | EntryKind.STANDS_ALONE;
        final List<TestEntry> entries = List.of(
                entry(1, 10, alone, 1),
                entry(1, 20, EntryKind.RECORD, 2),
                entry(1, 30, alone, 3),
                entry(1, 40, EntryKind.RECORD, 4),
                entry(1, 50, alone, 5),
                entry(1, 60, EntryKind.RECORD, 6),
                entry(2, 15, EntryKind.RECORD, 7));
        assertThat(retained(entries, ReadableLsns.ALL)).isEqualTo(entries);
        assertThat(retained(entries, ReadableLsns.from(60)))
                .containsExactly(entries.get(4), entries.get(5), entries.get(6));
        assertThat(retained(entries, ReadableLsns.from(49))).containsExactlyElementsOf(entries.subList(2, 7));
        assertThat(retained(entries, ReadableLsns.from(100, 25, 12)))
                .containsExactly(entries.get(0), entries.get(1), entries.get(4), entries.get(5), entries.get(6));
        assertThat(retained(entries, ReadableLsns.from(100, 30)))
                .containsExactly(entries.get(2), entries.get(4), entries.get(5), entries.get(6));
    }

    @Test
    void shouldKeepAllFloors() {
        final long high = PageKeys.high(KeyClass.RELATION_FLOOR, 1663);
        final List<TestEntry> floors = new ArrayList<>();
        for (int lsn = 10; lsn < 50; lsn += 10) {
            floors.add(new TestEntry(
                    high, 1, 1, lsn, EntryKind.SIZE | EntryKind.STANDS_ALONE, 0, 0, ByteBuffer.wrap(new byte[4])));
        }
        assertThat(retained(floors, ReadableLsns.from(1_000))).isEqualTo(floors);
    }

    private List<TestEntry> retained(final List<TestEntry> entries, final ReadableLsns readable) {
        try (RetainedEntries retained = new RetainedEntries(
                new ListEntries(entries, null), readable, RetainedEntries.Floors.NONE, memory, 1 << 16)) {
            final List<TestEntry> left = TestEntry.all(retained, () -> {});
            assertThat(retained.dropped()).isEqualTo(entries.size() - left.size());
            return left;
        }
    }

    private static TestEntry entry(final int block, final long lsn, final int kindByte, final int payload) {
        final boolean isRecord = EntryKind.kind(kindByte) == EntryKind.RECORD;
        return new TestEntry(
                PageKeys.high(KeyClass.PAGE, 1663),
                PageKeys.middle(5, 16_384),
                PageKeys.low(0, block),
                lsn,
                kindByte,
                0,
                isRecord ? lsn - 5 : 0,
                ByteBuffer.wrap(new byte[] {(byte) payload}));
    }

    private static void merge(final SplittableRandom random, final long seed) {
        final List<TestEntry> all = TestEntry.random(random, 400, 20, 0, 5_000);
        final int count = 1 + random.nextInt(9);
        final List<List<TestEntry>> parts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            parts.add(new ArrayList<>());
        }
        all.forEach(entry -> parts.get(random.nextInt(count)).add(entry));
        final MergedEntries merged = new MergedEntries(parts.stream()
                .map(part -> new ListEntries(part, random.split()))
                .toList());
        assertThat(TestEntry.all(merged, () -> {})).as("seed %d", seed).isEqualTo(all);
    }

    private long retain(final SplittableRandom random, final long seed, final int maxHeldBytes) {
        final List<TestEntry> all = TestEntry.random(random, 300, 4, 0, 2_000);
        final long horizon = random.nextInt(2_500);
        final ReadableLsns readable = ReadableLsns.from(
                horizon, random.longs(random.nextInt(6), 1, 2_500).toArray());
        final Map<Long, Long> floors = new HashMap<>();
        all.stream().map(TestEntry::low).distinct().forEach(low -> {
            if (random.nextInt(3) == 0) {
                floors.put(low, 1L + random.nextInt(2_000));
            }
        });
        final RetainedEntries.Floors under = (high, middle, low, lsn) -> {
            final long floor = floors.getOrDefault(low, -1L);
            return floor >= lsn ? floor : Long.MAX_VALUE;
        };
        final List<TestEntry> left;
        final long dropped;
        try (RetainedEntries retained =
                new RetainedEntries(new ListEntries(all, random.split()), readable, under, memory, maxHeldBytes)) {
            left = TestEntry.all(retained, () -> {});
            dropped = retained.dropped();
        }
        assertThat(left).as("seed %d", seed).isSortedAccordingTo(TestEntry.ORDER);
        assertThat(dropped).isEqualTo(all.size() - left.size());
        final Map<String, List<TestEntry>> before = byKey(all);
        final Map<String, List<TestEntry>> after = byKey(left);
        for (long lsn = 1; lsn <= 2_500; lsn++) {
            if (readable.next(lsn) != lsn) {
                continue;
            }
            for (final String key : before.keySet()) {
                assertThat(read(after.getOrDefault(key, List.of()), lsn, floors))
                        .as("seed %d, %s at %d, readable %s", seed, key, lsn, readable)
                        .isEqualTo(read(before.get(key), lsn, floors));
            }
            lsn += random.nextInt(20);
        }
        return dropped;
    }

    private static Map<String, List<TestEntry>> byKey(final List<TestEntry> entries) {
        return entries.stream()
                .collect(Collectors.groupingBy(entry -> PageKeys.describe(entry.high(), entry.middle(), entry.low())));
    }

    /** What a read of a key's entries finds, oldest first. */
    private static List<TestEntry> read(final List<TestEntry> entries, final long lsn, final Map<Long, Long> floors) {
        final List<TestEntry> found = new ArrayList<>();
        for (final TestEntry entry : entries) {
            final long floor = floors.getOrDefault(entry.low(), -1L);
            if (entry.lsn() > lsn || (floor <= lsn && entry.lsn() <= floor)) {
                continue;
            }
            if (entry.standsAlone()) {
                found.clear();
            }
            found.add(entry);
        }
        found.sort(Comparator.comparingLong(TestEntry::lsn));
        return found;
    }
}
