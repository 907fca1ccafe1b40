package dev.firn.nvmecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.simulation.DiskFaults;
import dev.firn.nativeio.simulation.DiskGeometry;
import dev.firn.nativeio.simulation.DiskOperation;
import dev.firn.nativeio.simulation.FaultRule;
import dev.firn.nativeio.simulation.Scheduler;
import dev.firn.nativeio.simulation.SimulatedDisk;
import dev.firn.nativeio.simulation.Trace;
import dev.firn.nativeio.storage.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A device that is full, slow or failing: Firn goes on without, and says so once. */
class DeviceFailureTest {
    private static final ObjectId OBJECT = new ObjectId(5, 6);
    private static final int BLOCK = 4 << 10;
    private static final CacheConfig CONFIG = CacheConfig.of("cache/blocks", new ObjectId(1, 1), 2 << 20, BLOCK)
            .withDepth(8, 4, 4)
            .withMaxDeviceErrors(3)
            .withSyncIntervalNs(1_000_000);

    private final Scheduler scheduler = new Scheduler(11, Trace.silent());
    private final SimulatedDisk disk = new SimulatedDisk(scheduler, 0, 11, DiskGeometry.DEFAULT, DiskFaults.NONE);
    private final LeakCheck leaks = LeakCheck.start();
    private final OffHeapMemory memory = leaks.memory(64 << 20);
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment block = arena.allocate(BLOCK, 4096);
    private final List<Integer> results = new ArrayList<>();
    private final List<String> logged = new ArrayList<>();
    private final Handler log = new Handler() {
        @Override
        public void publish(final LogRecord line) {
            logged.add(line.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        Logger.getLogger("dev.firn.nvmecache").addHandler(log);
    }

    @AfterEach
    void everythingIsFreed() {
        Logger.getLogger("dev.firn.nvmecache").removeHandler(log);
        arena.close();
        leaks.close();
    }

    private BlockCache open(final CacheConfig config) {
        return BlockCache.open(disk.mount(), config, memory, new SchedulerClock(), new SplittableRandom(1));
    }

    private BlockCache.Insertion insert(final BlockCache cache, final int number) {
        TrueBytes.fill(OBJECT, number, block);
        return cache.insert(OBJECT, number, 0, block);
    }

    private int read(final BlockCache cache, final int number) {
        final int begun = cache.read(OBJECT, number, 0, block, number);
        while (cache.readsInFlight() > 0) {
            cache.poll((token, result) -> results.add(result), 10);
            cache.awaitCompletions(10_000_000);
        }
        return begun == BlockCache.ACCEPTED ? results.getLast() : begun;
    }

    @Test
    void shouldGoOnWithoutWhenTheDiskIsFullAtTheStart() {
        disk.setCapacity(1 << 20);
        try (BlockCache cache = open(CONFIG)) {
            assertThat(cache.state()).isEqualTo(CacheState.OFF);
            assertThat(cache.reason()).contains("ENOSPC");
            assertThat(cache.describe()).contains("off").contains("ENOSPC");
            assertThat(insert(cache, 1)).isEqualTo(BlockCache.Insertion.DROPPED);
            assertThat(read(cache, 1)).isEqualTo(BlockCache.MISS);
            assertThat(cache.poll((token, result) -> {}, 10)).isZero();
            assertThat(cache.counters().on.get()).isZero();
            assertThat(cache.forget(OBJECT, 10)).isTrue();
            cache.flush();
        }
        assertThat(logged).hasSize(1).first().asString().contains("goes on without");
        disk.setCapacity(1 << 30);
        try (BlockCache cache = open(CONFIG)) {
            assertThat(cache.state()).isEqualTo(CacheState.ON);
        }
    }

    @Test
    void shouldMissOnAReadErrorAndTurnOffAfterSeveralInARow() {
        try (BlockCache cache = open(CONFIG)) {
            for (int i = 0; i < 12; i++) {
                insert(cache, i);
                cache.flush();
            }
            disk.inject(FaultRule.on(DiskOperation.READ).failing(Errno.EIO));
            assertThat(read(cache, 0)).isEqualTo(BlockCache.MISS);
            assertThat(read(cache, 1)).isEqualTo(BLOCK);
            assertThat(cache.state()).isEqualTo(CacheState.ON);
            disk.inject(FaultRule.on(DiskOperation.READ).times(3).failing(Errno.EIO));
            for (int i = 2; i < 5; i++) {
                assertThat(read(cache, i)).isEqualTo(BlockCache.MISS);
            }
            assertThat(cache.state()).isEqualTo(CacheState.OFF);
            assertThat(cache.reason()).contains("3 operations in a row").contains("READ cache/blocks");
            assertThat(read(cache, 1)).isEqualTo(BlockCache.MISS);
            assertThat(cache.counters().readErrors.get()).isEqualTo(4);
        }
        assertThat(logged).hasSize(1);
        try (BlockCache cache = open(CONFIG)) {
            assertThat(cache.counters().recovered.get()).isGreaterThanOrEqualTo(11);
        }
    }

    @Test
    void shouldTurnOffAndCloseWhenNothingCanBeWritten() {
        try (BlockCache cache = open(CONFIG)) {
            disk.inject(FaultRule.on(DiskOperation.WRITE).times(1_000).failing(Errno.EIO));
            for (int i = 0; i < 20; i++) {
                insert(cache, i);
                cache.flush();
            }
            assertThat(cache.state()).isEqualTo(CacheState.OFF);
            assertThat(cache.counters().writeErrors.get()).isEqualTo(3);
        }
        assertThat(logged).hasSize(1);
    }

    @Test
    void shouldDropWhatASyncDidNotMakeDurable() {
        try (BlockCache cache = open(CONFIG)) {
            insert(cache, 1);
            disk.inject(FaultRule.on(DiskOperation.SYNC).failing(Errno.EIO));
            cache.flush();
            assertThat(cache.counters().syncErrors.get()).isEqualTo(1);
            assertThat(cache.contains(OBJECT, 1)).isFalse();
            insert(cache, 1);
            cache.flush();
            assertThat(read(cache, 1)).isEqualTo(BLOCK);
        }
    }

    @Test
    void shouldServeABlockFromMemoryAndDropInsertsWhenTheDeviceIsBehind() {
        try (BlockCache cache = open(CONFIG)) {
            for (int i = 0; i < 6; i++) {
                assertThat(insert(cache, i))
                        .isEqualTo(i < 4 ? BlockCache.Insertion.TAKEN : BlockCache.Insertion.DROPPED);
            }
            assertThat(cache.counters().insertsDroppedBusy.get()).isEqualTo(2);
            assertThat(read(cache, 3)).isEqualTo(BLOCK);
            assertThat(cache.counters().hitsInMemory.get()).isEqualTo(1);
            for (int i = 0; i < 8; i++) {
                assertThat(cache.read(OBJECT, i % 4, 0, block, 100 + i)).isEqualTo(BlockCache.ACCEPTED);
            }
            assertThat(cache.read(OBJECT, 0, 0, block, 108)).isEqualTo(BlockCache.FULL);
            assertThat(cache.counters().readsRefused.get()).isEqualTo(1);
            assertThatThrownBy(cache::flush).hasMessageContaining("8 reads");
        }
    }

    @Test
    void shouldEndWithoutWaitingAndLoseOnlyTheLastInterval() {
        final BlockCache cache = open(CONFIG);
        insert(cache, 1);
        cache.flush();
        insert(cache, 2);
        final long before = scheduler.nowNs();
        cache.abandon();
        cache.abandon();
        cache.close();
        assertThat(scheduler.nowNs()).isEqualTo(before);
        assertThat(cache.state()).isEqualTo(CacheState.CLOSED);
        assertThat(read(cache, 1)).isEqualTo(BlockCache.MISS);
        try (BlockCache next = open(CONFIG)) {
            assertThat(read(next, 1)).isEqualTo(BLOCK);
            assertThat(read(next, 2)).isEqualTo(BlockCache.MISS);
        }
    }

    @Test
    void shouldForgetAnObjectAndUseItsSlots() {
        try (BlockCache cache = open(CONFIG)) {
            for (int i = 0; i < 100; i++) {
                insert(cache, i);
                cache.flush();
            }
            final long before = cache.counters().blocks.get();
            assertThat(cache.forget(OBJECT, 40)).isTrue();
            cache.flush();
            cache.poll((token, result) -> {}, 1);
            assertThat(cache.counters().forgotten.get()).isEqualTo(40);
            assertThat(cache.counters().blocks.get()).isEqualTo(before - 40);
            assertThat(read(cache, 39)).isEqualTo(BlockCache.MISS);
            assertThat(read(cache, 40)).isEqualTo(BLOCK);
        }
        try (BlockCache cache = open(CONFIG)) {
            assertThat(cache.counters().recovered.get()).isEqualTo(60);
        }
    }

    @Test
    void shouldWriteOnlyWhatComesBackWhenTheBudgetIsSpent() {
        try (BlockCache cache = open(CONFIG.withWriteBytesPerSecond(10 * BLOCK))) {
            int next = 0;
            while (cache.counters().insertsDroppedBudget.get() == 0) {
                insert(cache, next++);
                cache.flush();
            }
            final int refused = next - 1;
            assertThat(next).isGreaterThan(CONFIG.slots() - CONFIG.slots() / 16);
            assertThat(insert(cache, refused)).isEqualTo(BlockCache.Insertion.TAKEN);
            scheduler.runFor(1_000_000_000L);
            assertThat(insert(cache, next)).isEqualTo(BlockCache.Insertion.TAKEN);
        }
    }

    private final class SchedulerClock implements Clock {
        @Override
        public long nanoTime() {
            return scheduler.nowNs();
        }

        @Override
        public long epochNs() {
            return scheduler.nowNs();
        }
    }
}
