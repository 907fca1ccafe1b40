package dev.firn.pagestore.upkeep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.simulation.Simulation;
import dev.firn.nativeio.simulation.SimulationConfig;
import dev.firn.pagestore.ingest.SlruChanges;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.pagestore.layer.LayerCompression;
import dev.firn.pagestore.layer.LayerConfig;
import dev.firn.pagestore.manifest.Manifest;
import dev.firn.pagestore.memory.MemoryTable;
import dev.firn.pagestore.memory.MemoryTableConfig;
import dev.firn.pagestore.rebuild.HintHistory;
import dev.firn.pagestore.upkeep.UpkeepLink.Order;
import dev.firn.pagestore.upkeep.UpkeepLink.Report;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.file.Slru;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.s3tier.directory.DirectoryConfig;
import dev.firn.s3tier.directory.LocalDirectory;
import dev.firn.s3tier.session.SessionStore;
import dev.firn.s3tier.simulation.SimulatedStore;
import dev.firn.s3tier.simulation.StoreFaults;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.ObjectWriter;
import dev.firn.s3tier.store.StoreLimits;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A housekeeper that is closed gives all memory back, whatever it was at, and whatever the shard has not answered. */
class HousekeeperCloseTest {
    private static final long START_LSN = 0x1000;
    private static final int TABLES = 6;
    private static final int PAGES = 40;
    private static final int MAX_DELTAS = 4;
    private static final int XIDS_A_PAGE = 4 * PageLayout.PAGE_BYTES;
    private static final CallOptions CALLS = CallOptions.within(Duration.ofMinutes(1));

    /** Of parts so short that a layer has some. */
    private static final StoreLimits LIMITS = StoreLimits.DEFAULT.withParts(4 << 10, 4 << 10, 4 << 10);

    /** Duty cycles without work after which it waits for nothing but an answer. */
    private static final int IDLE_CYCLES = 3_000;

    /** What was under way when it was closed. */
    private enum Seen {
        FLUSH_ASKS,
        FLUSHED,
        MERGED,
        IMAGES_ASK
    }

    @Test
    void shouldFreeEverythingWhereverItIsClosed() {
        final Set<Seen> seen = EnumSet.noneOf(Seen.class);
        for (int turns = 0; turns < 3_000; turns += turns < 60 ? 4 : 290) {
            // The answers stop somewhere, so that a flush, a merge or an image job waits for one.
            run(turns, Integer.MAX_VALUE, seen);
            run(turns, turns % 7, seen);
            run(turns, turns % 50, seen);
        }
        assertThat(seen).containsExactlyInAnyOrder(Seen.values());
    }

