package dev.firn.nvmecache;

import dev.firn.nativeio.memory.OffHeapMemory;

/**
 * Which block is in which slot, and who goes when room is needed. No I/O: {@link BlockCache} moves the bytes, and tells the
 * phases that a slot goes through as they happen:
 *
 * <pre>
 *   FREE → WRITING → WRITTEN → DURABLE → FREEING → FREE
 *                                        (straight to FREE when the durable map never named it)
 * </pre>
 *
 * <p>A slot that is given up while it is read, written or waited for by a sync is doomed: found by nobody, and given up when
 * that has ended.
 */
final class BlockDirectory {
    /** A {@link #reserveFor}: nobody spoke for the block, and the caller does not want it then. */
    static final int NOT_ADMITTED = -2;

    private static final int MAX_RESERVE = 4_096;
    private static final int RESERVE_FRACTION = 16;

    /** Bounds the work of one call. */
    private static final int MAX_EVICTIONS = 32;

    private static final int MAX_FAULTS = 3;

    private final SlotTable slots;
    private final BlockIndex index;
    private final ReplacementQueues queues;
    private final GhostTable ghosts;
    private final SlotList freeSlots;
    private final DirtyPages dirty;
    private final CacheCounters counters;
    private final int reserve;
    private int freeing;
    private int mappedSlots;

    BlockDirectory(
            final SlotTable slots,
            final TenantShares shares,
            final CacheCounters counters,
            final OffHeapMemory memory) {
        this.slots = slots;
        this.counters = counters;
        this.index = new BlockIndex(slots, memory);
        this.queues = new ReplacementQueues(slots, shares);
        this.ghosts = new GhostTable(slots.count(), memory);
        this.freeSlots = new SlotList(slots);
        this.dirty = new DirtyPages(slots.count(), memory);
        this.reserve = Math.clamp(slots.count() / RESERVE_FRACTION, 1, MAX_RESERVE);
    }

    static long memoryBytes(final int slotCount) {
        return SlotTable.memoryBytes(slotCount)
                + BlockIndex.memoryBytes(slotCount)
                + GhostTable.memoryBytes(slotCount)
                + DirtyPages.memoryBytes(slotCount);
    }

    SlotTable slots() {
        return slots;
    }

    DirtyPages dirty() {
        return dirty;
    }

    int blocks() {
        return queues.size();
    }

    int held(final int tenant) {
        return queues.held(tenant);
    }

    /** Slots that wait for the map to be written. */
    int freeing() {
        return freeing;
    }

    /** Slots that the durable map names, or may name. */
    int mappedSlots() {
        return mappedSlots;
    }

    /** A page of the map that names the slot is on its way. */
    void onMapWriting(final int slot) {
        if (!slots.is(slot, SlotTable.MAPPED)) {
            slots.set(slot, SlotTable.MAPPED, true);
            mappedSlots++;
        }
    }

    /** Whether slots that may be written run out while others wait for the map. */
    boolean wantsMapWritten() {
        return freeing > 0 && freeSlots.size() * 2 <= reserve;
    }

    /** The slot of a block, or {@link BlockIndex#ABSENT}. */
    int find(final long hash, final long objectHigh, final long objectLow, final int block) {
        return index.find(hash, objectHigh, objectLow, block);
    }

    /** As {@link BlockIndex#candidate}. */
    int candidate(final long hash) {
        return index.candidate(hash);
    }

    void touch(final int slot) {
        queues.touch(slot);
    }

    /** A slot is empty from the start. */
    void addFree(final int slot) {
        slots.phase(slot, SlotTable.FREE);
        freeSlots.add(slot);
    }

    /** A slot is empty, but its page of the map may say otherwise: it is written before the slot is used. */
    void addFreeing(final int slot) {
        onMapWriting(slot);
        slots.phase(slot, SlotTable.FREEING);
        freeing++;
        dirty.add(DirtyPages.pageOf(slot));
    }

    /** A slot's entry was found in the durable map. */
    void addRecovered(final int slot) {
        slots.phase(slot, SlotTable.DURABLE);
        onMapWriting(slot);
        queues.add(slot, true);
        index.add(slots.hashOf(slot), slot);
    }

