package dev.firn.nvmecache;

/**
 * Where things are in the file:
 *
 * <pre>
 *   0        superblock, and 4 KiB on its copy
 *   64 KiB   the map: an entry of {@link SlotTable#ENTRY_BYTES} for each slot, 42 in each page of 4 KiB
 *   then     from the next multiple of 1 MiB on: the slots, blockBytes each
 * </pre>
 */
final class CacheLayout {
    static final int SUPERBLOCK_BYTES = 4 << 10;
    static final int SUPERBLOCK_COPIES = 2;
    static final long MAP_OFFSET = 64 << 10;
    static final int MAP_PAGE_BYTES = 4 << 10;

    /** Whole ones: what is left of a page is not used, so that no entry is written by halves. */
    static final int ENTRIES_PER_PAGE = MAP_PAGE_BYTES / SlotTable.ENTRY_BYTES;

    private static final long DATA_ALIGNMENT_BYTES = 1 << 20;

    private CacheLayout() {}

    /** Where the slots begin. */
    static long dataOffset(final long slots) {
        return (MAP_OFFSET + mapPages(slots) * MAP_PAGE_BYTES + DATA_ALIGNMENT_BYTES - 1) & -DATA_ALIGNMENT_BYTES;
    }

    static long mapPages(final long slots) {
        return (slots + ENTRIES_PER_PAGE - 1) / ENTRIES_PER_PAGE;
    }

    static long fileBytes(final long slots, final int blockBytes) {
        return dataOffset(slots) + slots * blockBytes;
    }

    /** The most slots that a file of this length has room for. */
    static long slotsWithin(final long sizeBytes, final int blockBytes) {
        long slots = Math.max(0, sizeBytes - MAP_OFFSET) / (blockBytes + SlotTable.ENTRY_BYTES);
        while (slots > 0 && fileBytes(slots, blockBytes) > sizeBytes) {
            final long excess = fileBytes(slots, blockBytes) - sizeBytes;
            slots -= Math.max(1, excess / (blockBytes + SlotTable.ENTRY_BYTES));
        }
        return Math.max(0, slots);
    }
}
