package dev.firn.nvmecache;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** The program of {@link KillTest}: fills a cache and overturns it, says what it holds, and never ends by itself. */
final class CacheVictim {
    static final ObjectId CLUSTER = new ObjectId(17, 4);
    static final int OBJECTS = 64;
    static final int BLOCKS = 64;
    private static final long SAY_NS = 20_000_000L;

    private CacheVictim() {}

    static CacheConfig config() {
        return CacheConfig.of("cache/blocks", CLUSTER, 64 << 20, 32 << 10).withSyncIntervalNs(100_000_000L);
    }

    static ObjectId object(final int number) {
        return new ObjectId(99, number);
    }

    public static void main(final String[] arguments) {
        final SplittableRandom random = new SplittableRandom(Long.parseLong(arguments[1]));
        try (OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("cache", 96 << 20));
                Arena arena = Arena.ofConfined();
                BlockCache cache = BlockCache.open(
                        new HostStorage(Path.of(arguments[0])), config(), memory, SystemClock.INSTANCE, random)) {
            final MemorySegment block = arena.allocate(config().blockBytes(), 4096);
            long lastSaid = 0;
            while (cache.state() == CacheState.ON) {
                final ObjectId object = object(random.nextInt(OBJECTS));
                final int number = random.nextInt(BLOCKS);
                TrueBytes.fill(object, number, block);
                cache.insert(object, number, 0, block);
                cache.poll((token, result) -> {}, 10);
                if (random.nextInt(20) == 0) {
                    cache.awaitCompletions(2_000_000);
                }
                final long now = SystemClock.INSTANCE.nanoTime();
                if (now - lastSaid > SAY_NS) {
                    lastSaid = now;
                    System.out.println("holds " + cache.counters().blocks.get());
                }
            }
        }
    }
}
