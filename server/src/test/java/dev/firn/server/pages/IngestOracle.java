package dev.firn.server.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.pagestore.cluster.ClusterProgress;
import dev.firn.pagestore.cluster.ReplicationOrigins;
import dev.firn.pagestore.ingest.ClusterEntry;
import dev.firn.pagestore.ingest.HeadState;
import dev.firn.pagestore.ingest.StateKeys;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.pagestore.replay.Replay;
import dev.firn.pagestore.replay.ReplayConfig;
import dev.firn.pagestore.replay.ReplayListener;
import dev.firn.pagestore.replay.ReplayResult;
import dev.firn.pagestore.replay.ReplayView;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.file.BlockKey;
import dev.firn.postgres.file.ControlFile;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.file.TwoPhaseFile;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.server.wal.WalDirectory;
import dev.firn.server.wal.WalFeed;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** Holds what was ingested of a base and its log against the cold replay of the same log to the same LSN: all pages, all sizes, all else. */
public final class IngestOracle {
    private static final long PAGE_MEMORY_BYTES = 512L << 20;

    /** Most differences that are shown. */
    private static final int SHOWN = 10;

    private final Path base;
    private final Path scratch;
    private final PostgresVersion version;
    private final WalDirectory wal;
    private final StringBuilder differences = new StringBuilder();
    private int different;
    private long pages;

    public IngestOracle(final Path base, final Path wal, final int major, final Path scratch) {
        this.base = base;
        this.scratch = scratch;
        this.version = PostgresVersion.ofMajor(major);
        this.wal = WalDirectory.open(wal, Optional.empty());
    }

    /** How many pages were compared. */
    public long pages() {
        return pages;
    }

    public long startLsn() {
        try (Replay replay = Replay.open(config(Long.MAX_VALUE))) {
            return replay.startLsn();
        }
    }

    /** Where the last record ends that begins before an LSN; where the log ends for the highest. */
    public long endLsn(final long untilLsn) {
        try (Replay replay = Replay.open(config(untilLsn));
                WalFeed feed = new WalFeed(wal)) {
            return replay.run(feed, ReplayListener.NONE).endLsn();
        }
    }

    IngestedLog open(final long tableBytes) {
        return new IngestedLog(base, startLsn(), wal, version, tableBytes);
    }

    /** Compares everything at the last record's end at or before an LSN. */
    public void compare(final StoredLog log, final long untilLsn) {
        try (Replay replay = Replay.open(config(untilLsn));
                WalFeed feed = new WalFeed(wal);
                Arena arena = Arena.ofConfined()) {
            final ReplayResult result = replay.run(feed, ReplayListener.NONE);
            final ReplayView view = replay.view();
            final long lsn = result.endLsn();
            compareForks(log, view, lsn, arena);
            compareSlrus(log, view, lsn, arena);
            compareDirectories(log, view, lsn);
            comparePrepared(log, view, lsn);
            compareOrigins(log, view, lsn);
            compareCluster(log, view, lsn);
            assertThat(different)
                    .as("differences at %s: %s", Lsn.format(lsn), differences)
                    .isZero();
        }
    }

    /** The head's own words, where the log ends. */
    void compareHead(final IngestedLog log) {
        try (Replay replay = Replay.open(config(Long.MAX_VALUE));
                WalFeed feed = new WalFeed(wal)) {
            final ReplayResult result = replay.run(feed, ReplayListener.NONE);
            final HeadState head = log.head();
            replay.view()
                    .forks((tablespace, database, relfilenode, fork, blocks) -> check(
                            blocks == head.blocks(tablespace, database, relfilenode, fork),
                            "the head's size of " + tablespace + "/" + database + "/" + relfilenode + " fork " + fork));
            assertThat(head.progress().counters()).isEqualTo(result.counters());
            assertThat(different).as("differences of the head: %s", differences).isZero();
        }
    }

    private ReplayConfig config(final long untilLsn) {
        return new ReplayConfig(base, PAGE_MEMORY_BYTES, scratch, untilLsn, SystemClock.INSTANCE);
    }

    private void compareForks(final StoredLog log, final ReplayView view, final long lsn, final Arena arena) {
        final MemorySegment expected = arena.allocate(PageLayout.PAGE_BYTES, 8);
        final MemorySegment actual = arena.allocate(PageLayout.PAGE_BYTES, 8);
        final int[] forks = {0};
        view.forks((tablespace, database, relfilenode, fork, blocks) -> {
            forks[0]++;
            final long middle = PageKeys.middle(database, relfilenode);
            final StoredLog.Value size =
                    log.state(PageKeys.high(KeyClass.SIZE, tablespace), middle, PageKeys.low(fork, 0), lsn);
            final String name = Integer.toUnsignedString(tablespace) + '/' + Integer.toUnsignedString(database) + '/'
                    + Integer.toUnsignedString(relfilenode) + " fork " + fork;
            final int found = size == null ? -1 : LittleEndian.getInt(size.payload(), 0);
            check(found == blocks, "size of " + name + " is " + found + ", not " + blocks);
            for (int block = 0; block < blocks; block++) {
                final long low = PageKeys.low(fork, block);
                view.page(tablespace, database, relfilenode, fork, block, expected);
                log.read(PageKeys.high(KeyClass.PAGE, tablespace), middle, low, lsn, actual);
                compare(expected, actual, name + " block " + block);
            }
        });
        final int found = log.keys(KeyRange.of(KeyClass.SIZE), lsn).size();
        check(found == forks[0], found + " sizes, not " + forks[0]);
    }

