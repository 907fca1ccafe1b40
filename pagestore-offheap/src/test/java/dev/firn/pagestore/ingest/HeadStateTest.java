package dev.firn.pagestore.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.file.BlockKey;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeadStateTest {
    private static final int SIZE = EntryKind.SIZE | EntryKind.STANDS_ALONE;
    private static final int BYTES = EntryKind.BYTES | EntryKind.STANDS_ALONE;
    private static final int ABSENT = EntryKind.ABSENT | EntryKind.STANDS_ALONE;
    private static final long MIDDLE = PageKeys.middle(5, 16_384);

    private final LeakCheck leaks = LeakCheck.start();
    private final HeadState head = new HeadState(PostgresVersion.V17, leaks.memory(4 << 20));

    @AfterEach
    void everythingIsFreed() {
        head.close();
        leaks.close();
    }

    private static long high(final KeyClass keyClass) {
        return PageKeys.high(keyClass, 1663);
    }

    private static MemorySegment bytes(final int length, final long value) {
        final MemorySegment payload = MemorySegment.ofArray(new byte[Long.BYTES]);
        LittleEndian.putLong(payload, 0, value);
        return payload.asSlice(0, length);
    }

    private void load(
            final KeyClass keyClass,
            final long middle,
            final int fork,
            final long lsn,
            final int kind,
            final long value) {
        final int length = kind == ABSENT ? 0 : kind == SIZE ? Integer.BYTES : Long.BYTES;
        head.load(high(keyClass), middle, PageKeys.low(fork, 0), lsn, kind, bytes(length, value), 0, length);
    }

    private long floorAt(final int block, final long lsn) {
        return head.floorLsn(high(KeyClass.PAGE), MIDDLE, PageKeys.low(0, block), lsn);
    }

    @Test
    void shouldFindTheNewestFloorUnderABlock() {
        load(KeyClass.RELATION_FLOOR, MIDDLE, 0, 100, SIZE, 10);
        load(KeyClass.RELATION_FLOOR, MIDDLE, 0, 200, SIZE, 20);
        load(KeyClass.RELATION_FLOOR, MIDDLE, 2, 300, SIZE, 0);
        assertThat(floorAt(9, 500)).isEqualTo(HeadState.NO_FLOOR);
        assertThat(floorAt(10, 500)).isEqualTo(100);
        assertThat(floorAt(20, 500)).isEqualTo(200);
        assertThat(floorAt(-1, 500)).isEqualTo(200);
        assertThat(floorAt(20, 199)).isEqualTo(100);
        assertThat(floorAt(20, 99)).isEqualTo(HeadState.NO_FLOOR);
        assertThat(head.floorSource(high(KeyClass.PAGE), MIDDLE, PageKeys.low(0, 20), 200))
                .isEqualTo(HeadState.ZEROES);
        assertThat(head.floorLsn(high(KeyClass.SIZE), MIDDLE, PageKeys.low(0, 20), 500))
                .isEqualTo(HeadState.NO_FLOOR);
    }

    @Test
    void shouldFindTheFloorUnderADatabaseAndWhatIsBehindIt() {
        final long source = BlockKey.space(1663, 4);
        load(KeyClass.DATABASE_FLOOR, PageKeys.middle(5, 0), 0, 150, BYTES, source);
        load(KeyClass.DATABASE_FLOOR, PageKeys.middle(5, 0), 0, 250, ABSENT, 0);
        load(KeyClass.RELATION_FLOOR, MIDDLE, 0, 100, SIZE, 0);
        load(KeyClass.RELATION_FLOOR, MIDDLE, 0, 200, SIZE, 7);
        assertThat(floorAt(3, 120)).isEqualTo(100);
        assertThat(floorAt(3, 220)).isEqualTo(150);
        assertThat(floorAt(7, 220)).isEqualTo(200);
        assertThat(floorAt(7, 260)).isEqualTo(250);
        final long low = PageKeys.low(0, 3);
        assertThat(head.floorSource(high(KeyClass.PAGE), MIDDLE, low, 150)).isEqualTo(source);
        assertThat(head.floorSource(high(KeyClass.PAGE), MIDDLE, low, 200)).isEqualTo(HeadState.ZEROES);
        assertThat(head.floorSource(high(KeyClass.PAGE), MIDDLE, low, 250)).isEqualTo(HeadState.ZEROES);
        assertThat(head.copyLsns()).containsExactly(150);
    }

    @Test
    void shouldKnowSizesAsLastLoaded() {
        load(KeyClass.SIZE, MIDDLE, 0, 100, SIZE, 3);
        load(KeyClass.SIZE, MIDDLE, 0, 110, SIZE, 4_000_000_000L);
        load(KeyClass.SIZE, MIDDLE, 1, 100, SIZE, 9);
        load(KeyClass.SIZE, MIDDLE, 1, 120, ABSENT, 0);
        assertThat(head.blocks(1663, 5, 16_384, 0)).isEqualTo((int) 4_000_000_000L);
        assertThat(head.blocks(1663, 5, 16_384, 1)).isEqualTo(HeadState.ABSENT);
        assertThat(head.blocks(1663, 5, 16_385, 0)).isEqualTo(HeadState.ABSENT);
    }

    @Test
    void shouldRefuseEntriesThatMakeNoSense() {
        assertThatThrownBy(() -> load(KeyClass.SIZE, MIDDLE, 0, 100, BYTES, 3))
                .isInstanceOf(IngestException.class)
                .hasMessageContaining("SIZE of 1663/5/16384/0/0");
        assertThatThrownBy(() -> load(KeyClass.RELATION_FLOOR, MIDDLE, 0, 100, ABSENT, 0))
                .isInstanceOf(IngestException.class);
        assertThatThrownBy(() -> load(KeyClass.CLUSTER, 0, 0, 100, BYTES, 0)).isInstanceOf(IngestException.class);
        assertThatThrownBy(() -> load(KeyClass.SLRU_SEGMENT, 0, 77, 100, SIZE, 1))
                .isInstanceOf(IngestException.class);
        assertThatThrownBy(() -> load(KeyClass.SLRU_SEGMENT, 0, Slru.XACT.ordinal(), 100, SIZE, 33))
                .isInstanceOf(IngestException.class);
        assertThatThrownBy(head::loaded).isInstanceOf(IngestException.class).hasMessageContaining("no state");
    }

    /** Forks by name, as a map has them; the table grows several times. */
    @Test
    void shouldFindForksAsAMapDoes() {
        final long seed = 3;
        final RandomGenerator random = SystemRandom.seeded(seed);
        final ForkTable forks = new ForkTable();
        final Map<Long, Integer> model = new HashMap<>();
        for (int i = 0; i < 30_000; i++) {
            final long space = BlockKey.space(1663, random.nextInt(4));
            final long relation = BlockKey.relation(random.nextInt(4_000), random.nextInt(4));
            final long name = space << 40 ^ relation;
            if (random.nextInt(3) == 0) {
                final int found = forks.find(space, relation);
                assertThat(found == ForkTable.NONE || !forks.exists(found) ? null : forks.blocks(found))
                        .as("seed %d", seed)
                        .isEqualTo(model.get(name));
            } else if (random.nextInt(4) == 0) {
                forks.drop(forks.findOrAdd(space, relation));
                model.remove(name);
            } else {
                forks.change(forks.findOrAdd(space, relation), i);
                model.put(name, i);
            }
        }
        int changed = 0;
        while (forks.takeChanged() != ForkTable.NONE) {
            changed++;
        }
        assertThat(changed).isEqualTo(forks.count());
        int sum = 0;
        for (int database = 0; database < 4; database++) {
            sum += forks.forksOf(BlockKey.space(1663, database));
        }
        assertThat(sum).isEqualTo(model.size());
    }

    @Test
    void shouldKeyCommitTimesBySeconds() {
        final TreeMap<Long, Long> seen = new TreeMap<>();
        for (final long time : new long[] {-5, 0, 999_999, 1_000_000, 4_294_967_295_000_000L, Long.MAX_VALUE}) {
            seen.put(time, CommitTimes.low(time));
        }
        assertThat(seen.values()).containsExactly(0L, 0L, 0L, 1L, 0xFFFF_FFFFL, 0xFFFF_FFFFL);
        final MemorySegment payload = MemorySegment.ofArray(new byte[CommitTimes.BYTES]);
        CommitTimes.write(payload, -9, 0x1234);
        assertThat(CommitTimes.time(payload, 0)).isEqualTo(-9);
        assertThat(CommitTimes.recordLsn(payload, 0)).isEqualTo(0x1234);
    }
}