    /**
     * A slot to write a block to. The block is found from now on.
     *
     * @param unknownToo whether to take a block that nobody speaks for, too.
     * @return the slot; {@link SlotTable#NONE} when none is free; {@link #NOT_ADMITTED}.
     */
    int reserveFor(
            final long hash,
            final long objectHigh,
            final long objectLow,
            final int block,
            final int lengthBytes,
            final int tenant,
            final boolean unknownToo) {
        evict();
        final int slot = freeSlots.oldest();
        if (slot == SlotTable.NONE) {
            return SlotTable.NONE;
        }
        final boolean known = ghosts.remove(hash);
        if (!known && !unknownToo) {
            ghosts.add(hash);
            return NOT_ADMITTED;
        }
        freeSlots.remove(slot);
        slots.describe(slot, objectHigh, objectLow, block, lengthBytes, tenant);
        slots.phase(slot, SlotTable.WRITING);
        slots.set(slot, SlotTable.DOOMED, false);
        queues.add(slot, known);
        index.add(hash, slot);
        return slot;
    }

    /** Whether the cache still fills, so that a block takes nobody's place. */
    boolean filling() {
        return freeSlots.size() > reserve;
    }

    /** Takes a block out; its slot is given up as soon as nothing uses it. */
    void drop(final int slot) {
        if (!slots.is(slot, SlotTable.DOOMED)) {
            index.remove(slots.hashOf(slot), slot);
            queues.remove(slot);
            slots.set(slot, SlotTable.DOOMED, true);
        }
        releaseIfUnused(slot);
    }

    /** Something that used the slot has ended: a doomed one is given up when that was the last. */
    void releaseIfUnused(final int slot) {
        if (slots.is(slot, SlotTable.DOOMED) && slots.readers(slot) == 0 && slots.phase(slot) == SlotTable.DURABLE) {
            giveUp(slot);
        }
    }

    /** A write or a sync of the slot has failed: its bytes are unknown. It is in no map. */
    void abandon(final int slot) {
        slots.phase(slot, SlotTable.DURABLE);
        drop(slot);
    }

    /** The durable map does not name what the slot holds any more, or does again. */
    void onMapWritten(final int slot, final boolean named) {
        if (named || !slots.is(slot, SlotTable.MAPPED)) {
            return;
        }
        slots.set(slot, SlotTable.MAPPED, false);
        mappedSlots--;
        if (slots.phase(slot) == SlotTable.FREEING) {
            freeing--;
            toFreeOrRetired(slot);
        }
    }

    /** Makes room ahead of those who come. */
    private void evict() {
        int left = MAX_EVICTIONS;
        while (freeSlots.size() + freeing < reserve && left-- > 0) {
            final int slot = queues.takeVictim();
            if (slot == SlotTable.NONE) {
                return;
            }
            final long hash = slots.hashOf(slot);
            index.remove(hash, slot);
            if (!slots.is(slot, SlotTable.MAIN)) {
                ghosts.add(hash);
            }
            CacheCounters.add(counters.evictions, 1);
            slots.set(slot, SlotTable.DOOMED, true);
            giveUp(slot);
        }
    }

    private void giveUp(final int slot) {
        slots.set(slot, SlotTable.DOOMED, false);
        if (slots.is(slot, SlotTable.MAPPED)) {
            slots.phase(slot, SlotTable.FREEING);
            freeing++;
            dirty.add(DirtyPages.pageOf(slot));
        } else {
            toFreeOrRetired(slot);
        }
    }

    private void toFreeOrRetired(final int slot) {
        if (slots.faults(slot) >= MAX_FAULTS) {
            slots.phase(slot, SlotTable.RETIRED);
            CacheCounters.add(counters.slotsRetired, 1);
        } else {
            slots.phase(slot, SlotTable.FREE);
            freeSlots.add(slot);
        }
    }

    void free() {
        index.free();
        ghosts.free();
        dirty.free();
        slots.free();
    }
}
