package dev.firn.s3tier.session;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import java.lang.foreign.MemorySegment;

/**
 * Where neighbouring ranges land that are read by one request, before they are copied to where the caller wants them. A copy runs
 * at memory's speed; a request saved is a round trip. When it is full, ranges are read one by one. Thread-safe.
 */
final class RangeMemory implements AutoCloseable {
    /** Of each store, over all sessions; pages that are never used are never had. */
    static final long CAPACITY_BYTES = 32L << 20;

    private static final MemoryTag RANGES = MemoryTag.of("store-ranges");

    private final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("object-store", CAPACITY_BYTES));

    /** Null when there is no room. */
    MemorySegment tryTake(final long bytes) {
        return memory.tryAllocate(bytes, RANGES);
    }

    void giveBack(final MemorySegment segment) {
        memory.free(segment);
    }

    @Override
    public void close() {
        memory.close();
    }
}
