package dev.firn.nvmecache;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import java.lang.foreign.MemorySegment;

/** The cache's own buffers, in one region that the ring can know, cut into segments once so that none is made later. */
final class IoBuffers {
    private static final MemoryTag TAG = MemoryTag.of("nvme-cache-buffers");

    private final OffHeapMemory memory;
    private final MemorySegment region;

    /** [buffer][units - 1] */
    private final MemorySegment[][] bounces;

    private final MemorySegment[][] writes;
    private final MemorySegment[] pages;

    IoBuffers(final CacheConfig config, final OffHeapMemory memory) {
        this.memory = memory;
        this.region = memory.allocate(memoryBytes(config), TAG);
        this.bounces = new MemorySegment[config.bounceBuffers()][config.units()];
        this.writes = new MemorySegment[config.writeBuffers()][config.units()];
        this.pages = new MemorySegment[MapWriter.PAGES_IN_FLIGHT];
        long at = cut(bounces, 0, config);
        at = cut(writes, at, config);
        // Pages last: they are not multiples of large blocks, and blocks may be smaller than a page.
        at = (at + CacheLayout.MAP_PAGE_BYTES - 1) & -CacheLayout.MAP_PAGE_BYTES;
        for (int i = 0; i < pages.length; i++) {
            pages[i] = region.asSlice(at + (long) i * CacheLayout.MAP_PAGE_BYTES, CacheLayout.MAP_PAGE_BYTES);
        }
    }

    private long cut(final MemorySegment[][] into, final long start, final CacheConfig config) {
        long at = start;
        for (final MemorySegment[] buffer : into) {
            for (int units = 1; units <= config.units(); units++) {
                buffer[units - 1] = region.asSlice(at, (long) units * config.unitBytes());
            }
            at += config.blockBytes();
        }
        return at;
    }

    static long memoryBytes(final CacheConfig config) {
        return (long) (config.bounceBuffers() + config.writeBuffers()) * config.blockBytes()
                + (long) (MapWriter.PAGES_IN_FLIGHT + 1) * CacheLayout.MAP_PAGE_BYTES;
    }

    MemorySegment region() {
        return region;
    }

    /** The first units of a bounce buffer. */
    MemorySegment bounce(final int buffer, final int units) {
        return bounces[buffer][units - 1];
    }

    /** The first units of a write buffer. */
    MemorySegment write(final int buffer, final int units) {
        return writes[buffer][units - 1];
    }

    MemorySegment page(final int buffer) {
        return pages[buffer];
    }

    void free() {
        memory.free(region);
    }
}
