package dev.firn.bench.cache;

import dev.firn.bench.meter.XorShift;
import dev.firn.bench.micro.AllocationCounter;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nvmecache.ReplacementTrace;
import dev.firn.nvmecache.TenantShares;
import java.util.HashMap;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Random lookups: among as many blocks as 4 GiB of cache hold, and as 64 GiB do, of which no table fits the processor's caches.
 */
@State(Scope.Thread)
public class CacheLookupMicro {
    private static final int BLOCKS_AN_OBJECT = 1 << 10;

    /** What the cache has room for. */
    @Param({"65536", "1048576"})
    public int slots;

    private final XorShift random = new XorShift(1);
    private int blocks;
    private OffHeapMemory memory;
    private ReplacementTrace cache;
    private Map<Key, Integer> map;

    /** What the map is asked for. */
    private record Key(long objectHigh, long objectLow, int block) {}

    /** JMH makes one instance for each method, and each fork runs one: both tables cost only time. */
    @Setup(Level.Trial)
    public void fill() {
        // All that stay when none has to go: the cache keeps some slots free.
        blocks = slots / 16 * 15;
        memory = FirnReplacement.memoryFor(slots);
        cache = new ReplacementTrace(slots, TenantShares.NONE, memory);
        map = HashMap.newHashMap(blocks);
        for (int i = 0; i < blocks; i++) {
            cache.access(high(i), low(i), block(i), 0);
            map.put(new Key(high(i), low(i), block(i)), i);
        }
    }

    @TearDown(Level.Trial)
    public void release() {
        cache.close();
        memory.close();
    }

    @Benchmark
    public boolean firn(final AllocationCounter allocations) {
        final int i = (int) random.nextBelow(blocks);
        if (!cache.contains(high(i), low(i), block(i))) {
            throw new IllegalStateException("block " + i + " is not there");
        }
        return true;
    }

    @Benchmark
    public Integer map(final AllocationCounter allocations) {
        final int i = (int) random.nextBelow(blocks);
        return map.get(new Key(high(i), low(i), block(i)));
    }

    /** Objects' ids are hashes. */
    private static long high(final int i) {
        return (i / BLOCKS_AN_OBJECT + 1) * 0x9E3779B97F4A7C15L;
    }

    private static long low(final int i) {
        return (i / BLOCKS_AN_OBJECT + 1) * 0xC2B2AE3D27D4EB4FL;
    }

    private static int block(final int i) {
        return i % BLOCKS_AN_OBJECT;
    }
}
