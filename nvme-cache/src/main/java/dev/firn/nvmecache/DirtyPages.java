package dev.firn.nvmecache;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import java.lang.foreign.MemorySegment;

/** The pages of the map that differ from the slots, each once, in the order in which they came to. Off-heap. */
final class DirtyPages {
    private static final MemoryTag TAG = MemoryTag.of("nvme-cache-map");

    private final OffHeapMemory memory;
    private final int pages;
    private final MemorySegment queue;
    private final MemorySegment queued;
    private int head;
    private int size;

    DirtyPages(final int slotCount, final OffHeapMemory memory) {
        this.memory = memory;
        this.pages = (int) CacheLayout.mapPages(slotCount);
        this.queue = memory.allocate((long) pages * Integer.BYTES, TAG);
        this.queued = memory.allocate(pages, TAG);
        queued.fill((byte) 0);
    }

    static long memoryBytes(final int slotCount) {
        return CacheLayout.mapPages(slotCount) * (Integer.BYTES + 1);
    }

    static int pageOf(final int slot) {
        return slot / CacheLayout.ENTRIES_PER_PAGE;
    }

    void add(final int page) {
        if (queued.get(JAVA_BYTE, page) == 0) {
            queued.set(JAVA_BYTE, page, (byte) 1);
            final int tail = (int) (((long) head + size) % pages);
            queue.setAtIndex(JAVA_INT, tail, page);
            size++;
        }
    }

    int take() {
        final int page = queue.getAtIndex(JAVA_INT, head);
        head = head + 1 == pages ? 0 : head + 1;
        size--;
        queued.set(JAVA_BYTE, page, (byte) 0);
        return page;
    }

    int size() {
        return size;
    }

    void free() {
        memory.free(queue);
        memory.free(queued);
    }
}
