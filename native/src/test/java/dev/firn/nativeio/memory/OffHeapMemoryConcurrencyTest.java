package dev.firn.nativeio.memory;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.SystemRandom;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.ManyToOneConcurrentArrayQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OffHeapMemoryConcurrencyTest {
    private static final long SEED = 20261121;
    private static final int THREADS = 4;
    private static final long CAPACITY_BYTES = 6 * SizeClass.SLAB_BYTES;

    /** So little memory that slabs go from class to class and requests are refused all the time. */
    @ParameterizedTest
    @CsvSource({"false, 150000", "true, 4000"})
    void shouldNeverGiveAByteToTwoWhenThreadsAllocateAndFree(final boolean checked, final int operations)
            throws Exception {
        try (OffHeapMemory memory =
                OffHeapMemory.open(OffHeapConfig.of("stress", CAPACITY_BYTES).withChecked(checked))) {
            final List<Future<Integer>> results = new ArrayList<>();
            try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
                for (int thread = 0; thread < THREADS; thread++) {
                    final int number = thread;
                    results.add(threads.submit(() -> allocateAndFree(memory, number, operations)));
                }
            }
            int refused = 0;
            for (final Future<Integer> result : results) {
                refused += result.get();
            }
            assertThat(refused).as("refusals, seed %d", SEED).isPositive();
            assertThat(memory.usage().refusedCount()).isEqualTo(refused);
            assertThat(memory.usage().heldBytes()).as("seed %d", SEED).isZero();
            assertThat(memory.usage().highWaterBytes()).isLessThanOrEqualTo(CAPACITY_BYTES);
            final MemorySegment all = memory.allocate(CAPACITY_BYTES, MemoryTag.of("stress-all"));
            memory.free(all);
        }
    }

    /** Marks each allocation at both ends and every 512 bytes, and finds the marks unchanged when it frees. */
    private static int allocateAndFree(final OffHeapMemory memory, final int thread, final int operations) {
        final RandomGenerator random = SystemRandom.seeded(SEED + thread);
        final MemoryTag tag = MemoryTag.of("stress-" + thread);
        final MemorySegment[] held = new MemorySegment[60];
        int refused = 0;
        for (int i = 0; i < operations; i++) {
            final int place = random.nextInt(held.length);
            final long mark = (long) thread << 32 | place;
            if (held[place] != null) {
                assertThat(marked(held[place], mark))
                        .as("seed %d, thread %d, operation %d", SEED, thread, i)
                        .isTrue();
                memory.free(held[place]);
                held[place] = null;
            } else {
                final MemorySegment segment = memory.tryAllocate(randomLength(random), tag);
                held[place] = segment;
                if (segment == null) {
                    refused++;
                } else {
                    mark(segment, mark);
                }
            }
        }
        for (int place = 0; place < held.length; place++) {
            if (held[place] != null) {
                assertThat(marked(held[place], (long) thread << 32 | place))
                        .as("seed %d, thread %d", SEED, thread)
                        .isTrue();
                memory.free(held[place]);
            }
        }
        return refused;
    }

    private static long randomLength(final RandomGenerator random) {
        final int kind = random.nextInt(100);
        if (kind < 70) {
            return 8L + random.nextInt(16_000);
        }
        return kind < 98 ? 8L + random.nextInt(300_000) : 8L + random.nextInt(5_000_000);
    }

    private static void mark(final MemorySegment segment, final long mark) {
        for (long offset = 0; offset <= segment.byteSize() - Long.BYTES; offset += 512) {
            segment.set(JAVA_LONG, offset, mark);
        }
        segment.set(JAVA_LONG.withByteAlignment(1), segment.byteSize() - Long.BYTES, mark);
    }

    private static boolean marked(final MemorySegment segment, final long mark) {
        if (segment.get(JAVA_LONG.withByteAlignment(1), segment.byteSize() - Long.BYTES) != mark) {
            return false;
        }
        // The last mark may overlap the one before it.
        for (long offset = 0; offset <= segment.byteSize() - 2 * Long.BYTES; offset += 512) {
            if (segment.get(JAVA_LONG, offset) != mark) {
                return false;
            }
        }
        return true;
    }

    /** One slot, many threads: of each slot that is freed, exactly one gets hold. */
    @Test
    void shouldLoseNoRoomWhenAllWantTheSameSlots() throws Exception {
        final MemoryTag tag = MemoryTag.of("stress-few");
        try (OffHeapMemory memory = OffHeapMemory.open(
                OffHeapConfig.of("few", 2 * SizeClass.SLAB_BYTES).withChecked(false))) {
            final AtomicInteger holders = new AtomicInteger();
            final List<Future<?>> results = new ArrayList<>();
            try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
                for (int thread = 0; thread < THREADS; thread++) {
                    results.add(threads.submit(() -> {
                        for (int i = 0; i < 100_000; i++) {
                            final MemorySegment segment = memory.tryAllocate(1 << 21, tag);
                            if (segment != null) {
                                assertThat(holders.incrementAndGet()).isLessThanOrEqualTo(2);
                                holders.decrementAndGet();
                                memory.free(segment);
                            }
                        }
                    }));
                }
            }
            for (final Future<?> result : results) {
                result.get();
            }
            // Both slots are there again, for this class and for another.
            final MemorySegment first = memory.allocate(1 << 21, tag);
            final MemorySegment second = memory.allocate(1 << 21, tag);
            assertThat(memory.tryAllocate(1 << 21, tag)).isNull();
            memory.free(first);
            memory.free(second);
            memory.free(memory.allocate(1 << 22, tag));
        }
    }

    /** A slot stays held in each slab, so that no slab is retired: what the room index forgets would be lost. */
    @Test
    void shouldFindAllRoomAgainAfterSlabsWereFullInTurn() throws Exception {
        final MemoryTag tag = MemoryTag.of("stress-room");
        final int slabs = 6;
        final int slotsASlab = 4;
        final long slotBytes = SizeClass.SLAB_BYTES / slotsASlab;
        try (OffHeapMemory memory = OffHeapMemory.open(
                        OffHeapConfig.of("room", slabs * SizeClass.SLAB_BYTES).withChecked(false));
                ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            final List<MemorySegment> all = takeAll(memory, slotBytes, tag);
            assertThat(all).hasSize(slabs * slotsASlab);
            final List<MemorySegment> anchors = new ArrayList<>();
            for (final MemorySegment segment : all) {
                if (segment.address() % SizeClass.SLAB_BYTES == 0) {
                    anchors.add(segment);
                } else {
                    memory.free(segment);
                }
            }
            for (int round = 0; round < 30; round++) {
                final List<Future<Integer>> results = new ArrayList<>();
                for (int thread = 0; thread < THREADS; thread++) {
                    final long seed = SEED + round * THREADS + thread;
                    results.add(threads.submit(() -> churn(memory, slotBytes, tag, SystemRandom.seeded(seed))));
                }
                for (final Future<Integer> result : results) {
                    result.get();
                }
                final List<MemorySegment> room = takeAll(memory, slotBytes, tag);
                assertThat(room)
                        .as("slots found in round %d, seed %d", round, SEED)
                        .hasSize(slabs * (slotsASlab - 1));
                room.forEach(memory::free);
            }
            anchors.forEach(memory::free);
        }
    }

    private static List<MemorySegment> takeAll(final OffHeapMemory memory, final long bytes, final MemoryTag tag) {
        final List<MemorySegment> all = new ArrayList<>();
        MemorySegment next = memory.tryAllocate(bytes, tag);
        while (next != null) {
            all.add(next);
            next = memory.tryAllocate(bytes, tag);
        }
        return all;
    }

    /** Takes up to six slots and gives them back at random; how many requests were refused. */
    private static int churn(
            final OffHeapMemory memory, final long bytes, final MemoryTag tag, final RandomGenerator random) {
        final MemorySegment[] held = new MemorySegment[6];
        int refused = 0;
        for (int i = 0; i < 3_000; i++) {
            final int place = random.nextInt(held.length);
            if (held[place] != null) {
                memory.free(held[place]);
                held[place] = null;
            } else {
                held[place] = memory.tryAllocate(bytes, tag);
                refused += held[place] == null ? 1 : 0;
            }
        }
        for (final MemorySegment segment : held) {
            if (segment != null) {
                memory.free(segment);
            }
        }
        return refused;
    }

    @Test
    void shouldFreeWhatAnotherThreadAllocated() throws Exception {
        final MemoryTag tag = MemoryTag.of("stress-handed-over");
        final int messages = 50_000;
        try (OffHeapMemory memory = OffHeapMemory.open(
                        OffHeapConfig.of("handover", 2 * SizeClass.SLAB_BYTES).withChecked(false));
                ExecutorService threads = Executors.newFixedThreadPool(2)) {
            final ManyToOneConcurrentArrayQueue<MemorySegment> queue = new ManyToOneConcurrentArrayQueue<>(64);
            final List<Future<?>> producers = new ArrayList<>();
            for (int producer = 0; producer < 2; producer++) {
                producers.add(threads.submit(() -> {
                    for (int i = 0; i < messages; i++) {
                        final MemorySegment segment = memory.allocate(8192, tag);
                        segment.set(JAVA_LONG, 0, segment.address());
                        while (!queue.offer(segment)) {
                            Thread.yield();
                        }
                    }
                }));
            }
            int received = 0;
            while (received < 2 * messages) {
                final MemorySegment segment = queue.poll();
                if (segment == null) {
                    Thread.yield();
                } else {
                    assertThat(segment.get(JAVA_LONG, 0)).isEqualTo(segment.address());
                    memory.free(segment);
                    received++;
                }
            }
            for (final Future<?> producer : producers) {
                producer.get();
            }
            assertThat(memory.usage(tag).heldCount()).isZero();
        }
    }
}
