package dev.firn.nvmecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.simulation.DiskFaults;
import dev.firn.nativeio.simulation.DiskGeometry;
import dev.firn.nativeio.simulation.FaultKind;
import dev.firn.nativeio.simulation.HostDownError;
import dev.firn.nativeio.simulation.Scheduler;
import dev.firn.nativeio.simulation.SimulatedDisk;
import dev.firn.nativeio.simulation.Trace;
import dev.firn.nativeio.storage.Storage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * One seeded life story of a cache on a simulated disk: random operations, deaths and faults, every byte that comes out
 * compared with the true ones.
 */
final class CacheWorld implements AutoCloseable {
    static final ObjectId CLUSTER = new ObjectId(7, 7);
    private static final int OBJECTS = 48;
    private static final int BLOCKS_PER_OBJECT = 8;
    private static final int MAX_READS = 16;

    final Trace trace = Trace.silent();
    final Scheduler scheduler;
    final SimulatedDisk disk;
    final CacheConfig config;
    private final DiskFaults faults;
    private final RandomGenerator random;
    private final LeakCheck leaks = LeakCheck.start();
    private final OffHeapMemory memory = leaks.memory(64 << 20);
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment[] targets = new MemorySegment[MAX_READS];
    private final MemorySegment truth;
    private final long[] generations = new long[OBJECTS];
    private final Map<Long, Read> reads = new HashMap<>();
    private final Clock clock = new WorldClock();
    private BlockCache cache;
    private long nextToken;

    long operations;
    long hits;
    long misses;
    long lives;
    long recovered;
    long durableBeforeDeath;
    long recoveredAfterDeath;
    long checksumFailures;
    long durableChecksumFailures;
    long turnedOff;

    private record Read(ObjectId object, int block, int offset, MemorySegment into, int target) {}

    CacheWorld(final long seed, final DiskFaults faults) {
        this.random = new SplittableRandom(seed);
        this.faults = faults;
        this.scheduler = new Scheduler(seed, trace);
        this.disk = new SimulatedDisk(scheduler, 0, seed, DiskGeometry.DEFAULT, faults);
        final int blockBytes = random.nextBoolean() ? 4 << 10 : 8 << 10;
        final long bytes = CacheLayout.fileBytes(64 + random.nextInt(200), blockBytes);
        this.config = CacheConfig.of("cache/blocks", CLUSTER, bytes, blockBytes)
                .withDepth(MAX_READS, 4, 8)
                .withSyncIntervalNs(2_000_000)
                .withWriteBytesPerSecond(random.nextBoolean() ? 0 : 1 << 20)
                .withMaxDeviceErrors(8)
                .withTenants(new TenantShares(100, 200));
        for (int i = 0; i < MAX_READS; i++) {
            targets[i] = arena.allocate(blockBytes + 512, 4096);
        }
        this.truth = arena.allocate(blockBytes, 4096);
    }

    void run(final long count) {
        // The file is made in peace: what an unkind disk does to that is a test of its own.
        disk.setFaults(DiskFaults.NONE);
        open();
        disk.setFaults(faults);
        while (operations < count) {
            operations++;
            try {
                step();
            } catch (final HostDownError down) {
                reopen(false);
            }
        }
        disk.powerLossAfter(0);
        try {
            cache.close();
        } catch (final HostDownError ignored) {
            // Power was lost in the last operation.
            trace.record(0, "the last life ended by loss of power", "", 0, 0);
        }
        cache = null;
    }

    private void step() {
        final int dice = random.nextInt(1_000);
        if (dice < 700) {
            read();
        } else if (dice < 880) {
            scheduler.runFor(random.nextLong(200_000));
            cache.poll(this::onRead, 1 + random.nextInt(8));
        } else if (dice < 990) {
            insertRandom();
        } else if (dice < 993) {
            forget();
        } else if (dice < 994) {
            answerAll();
            cache.flush();
        } else if (dice < 995) {
            disk.powerLossAfter(1 + random.nextInt(60));
        } else if (dice < 998) {
            scheduler.runFor(random.nextLong(4_000_000));
            cache.poll(this::onRead, Integer.MAX_VALUE);
        } else if (random.nextInt(4) == 0) {
            die();
        }
    }