    private void compareSlrus(final StoredLog log, final ReplayView view, final long lsn, final Arena arena) {
        final MemorySegment expected = arena.allocate(PageLayout.PAGE_BYTES, 8);
        final MemorySegment actual = arena.allocate(PageLayout.PAGE_BYTES, 8);
        final int[] segments = {0};
        view.segments((slru, segment, count) -> {
            segments[0]++;
            final StoredLog.Value size =
                    log.state(PageKeys.high(KeyClass.SLRU_SEGMENT, 0), 0, StateKeys.low(slru, segment), lsn);
            final int found = size == null ? -1 : LittleEndian.getInt(size.payload(), 0);
            check(found == count, slru + " segment " + segment + " has " + found + " pages, not " + count);
            for (int i = 0; i < count; i++) {
                final int page = segment * Slru.PAGES_PER_SEGMENT + i;
                view.page(slru, page, expected);
                log.read(PageKeys.high(KeyClass.SLRU_PAGE, 0), 0, StateKeys.low(slru, page), lsn, actual);
                compare(expected, actual, slru + " page " + page);
            }
        });
        final int found = log.keys(KeyRange.of(KeyClass.SLRU_SEGMENT), lsn).size();
        check(found == segments[0], found + " segments, not " + segments[0]);
    }

    private void compareDirectories(final StoredLog log, final ReplayView view, final long lsn) {
        final TreeSet<Long> found = new TreeSet<>();
        for (final long[] key : log.keys(KeyRange.of(KeyClass.DATABASE), lsn)) {
            found.add(BlockKey.space(PageKeys.tablespace(key[0]), PageKeys.database(key[1])));
        }
        check(found.equals(new TreeSet<>(view.directories())), "directories " + found + ", not " + view.directories());
        for (final long space : view.directories()) {
            final int tablespace = BlockKey.tablespace(space);
            final long middle = PageKeys.middle(BlockKey.database(space), 0);
            final StoredLog.Value directory = log.state(PageKeys.high(KeyClass.DATABASE, tablespace), middle, 0, lsn);
            final boolean withVersion =
                    directory != null && directory.payload().get(ValueLayout.JAVA_BYTE, 0) == StateKeys.HAS_VERSION;
            check(withVersion == view.hasVersion(space), "PG_VERSION of " + space);
            final StoredLog.Value map = log.state(PageKeys.high(KeyClass.RELATION_MAP, tablespace), middle, 0, lsn);
            final byte[] bytes = map == null ? null : map.payload().toArray(ValueLayout.JAVA_BYTE);
            check(Arrays.equals(bytes, view.relationMap(space)), "relation map of " + space);
        }
    }

    private void comparePrepared(final StoredLog log, final ReplayView view, final long lsn) {
        final Map<String, byte[]> expected = view.prepared();
        final Map<String, byte[]> found = new TreeMap<>();
        for (final long[] key : log.keys(KeyRange.of(KeyClass.TWO_PHASE), lsn)) {
            final MemorySegment payload = log.state(key[0], key[1], key[2], lsn).payload();
            found.put(
                    TwoPhaseFile.fileName(version, LittleEndian.getLong(payload, 0)),
                    payload.asSlice(StateKeys.TWO_PHASE_CONTENT).toArray(ValueLayout.JAVA_BYTE));
        }
        check(found.keySet().equals(expected.keySet()), "prepared " + found.keySet() + ", not " + expected.keySet());
        expected.forEach((name, content) -> check(
                Arrays.equals(found.get(name), Arrays.copyOf(content, content.length - Integer.BYTES)),
                "state of " + name));
    }

    private void compareOrigins(final StoredLog log, final ReplayView view, final long lsn) {
        final ReplicationOrigins found = new ReplicationOrigins();
        for (final long[] key : log.keys(KeyRange.of(KeyClass.ORIGIN), lsn)) {
            final MemorySegment payload = log.state(key[0], key[1], key[2], lsn).payload();
            found.advance(PageKeys.block(key[2]), LittleEndian.getLong(payload, 0), true);
        }
        check(Arrays.equals(found.toBytes(), view.origins()), "origins");
    }

    /** Of the control file, what a restore goes by. */
    private void compareCluster(final StoredLog log, final ReplayView view, final long lsn) {
        final MemorySegment payload = log.state(ClusterEntry.HIGH, ClusterEntry.MIDDLE, ClusterEntry.LOW, lsn)
                .payload();
        try (OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("cluster", 1 << 20));
                ClusterProgress progress = new ClusterProgress(memory)) {
            progress.read(payload, 0);
            check(
                    describe(progress.control()).equals(describe(view.control())),
                    "control file " + describe(progress.control()) + ", not " + describe(view.control()));
        }
    }

    private static String describe(final ControlFile control) {
        return Lsn.format(control.checkpointLsn()) + " redo "
                + Lsn.format(control.checkpoint().redo()) + " timeline "
                + control.checkpoint().timeline() + " next "
                + control.checkpoint().nextXid() + " minimum "
                + Lsn.format(control.minRecoveryPoint()) + ' ' + control.minRecoveryPointTimeline() + " connections "
                + control.maxConnections() + " level " + control.walLevel() + " hints " + control.walLogHints()
                + " times " + control.trackCommitTimestamp();
    }

    private void compare(final MemorySegment expected, final MemorySegment actual, final String name) {
        pages++;
        final long at = expected.mismatch(actual);
        check(at < 0, name + " at byte " + at);
    }

    private void check(final boolean equal, final String what) {
        if (!equal && different++ < SHOWN) {
            differences.append("\n  ").append(what);
        }
    }
}
