package dev.firn.bench.micro;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Aligned off-heap memory had and given back: from our slabs, and from an arena opened for it, the JDK's way. The arena
 * zeroes what it gives, as it must; ours does not, and says so.
 */
@State(Scope.Thread)
public class AllocMicro {
    private static final MemoryTag TAG = MemoryTag.of("bench");
    private static final long CAPACITY_BYTES = 16L << 20;
    private static final int PAGE_BYTES = 4096;

    @Param({"8192", "65536"})
    public int bytes;

    private OffHeapMemory memory;

    @Setup(Level.Trial)
    public void open() {
        memory = OffHeapMemory.open(
                OffHeapConfig.of("bench", CAPACITY_BYTES).withChecked(false).withPrefault(true));
    }

    @TearDown(Level.Trial)
    public void close() {
        memory.close();
    }

    @Benchmark
    public long firn(final AllocationCounter allocations) {
        final MemorySegment segment = memory.allocate(bytes, TAG);
        final long address = segment.address();
        memory.free(segment);
        return address;
    }

    @Benchmark
    public long arena(final AllocationCounter allocations) {
        try (Arena arena = Arena.ofConfined()) {
            return arena.allocate(bytes, PAGE_BYTES).address();
        }
    }
}
