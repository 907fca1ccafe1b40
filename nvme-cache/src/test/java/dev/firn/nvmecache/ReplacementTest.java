package dev.firn.nvmecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReplacementTest {
    private static final int SLOTS = 4_096;
    private static final int UNIVERSE = 40_000;
    private static final int BATCH = 512;
    private static final int ACCESSES = 400_000;

    private final LeakCheck leaks = LeakCheck.start();
    private final OffHeapMemory memory = leaks.memory(64 << 20);

    @AfterEach
    void everythingIsFreed() {
        leaks.close();
    }

    @Test
    void shouldHoldOutAgainstScansBetterThanLru() {
        final int[] zipf = trace(1, 0, 1);
        final int[] scanned = trace(1, 20_000, 1);
        final int[] pages = trace(1, 20_000, 8);
        final double[] ours = {hitRate(zipf), hitRate(scanned), hitRate(pages)};
        final double[] lru = {lruHitRate(zipf), lruHitRate(scanned), lruHitRate(pages)};
        System.out.printf(
                "hit rate, S3-FIFO / LRU: Zipf %.4f / %.4f, Zipf + scans %.4f / %.4f, Zipf + scans page by page %.4f / %.4f%n",
                ours[0], lru[0], ours[1], lru[1], ours[2], lru[2]);
        assertThat(ours[0]).isGreaterThan(lru[0]);
        assertThat(ours[1]).isGreaterThan(lru[1] * 1.05);
        assertThat(ours[2]).isGreaterThan(lru[2]);
    }

    @Test
    void shouldKeepEachTenantItsGuaranteedShare() {
        try (ReplacementTrace cache = new ReplacementTrace(SLOTS, new TenantShares(0, 300, 200), memory)) {
            final SplittableRandom random = new SplittableRandom(3);
            final int[] guaranteed = {0, SLOTS * 300 / 1_000, SLOTS * 200 / 1_000};
            for (int tenant = 1; tenant <= 2; tenant++) {
                for (int i = 0; i < guaranteed[tenant]; i++) {
                    cache.access(tenant, 0, i, tenant);
                }
            }
            int least1 = Integer.MAX_VALUE;
            int least2 = Integer.MAX_VALUE;
            for (int i = 0; i < 100_000; i++) {
                cache.access(0, 0, random.nextInt(50_000), 0);
                least1 = Math.min(least1, cache.held(1));
                least2 = Math.min(least2, cache.held(2));
            }
            assertThat(least1).isEqualTo(guaranteed[1]);
            assertThat(least2).isEqualTo(guaranteed[2]);
            // What was there before the others came is there still, although nobody asked for it since.
            for (int i = 0; i < guaranteed[1]; i++) {
                assertThat(cache.holds(1, 0, i)).isTrue();
            }
            // A tenant above its share gives what is above it, and no more.
            for (int i = 0; i < 20_000; i++) {
                cache.access(1, 7, i, 1);
            }
            assertThat(cache.held(1)).isGreaterThan(guaranteed[1]);
            assertThat(cache.held(2)).isGreaterThanOrEqualTo(guaranteed[2]);
            for (int i = 0; i < 20_000; i++) {
                cache.access(0, 7, i, 0);
            }
            assertThat(cache.held(1)).isBetween(guaranteed[1], SLOTS / 2);
        }
    }

    @Test
    void shouldAgreeWithAMapWhateverIsAddedAndRemoved() {
        final SlotTable slots = new SlotTable(2_000, 512, 4_096, new ObjectId(1, 1), memory);
        final BlockIndex index = new BlockIndex(slots, memory);
        final Map<Integer, Integer> model = new HashMap<>();
        final ArrayDeque<Integer> free = new ArrayDeque<>();
        for (int slot = 0; slot < 2_000; slot++) {
            free.add(slot);
        }
        final SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 300_000; i++) {
            final int block = random.nextInt(2_600);
            final long hash = BlockKey.hash(1, 2, block);
            final int found = index.find(hash, 1, 2, block);
            if (found != model.getOrDefault(block, BlockIndex.ABSENT)) {
                throw new AssertionError("step " + i + ": block " + block + " is found in slot " + found
                        + ", the model has " + model.get(block));
            }
            if (found != BlockIndex.ABSENT && random.nextInt(3) == 0) {
                index.remove(hash, found);
                model.remove(block);
                free.add(found);
            } else if (found == BlockIndex.ABSENT && !free.isEmpty()) {
                final int slot = free.poll();
                slots.describe(slot, 1, 2, block, 512, 0);
                index.add(hash, slot);
                model.put(block, slot);
            }
        }
        index.free();
        slots.free();
    }

    @Test
    void shouldCountTheBytesThatABlockTakesInMemory() {
        final double bytes = (double) BlockDirectory.memoryBytes(100_000_000) / 100_000_000;
        System.out.printf("memory of the directory: %.1f bytes a block, %.2f %% of 64 KiB%n", bytes, bytes / 655.36);
        assertThat(bytes).isLessThan(140);
    }

    @Test
    void shouldFindAmongAMillionWhatIsThere() {
        final int slots = 1_000_000;
        try (OffHeapMemory large =
                        OffHeapMemory.open(OffHeapConfig.of("index", 192 << 20).withChecked(false));
                ReplacementTrace cache = new ReplacementTrace(slots, TenantShares.NONE, large)) {
            for (int i = 0; i < slots * 9 / 10; i++) {
                cache.access(i >> 10, 1, i & 1_023, 0);
            }
            final SplittableRandom random = new SplittableRandom(1);
            final int[] wanted = new int[1 << 20];
            Arrays.setAll(wanted, i -> random.nextInt(slots));
            long found = 0;
            final double[] lookupNs = new double[wanted.length / BATCH];
            final double[] confirmedNs = new double[wanted.length / BATCH];
            // The first round warms the code. A batch is short, so that the median is of undisturbed ones.
            for (int round = 0; round < 2; round++) {
                for (int batch = 0; batch < lookupNs.length; batch++) {
                    final long start = SystemClock.INSTANCE.nanoTime();
                    for (int i = batch * BATCH; i < (batch + 1) * BATCH; i++) {
                        found += cache.contains(wanted[i] >> 10, 1, wanted[i] & 1_023) ? 1 : 0;
                    }
                    lookupNs[batch] = (SystemClock.INSTANCE.nanoTime() - start) / (double) BATCH;
                }
                for (int batch = 0; batch < lookupNs.length; batch++) {
                    final long start = SystemClock.INSTANCE.nanoTime();
                    for (int i = batch * BATCH; i < (batch + 1) * BATCH; i++) {
                        found -= cache.holds(wanted[i] >> 10, 1, wanted[i] & 1_023) ? 1 : 0;
                    }
                    confirmedNs[batch] = (SystemClock.INSTANCE.nanoTime() - start) / (double) BATCH;
                }
            }
            Arrays.sort(lookupNs);
            Arrays.sort(confirmedNs);
            System.out.printf(
                    "index lookup among %,d blocks, median: %.0f ns, confirmed by the slot's identity %.0f ns%n",
                    cache.blocks(), lookupNs[lookupNs.length / 2], confirmedNs[confirmedNs.length / 2]);
            assertThat(found).as("fingerprints that agree by chance").isLessThan(30);
        }
    }

    private double hitRate(final int[] trace) {
        int hits = 0;
        try (ReplacementTrace cache = new ReplacementTrace(SLOTS, TenantShares.NONE, memory)) {
            for (final int block : trace) {
                hits += cache.access(1, 1, block, 0) ? 1 : 0;
            }
        }
        return (double) hits / trace.length;
    }

    private static double lruHitRate(final int[] trace) {
        int hits = 0;
        final Map<Integer, Boolean> lru = new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(final Map.Entry<Integer, Boolean> eldest) {
                return size() > SLOTS;
            }
        };
        for (final int block : trace) {
            if (lru.get(block) != null) {
                hits++;
            } else {
                lru.put(block, true);
            }
        }
        return (double) hits / trace.length;
    }

    /** Zipf of exponent 0.9; with scans of other blocks between, each block asked for {@code pages} times in a row. */
    private static int[] trace(final long seed, final int scanEvery, final int pages) {
        final double[] cumulative = new double[UNIVERSE];
        double sum = 0;
        for (int i = 0; i < UNIVERSE; i++) {
            sum += 1 / Math.pow(i + 1, 0.9);
            cumulative[i] = sum;
        }
        final SplittableRandom random = new SplittableRandom(seed);
        final int[] trace = new int[ACCESSES];
        int scanned = UNIVERSE;
        for (int i = 0; i < ACCESSES; i++) {
            if (scanEvery > 0 && i % scanEvery >= scanEvery / 2) {
                trace[i] = scanned + i / pages;
            } else {
                final int found = Arrays.binarySearch(cumulative, random.nextDouble() * sum);
                trace[i] = found < 0 ? -found - 1 : found;
            }
        }
        return trace;
    }
}
