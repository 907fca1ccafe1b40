package dev.firn.pagestore.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.memory.OutOfOffHeapMemoryException;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.pagestore.key.SortedEntries;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryTableTest {
    private static final int DELTA = EntryKind.RECORD;
    private static final int BYTES = EntryKind.BYTES | EntryKind.STANDS_ALONE;
    private static final int IMAGE = EntryKind.IMAGE | EntryKind.STANDS_ALONE;
    private static final long START = 1000;
    private static final long HIGH = PageKeys.high(KeyClass.PAGE, 1663);
    private static final long MIDDLE = PageKeys.middle(5, 16_384);

    private final LeakCheck leaks = LeakCheck.start();
    private final OffHeapMemory memory = leaks.memory(16 << 20);

    @AfterEach
    void everythingIsFreed() {
        leaks.close();
    }

    private MemoryTable table() {
        return new MemoryTable(memory, new MemoryTableConfig(MemoryTableConfig.MIN_BYTES), START);
    }

    private static byte[] payload(final MemoryTable table, final long entry) {
        return table.payloadSegment()
                .asSlice(table.payloadOffset(entry), table.payloadLength(entry))
                .toArray(ValueLayout.JAVA_BYTE);
    }

    private static long addDelta(final MemoryTable table, final long low, final long lsn) {
        final long position = table.keepRecord(MemorySegment.ofArray(new byte[] {1, 2, 3}), 1, 2, lsn - 8, lsn);
        final long entry = table.addRecord(HIGH, MIDDLE, low, DELTA, 0, position);
        table.endLsn(lsn);
        return entry;
    }

    @Test
    void shouldKeepARecordOnceForAllItsPages() {
        try (MemoryTable table = table()) {
            final MemorySegment log = MemorySegment.ofArray(new byte[] {9, 1, 2, 3, 4, 5, 9});
            final long position = table.keepRecord(log, 1, 5, 1008, 1040);
            table.addRecord(HIGH, MIDDLE, 1, DELTA | EntryKind.STANDS_ALONE, 0, position);
            table.addRecord(HIGH, MIDDLE, 2, DELTA, 64, position);

            final long first = table.newest(HIGH, MIDDLE, 1, 1040);
            final long second = table.newest(HIGH, MIDDLE, 2, Long.MAX_VALUE);
            assertThat(table.newest(HIGH, MIDDLE, 1, 1039)).isEqualTo(MemoryTable.NONE);
            assertThat(table.newest(HIGH, MIDDLE, 3, 1040)).isEqualTo(MemoryTable.NONE);
            assertThat(payload(table, first)).containsExactly(1, 2, 3, 4, 5);
            assertThat(table.payloadOffset(second)).isEqualTo(table.payloadOffset(first));
            assertThat(table.lsn(second)).isEqualTo(1040);
            assertThat(table.recordAtLsn(second)).isEqualTo(1008);
            assertThat(table.touch(second)).isEqualTo(64);
            assertThat(table.kindByte(first)).isEqualTo(DELTA | EntryKind.STANDS_ALONE);
            assertThat(table.deltas(first)).isZero();
            assertThat(table.deltas(second)).isEqualTo(1);
            assertThat(table.keys()).isEqualTo(2);
            assertThat(table.entries()).isEqualTo(2);
        }
    }

    @Test
    void shouldCountDeltasSinceWhatStandsAlone() {
        try (MemoryTable table = table()) {
            assertThat(table.deltas(addDelta(table, 1, 1010))).isEqualTo(1);
            assertThat(table.deltas(addDelta(table, 1, 1020))).isEqualTo(2);
            assertThat(table.deltas(table.add(HIGH, MIDDLE, 1, 1030, EntryKind.ZEROES | EntryKind.STANDS_ALONE)))
                    .isZero();
            assertThat(table.deltas(addDelta(table, 1, 1040))).isEqualTo(1);
        }
    }

    @Test
    void shouldTakeAnImageInItsPlace() {
        try (MemoryTable table = table()) {
            for (long lsn = 1010; lsn <= 1060; lsn += 10) {
                addDelta(table, 1, lsn);
            }
            final MemorySegment page = MemorySegment.ofArray(new byte[9000]);
            page.fill((byte) 7);
            assertThat(table.insertImage(HIGH, MIDDLE, 1, 1030, page, 100)).isTrue();

            final long image = table.newest(HIGH, MIDDLE, 1, 1039);
            assertThat(table.kindByte(image)).isEqualTo(IMAGE);
            assertThat(table.lsn(image)).isEqualTo(1030);
            assertThat(payload(table, image)).hasSize(8192).containsOnly(7);
            assertThat(table.lsn(table.older(image))).isEqualTo(1020);
            assertThat(table.deltas(table.newest(HIGH, MIDDLE, 1, 1060))).isEqualTo(3);
            assertThat(table.deltas(table.newest(HIGH, MIDDLE, 1, 1040))).isEqualTo(1);
            assertThat(table.deltas(table.newest(HIGH, MIDDLE, 1, 1020))).isEqualTo(2);
            assertThat(table.entries()).isEqualTo(6);

            assertThat(table.insertImage(HIGH, MIDDLE, 1, 1055, page, 0)).isTrue();
            assertThat(table.entries()).isEqualTo(7);
            assertThat(table.deltas(table.newest(HIGH, MIDDLE, 1, 1060))).isEqualTo(1);
            assertThat(table.deltas(table.newest(HIGH, MIDDLE, 1, 1050))).isEqualTo(2);
            assertThat(table.insertImage(HIGH, MIDDLE, 1, 1060, page, 0)).isTrue();
            assertThat(table.deltas(addDelta(table, 1, 1070))).isEqualTo(1);
        }
    }

    @Test
    void shouldRefuseAnImageThatCannotBeInIt() {
        try (MemoryTable table = table()) {
            addDelta(table, 1, 1010);
            final MemorySegment page = MemorySegment.ofArray(new byte[8192]);
            assertThat(table.insertImage(HIGH, MIDDLE, 1, START, page, 0)).isFalse();
            assertThat(table.insertImage(HIGH, MIDDLE, 1, 1011, page, 0)).isFalse();
            table.freeze();
            assertThat(table.insertImage(HIGH, MIDDLE, 1, 1010, page, 0)).isFalse();
        }
    }

    @Test
    void shouldKeepRoomForWhatIsOwedWhenImagesAreInserted() {
        final byte[] owed = new byte[600];
        final MemorySegment page = MemorySegment.ofArray(new byte[8192]);
        int refused = 0;
        for (int before = 0; before < 1_600; before += 8) {
            try (MemoryTable table = table()) {
                table.owe(owed.length);
                addDelta(table, 1, 1010);
                long lsn = 1020;
                while (table.hasRoom(page.byteSize() + before, 3)) {
                    table.add(HIGH, 2, lsn, lsn, BYTES);
                    lsn += 8;
                }
                table.endLsn(lsn);
                refused += table.insertImage(HIGH, MIDDLE, 1, 1010, page, 0) ? 0 : 1;
                table.add(0, 0, 0, lsn, BYTES, MemorySegment.ofArray(owed), 0, owed.length);
            }
        }
        assertThat(refused).isBetween(1, 199);
    }

    @Test
    void shouldHoldWhatItSaysItHasRoomFor() {
        try (MemoryTable table = table()) {
            final byte[] bytes = new byte[333];
            long lsn = START;
            int added = 0;
            while (table.hasRoom(bytes.length, 1)) {
                lsn += 8;
                table.add(HIGH, added, added, lsn, BYTES, MemorySegment.ofArray(bytes), 0, bytes.length);
                added++;
            }
            assertThat(table.hasRoom(0, 0)).isTrue();
            assertThat(table.couldHaveRoom(bytes.length, 1)).isTrue();
            assertThat(table.couldHaveRoom(MemoryTableConfig.MIN_BYTES, 1)).isFalse();
            assertThat(table.usedBytes()).isGreaterThan(MemoryTableConfig.MIN_BYTES - 1024);
            assertThat(added).isGreaterThan(2000);
            assertThatThrownBy(() -> {
                        for (long next = 1 << 20; ; next += 8) {
                            addDelta(table, next, next);
                        }
                    })
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("full");
        }
    }

    @Test
    void shouldRefuseWhatIsOutOfOrderOrFrozen() {
        try (MemoryTable table = table()) {
            addDelta(table, 1, 1010);
            assertThatThrownBy(() -> addDelta(table, 1, 1010))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("relation 1663/5/16384 fork MAIN block 1 at 0/3F2");
            table.freeze();
            assertThatThrownBy(() -> addDelta(table, 2, 1020)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> table.endLsn(1020)).isInstanceOf(IllegalStateException.class);
        }
    }

    /** What a model has of an entry. */
    private record Entry(int kindByte, byte[] payload) {}

    /** A key, ordered as keys are. */
    private record Key(long high, long middle, long low) implements Comparable<Key> {
        @Override
        public int compareTo(final Key other) {
            return Comparator.<Key>comparingInt(
                            key -> PageKeys.compare(key.high, key.middle, key.low, other.high, other.middle, other.low))
                    .compare(this, other);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void shouldAnswerAsAModelDoes(final long seed) {
        final RandomGenerator random = SystemRandom.seeded(seed);
        final NavigableMap<Key, NavigableMap<Long, Entry>> model = new TreeMap<>();
        try (MemoryTable table = table()) {
            long lsn = START;
            while (table.hasRoom(9000, 4)) {
                lsn += 8 * (1 + random.nextInt(5));
                if (random.nextInt(40) == 0) {
                    insertImage(table, model, random);
                } else {
                    addAny(table, model, random, lsn);
                }
                table.endLsn(lsn);
                if (random.nextInt(20) == 0) {
                    compareReads(table, model, random, lsn, seed);
                }
            }
            table.freeze();
            for (int i = 0; i < 300; i++) {
                compareReads(table, model, random, lsn, seed);
            }
            compareScan(table, model, null, seed);
            final Key from = anyKey(random);
            final Key to = anyKey(random);
            final Key low = from.compareTo(to) < 0 ? from : to;
            final Key high = low == from ? to : from;
            compareScan(
                    table, model, new KeyRange(low.high, low.middle, low.low, high.high, high.middle, high.low), seed);
        }
    }

    private static Key anyKey(final RandomGenerator random) {
        final KeyClass keyClass = random.nextInt(4) == 0 ? KeyClass.SIZE : KeyClass.PAGE;
        final int relation = random.nextInt(9) == 0 ? -1 - random.nextInt(3) : 16_384 + random.nextInt(6);
        return new Key(
                PageKeys.high(keyClass, 1663 + random.nextInt(2)),
                PageKeys.middle(5, relation),
                PageKeys.low(random.nextInt(3), random.nextInt(8) - 2));
    }

    private static void addAny(
            final MemoryTable table,
            final NavigableMap<Key, NavigableMap<Long, Entry>> model,
            final RandomGenerator random,
            final long lsn) {
        final byte[] bytes = new byte[random.nextInt(200)];
        random.nextBytes(bytes);
        final MemorySegment payload = MemorySegment.ofArray(bytes);
        final List<Key> keys = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(3); i++) {
            final Key key = anyKey(random);
            if (!keys.contains(key)) {
                keys.add(key);
            }
        }
        final boolean record = random.nextBoolean();
        final long position = record ? table.keepRecord(payload, 0, bytes.length, lsn - 8, lsn) : 0;
        for (final Key key : keys) {
            final int kind = record ? DELTA | (random.nextInt(5) == 0 ? EntryKind.STANDS_ALONE : 0) : BYTES;
            if (record) {
                table.addRecord(key.high, key.middle, key.low, kind, 3, position);
            } else {
                table.add(key.high, key.middle, key.low, lsn, kind, payload, 0, bytes.length);
            }
            model.computeIfAbsent(key, any -> new TreeMap<>()).put(lsn, new Entry(kind, bytes));
        }
    }

    private static void insertImage(
            final MemoryTable table,
            final NavigableMap<Key, NavigableMap<Long, Entry>> model,
            final RandomGenerator random) {
        final Key key = anyKey(random);
        final NavigableMap<Long, Entry> chain = model.get(key);
        if (chain == null) {
            return;
        }
        final byte[] page = new byte[8192];
        random.nextBytes(page);
        final long at = chain.firstKey() + random.nextLong(chain.lastKey() - chain.firstKey() + 1);
        assertThat(table.insertImage(key.high, key.middle, key.low, at, MemorySegment.ofArray(page), 0))
                .isTrue();
        chain.put(at, new Entry(IMAGE, page));
    }

    private static void compareReads(
            final MemoryTable table,
            final NavigableMap<Key, NavigableMap<Long, Entry>> model,
            final RandomGenerator random,
            final long lsn,
            final long seed) {
        final Key key = anyKey(random);
        final long at = START + random.nextLong(lsn - START + 10);
        final NavigableMap<Long, Entry> chain =
                model.containsKey(key) ? model.get(key).headMap(at, true).descendingMap() : new TreeMap<>();
        long entry = table.newest(key.high, key.middle, key.low, at);
        int deltas = -1;
        for (final Map.Entry<Long, Entry> expected : chain.entrySet()) {
            assertThat(entry).as("seed %d", seed).isNotEqualTo(MemoryTable.NONE);
            assertThat(table.lsn(entry)).as("seed %d", seed).isEqualTo(expected.getKey());
            assertThat(table.kindByte(entry)).isEqualTo(expected.getValue().kindByte);
            assertThat(payload(table, entry)).as("seed %d", seed).isEqualTo(expected.getValue().payload);
            if (deltas > 0) {
                assertThat(table.deltas(entry)).as("seed %d", seed).isEqualTo(deltas - 1);
            }
            deltas = EntryKind.standsAlone(table.kindByte(entry)) ? -1 : table.deltas(entry);
            entry = table.older(entry);
        }
        assertThat(entry).as("seed %d", seed).isEqualTo(MemoryTable.NONE);
        assertThat(deltas)
                .as("seed %d: the oldest is a delta by itself, or stands alone", seed)
                .isIn(-1, 1);
    }

    private static void compareScan(
            final MemoryTable table,
            final NavigableMap<Key, NavigableMap<Long, Entry>> model,
            final KeyRange range,
            final long seed) {
        try (MemoryTableScan scan = table.sorted(range)) {
            for (final Map.Entry<Key, NavigableMap<Long, Entry>> chain : model.entrySet()) {
                final Key key = chain.getKey();
                if (range != null && !range.contains(key.high, key.middle, key.low)) {
                    continue;
                }
                for (final Map.Entry<Long, Entry> expected : chain.getValue().entrySet()) {
                    assertThat(scan.advance()).as("seed %d", seed).isEqualTo(SortedEntries.ENTRY);
                    assertThat(new Key(scan.high(), scan.middle(), scan.low())).isEqualTo(key);
                    assertThat(scan.lsn()).isEqualTo(expected.getKey());
                    assertThat(scan.kindByte()).isEqualTo(expected.getValue().kindByte);
                    final boolean record = EntryKind.kind(scan.kindByte()) == EntryKind.RECORD;
                    assertThat(scan.recordAtLsn()).isEqualTo(record ? scan.lsn() - 8 : 0);
                    assertThat(scan.touch()).isEqualTo(record ? 3 : 0);
                    assertThat(scan.payloadSegment()
                                    .asSlice(scan.payloadOffset(), scan.payloadLength())
                                    .toArray(ValueLayout.JAVA_BYTE))
                            .isEqualTo(expected.getValue().payload);
                }
            }
            assertThat(scan.advance()).isEqualTo(SortedEntries.END);
            assertThat(scan.advance()).isEqualTo(SortedEntries.END);
        }
    }

    @Test
    void shouldGiveItsMemoryBackWhenThereIsNoneForTheIndex() {
        final OffHeapMemory small = leaks.memory(2 << 20);
        final MemoryTableConfig config = new MemoryTableConfig(MemoryTableConfig.MIN_BYTES);
        assertThatThrownBy(() -> new MemoryTable(small, config, 0)).isInstanceOf(OutOfOffHeapMemoryException.class);
        assertThat(small.usage().heldBytes()).isZero();
    }
}