    /** An answer that comes while it closes lets nothing more be begun. */
    @Test
    void shouldFreeWhatAClaimWouldWriteNext(@TempDir final Path folder) throws IOException {
        for (int i = 0; i < 20; i++) {
            try (OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("housekeeper-close", 16 << 20));
                    ObjectStore store = SessionStore.over(
                            LocalDirectory.open(
                                    Files.createDirectory(folder.resolve("store-" + i)),
                                    DirectoryConfig.DEFAULT,
                                    StoreLimits.DEFAULT),
                            SystemClock.INSTANCE,
                            SystemRandom.seeded(1))) {
                final UpkeepLink link = new UpkeepLink();
                final Housekeeper housekeeper = new Housekeeper(
                        link, config(store), SystemClock.INSTANCE, SystemRandom.seeded(2), memory, store);
                link.order(new Order.Open(0, first(), true, PostgresVersion.V17));
                housekeeper.doWork();
                // The store's own thread answers meanwhile.
                LockSupport.parkNanos(i * 500_000L);
                housekeeper.onClose();
            }
        }
    }

    /** Fails, by the memory's own check, when something is left. */
    private static void run(final int turns, final int answers, final Set<Seen> seen) {
        try (OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("housekeeper-close", 256 << 20));
                Simulation simulation = new Simulation(SimulationConfig.of(1, 1))) {
            final ObjectStore store = SessionStore.over(
                    SimulatedStore.in(simulation, 0, StoreFaults.NONE, LIMITS).backend(),
                    SystemClock.INSTANCE,
                    SystemRandom.seeded(1));
            final UpkeepLink link = new UpkeepLink();
            final Housekeeper housekeeper =
                    new Housekeeper(link, config(store), SystemClock.INSTANCE, SystemRandom.seeded(2), memory, store);
            final List<MemoryTable> tables = new ArrayList<>();
            try {
                link.order(new Order.Open(0, first(), true, PostgresVersion.V17));
                for (int i = 0; i < TABLES; i++) {
                    tables.add(table(memory, START_LSN + 1_000L * i));
                }
                work(housekeeper, link, tables, turns, answers, seen);
            } finally {
                housekeeper.onClose();
                store.close();
                tables.forEach(MemoryTable::close);
            }
        }
    }

    private static void work(
            final Housekeeper housekeeper,
            final UpkeepLink link,
            final List<MemoryTable> tables,
            final int turns,
            final int answers,
            final Set<Seen> seen) {
        int left = answers;
        int idle = 0;
        for (int turn = 0; turn < turns && idle < IDLE_CYCLES; ) {
            if (housekeeper.doWork() > 0) {
                turn++;
                idle = 0;
            } else {
                idle++;
            }
            for (Report report = link.nextReport(); report != null; report = link.nextReport()) {
                switch (report) {
                    case Report.Opened opened -> {
                        for (final MemoryTable table : tables) {
                            link.order(new Order.Flush(0, table, table.endLsn(), 0, new long[0]));
                        }
                    }
                    case Report.Wanted wanted -> {
                        seen.add(wanted.read().fromLsn() == 0 ? Seen.IMAGES_ASK : Seen.FLUSH_ASKS);
                        if (left-- > 0) {
                            wanted.read().done(0, HintHistory.NONE);
                        }
                    }
                    case Report.Installed installed -> {
                        seen.add(Seen.FLUSHED);
                        final boolean merged = installed.manifest().layers().stream()
                                .anyMatch(layer -> layer.toLsn() - layer.fromLsn() > 1_000);
                        if (merged) {
                            seen.add(Seen.MERGED);
                        }
                    }
                    default -> {}
                }
            }
        }
    }

    /** Of each page an image, then as many changes as want another. */
    private static MemoryTable table(final OffHeapMemory memory, final long startLsn) {
        final MemoryTable table = new MemoryTable(memory, new MemoryTableConfig(MemoryTableConfig.MIN_BYTES), startLsn);
        final MemorySegment empty = MemorySegment.ofArray(new byte[PageLayout.PAGE_BYTES]);
        final byte[] random = new byte[PageLayout.PAGE_BYTES];
        SystemRandom.seeded(startLsn).nextBytes(random);
        for (int block = 0; block < PAGES; block++) {
            final long high = PageKeys.high(KeyClass.SLRU_PAGE, 0);
            final long middle = 0;
            final long low = PageKeys.low(Slru.XACT.ordinal(), block);
            table.add(
                    high,
                    middle,
                    low,
                    startLsn + 1,
                    EntryKind.IMAGE | EntryKind.STANDS_ALONE,
                    // Some can't be compressed: a layer has several parts then.
                    block % 8 == 0 ? MemorySegment.ofArray(random) : empty,
                    0,
                    PageLayout.PAGE_BYTES);
            for (int change = 0; change < MAX_DELTAS; change++) {
                table.add(
                        high,
                        middle,
                        low,
                        startLsn + 2 + change,
                        EntryKind.SLRU_CHANGES,
                        committed(block),
                        0,
                        SlruChanges.BYTES);
            }
        }
        table.endLsn(startLsn + 1_000);
        table.freeze();
        return table;
    }

    /** The first transaction of a page of the commit log has committed. */
    private static MemorySegment committed(final int block) {
        final MemorySegment change = MemorySegment.ofArray(new byte[SlruChanges.BYTES]);
        LittleEndian.putByte(change, 0, 1);
        LittleEndian.putInt(change, Integer.BYTES, block * XIDS_A_PAGE);
        LittleEndian.putLong(change, Long.BYTES, 1);
        return change;
    }

    private static Manifest first() {
        return new Manifest("main", 0, 0, 0, 0, "", 0, "backup", START_LSN, List.of(), List.of());
    }

    private static UpkeepConfig config(final ObjectStore store) {
        return new UpkeepConfig(
                new LayerConfig(4 << 10, LayerCompression.LZ4, 12, 20, 10, 64 << 10, 1 << 20),
                new ObjectWriter.Shape(store.limits().minPartBytes(), 2, CALLS),
                CALLS,
                2,
                2,
                1,
                1,
                4,
                2,
                MAX_DELTAS,
                16,
                Long.MAX_VALUE,
                4 << 10,
                64 << 10,
                16,
                1_000,
                1_000_000_000L);
    }
}
