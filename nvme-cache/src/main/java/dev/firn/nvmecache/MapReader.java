package dev.firn.nvmecache;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.storage.StorageException;
import dev.firn.nativeio.storage.StorageFile;
import java.lang.foreign.MemorySegment;

/**
 * Fills the directory from the durable map at open: one sequential read of 97.5 bytes a slot, 1.5 GiB for each TiB of 64 KiB
 * blocks, and nothing of the data.
 *
 * <p>What is empty, cannot be read, is torn, or names a block twice holds nothing; but what was read need not be what is
 * durable: the life before may have died, or met an error, between a page's write and its end. So no slot is written before
 * this life has written its page of the map itself. A full cache has a page to write for each slot that it keeps free, an
 * empty one its whole map: a 672nd part of what will fill it.
 */
final class MapReader {
    private static final int CHUNK_BYTES = 1 << 20;
    private static final MemoryTag TAG = MemoryTag.of("nvme-cache-open");

    private final StorageFile file;
    private final BlockDirectory directory;
    private final SlotTable slots;
    private final CacheCounters counters;

    MapReader(final StorageFile file, final BlockDirectory directory, final CacheCounters counters) {
        this.file = file;
        this.directory = directory;
        this.slots = directory.slots();
        this.counters = counters;
    }

    void read(final OffHeapMemory memory) {
        final long mapBytes = CacheLayout.mapPages(slots.count()) * CacheLayout.MAP_PAGE_BYTES;
        final MemorySegment chunk = memory.allocate(CHUNK_BYTES, TAG);
        try {
            for (long at = 0; at < mapBytes; at += CHUNK_BYTES) {
                final MemorySegment part = chunk.asSlice(0, Math.min(CHUNK_BYTES, mapBytes - at));
                final boolean readable = readInto(part, CacheLayout.MAP_OFFSET + at);
                for (long page = 0; page < part.byteSize(); page += CacheLayout.MAP_PAGE_BYTES) {
                    takePage((int) ((at + page) / CacheLayout.MAP_PAGE_BYTES), part, page, readable);
                }
            }
        } finally {
            memory.free(chunk);
        }
    }

    private boolean readInto(final MemorySegment part, final long offset) {
        try {
            return file.read(offset, part) == part.byteSize();
        } catch (final StorageException e) {
            CacheCounters.add(counters.readErrors, 1);
            return false;
        }
    }

    private void takePage(final int page, final MemorySegment part, final long pageAt, final boolean readable) {
        final int first = page * CacheLayout.ENTRIES_PER_PAGE;
        final int end = Math.min(slots.count(), first + CacheLayout.ENTRIES_PER_PAGE);
        for (int slot = first; slot < end; slot++) {
            final long at = pageAt + (long) (slot - first) * SlotTable.ENTRY_BYTES;
            if (!readable || SlotTable.isEmpty(part, at)) {
                directory.addFreeing(slot);
            } else if (!slots.decode(slot, part, at)) {
                CacheCounters.add(counters.entriesRefused, 1);
                directory.addFreeing(slot);
            } else if (isKnown(slot)) {
                directory.addFreeing(slot);
            } else {
                directory.addRecovered(slot);
                CacheCounters.add(counters.recovered, 1);
            }
        }
    }

    /** Whether another slot holds the same block: it was evicted and came back, and the map had not followed yet. */
    private boolean isKnown(final int slot) {
        return directory.find(slots.hashOf(slot), slots.objectHigh(slot), slots.objectLow(slot), slots.block(slot))
                != BlockIndex.ABSENT;
    }
}