    private void read() {
        if (reads.size() == MAX_READS) {
            cache.poll(this::onRead, Integer.MAX_VALUE);
            scheduler.runFor(random.nextLong(100_000));
            return;
        }
        final ObjectId object = randomObject();
        final int block = randomBlock();
        final int length = lengthOf(block);
        final int target = freeTarget();
        final boolean aligned = random.nextInt(4) != 0;
        final int unit = config.unitBytes();
        final int offset = aligned ? random.nextInt((length + unit - 1) / unit) * unit : random.nextInt(length);
        final int most = Math.min(config.blockBytes() - offset, config.blockBytes());
        final int size = aligned ? (1 + random.nextInt(most / unit)) * unit : 1 + random.nextInt(most);
        final int shift = aligned ? 0 : random.nextInt(3);
        final MemorySegment into = targets[target].asSlice(shift, size);
        into.fill((byte) 0x11);
        final long token = nextToken++;
        reads.put(token, new Read(object, block, offset, into, target));
        final int begun = cache.read(object, block, offset, into, token);
        if (begun != BlockCache.ACCEPTED) {
            reads.remove(token);
        }
        if (begun == BlockCache.MISS) {
            misses++;
            if (random.nextInt(3) != 0) {
                insert(object, block);
            }
        }
    }

    private void onRead(final long token, final int result) {
        final Read read = reads.remove(token);
        assertThat(read)
                .as("an answer to a read that was begun and not answered")
                .isNotNull();
        if (result == BlockCache.MISS) {
            misses++;
            return;
        }
        hits++;
        final int length = lengthOf(read.block);
        assertThat(result).isEqualTo((int) Math.min(read.into.byteSize(), length - read.offset));
        final MemorySegment expected = truth.asSlice(0, length);
        TrueBytes.fill(read.object, read.block, expected);
        final long difference =
                MemorySegment.mismatch(expected, read.offset, read.offset + result, read.into, 0, result);
        assertThat(difference)
                .as("first wrong byte of " + result + " at " + read.offset + " of block " + read.block + " of "
                        + read.object)
                .isEqualTo(-1);
    }

    private void insertRandom() {
        insert(randomObject(), randomBlock());
    }

    private void insert(final ObjectId object, final int block) {
        final MemorySegment bytes = truth.asSlice(0, lengthOf(block));
        TrueBytes.fill(object, block, bytes);
        cache.insert(object, block, (int) (object.low() % 3), bytes);
    }

    private void forget() {
        final int object = random.nextInt(OBJECTS);
        cache.forget(id(object), BLOCKS_PER_OBJECT);
        generations[object]++;
    }

    private void answerAll() {
        while (cache.readsInFlight() > 0) {
            cache.poll(this::onRead, Integer.MAX_VALUE);
            cache.awaitCompletions(1_000_000_000L);
        }
    }

    private void die() {
        switch (random.nextInt(4)) {
            case 0 -> {
                disk.crash();
                reopen(false);
            }
            case 1 -> {
                disk.killProcess();
                reopen(false);
            }
            case 2 -> {
                cache.abandon();
                reopen(false);
            }
            default -> {
                answerAll();
                cache.close();
                reopen(true);
            }
        }
    }

    private void reopen(final boolean clean) {
        final CacheCounters before = cache.counters();
        final boolean wasOn = cache.state() != CacheState.OFF;
        checksumFailures += before.checksumFailures.get();
        durableChecksumFailures += before.durableChecksumFailures.get();
        turnedOff += wasOn ? 0 : 1;
        final long mapped = before.mappedSlots.get();
        try {
            cache.close();
        } catch (final HostDownError expected) {
            assertThat(clean).isFalse();
        }
        reads.clear();
        open();
        recovered += cache.counters().recovered.get();
        if (wasOn) {
            durableBeforeDeath += mapped;
            recoveredAfterDeath += cache.counters().recovered.get();
        }
    }

    private void open() {
        cache = null;
        while (cache == null) {
            try {
                final Storage storage = disk.mount();
                lives++;
                cache = BlockCache.open(storage, config, memory, clock, random);
                assertThat(cache.counters().entriesRefused.get() <= config.slots())
                        .isTrue();
            } catch (final HostDownError again) {
                trace.record(0, "power was lost while opening", "", 0, 0);
            }
        }
    }

    private ObjectId randomObject() {
        // Some are asked for more than others.
        return id(Math.min(random.nextInt(OBJECTS), random.nextInt(OBJECTS)));
    }

    private ObjectId id(final int object) {
        return new ObjectId(object * 0x9E3779B97F4A7C15L, generations[object] * OBJECTS + object);
    }

    private int randomBlock() {
        return random.nextInt(BLOCKS_PER_OBJECT);
    }

    /** The last block of each object is short. */
    private int lengthOf(final int block) {
        return block == BLOCKS_PER_OBJECT - 1 ? config.blockBytes() / 3 : config.blockBytes();
    }

    private int freeTarget() {
        for (int i = 0; i < MAX_READS; i++) {
            final int target = i;
            if (reads.values().stream().noneMatch(read -> read.target == target)) {
                return i;
            }
        }
        throw new AssertionError("as many targets as reads");
    }

    long count(final FaultKind kind) {
        return trace.count(kind);
    }

    @Override
    public void close() {
        arena.close();
        if (cache == null) {
            leaks.close();
        }
    }

    private final class WorldClock implements Clock {
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
