package dev.firn.nativeio.memory;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * All slabs of a region: which class each serves, and which are taken in a row by large allocations.
 *
 * <p>Finding a slab with room is lock-free. Giving a slab to a class, taking an empty one back, and runs of slabs are under
 * this object's monitor; the longest of these looks at each slab a few times. Slabs for classes are taken from the low end
 * of the region, runs from the high end, so that they seldom stand in each other's way.
 */
final class SlabPool {
    /** In {@link #runs}: a slab of a run other than its first. */
    private static final int INNER = -1;

    private final MemorySegment region;
    private final int slabCount;

    /** The slab object at each index; null when it is free or in a run. Written under the monitor. */
    private final AtomicReferenceArray<Slab> slabs;

    private final RoomIndex[] rooms = new RoomIndex[SizeClass.COUNT];

    /** Where a class allocates next: the slab last freed into, whose lines are in the cache. Only a hint. */
    private final AtomicReferenceArray<Slab> current = new AtomicReferenceArray<>(SizeClass.COUNT);

    /** Length of the run that starts at each slab, 0 for none, {@link #INNER}. Under the monitor. */
    private final int[] runs;

    /** The holder's, like a slot's: written before the run is handed out. */
    private final byte[] runTags;

    private final MemorySegment[] runSegments;

    /**
     * @param region borrowed from the {@link Region}; whole slabs.
     */
    SlabPool(final MemorySegment region) {
        this.region = region;
        this.slabCount = (int) SizeClass.slabs(region.byteSize());
        this.slabs = new AtomicReferenceArray<>(slabCount);
        this.runs = new int[slabCount];
        this.runTags = new byte[slabCount];
        this.runSegments = new MemorySegment[slabCount];
        for (int sizeClass = 0; sizeClass < rooms.length; sizeClass++) {
            rooms[sizeClass] = new RoomIndex(slabCount);
        }
    }

    /** A slab of the class in which one slot is reserved for the caller, or null when there is no room. */
    Slab reserve(final int sizeClass) {
        final Slab hinted = current.getOpaque(sizeClass);
        if (hinted != null && hinted.reserve()) {
            return hinted;
        }
        final Slab found = reserveInUse(sizeClass);
        return found != null ? found : reserveFresh(sizeClass);
    }

    /** Ends a reservation after the slot was released. */
    void giveBack(final Slab slab) {
        if (slab.giveBack()) {
            rooms[slab.sizeClass()].set(slab.index());
        }
        if (current.getOpaque(slab.sizeClass()) != slab) {
            current.setOpaque(slab.sizeClass(), slab);
        }
    }

    /** The slab object at an index, or null when the slab is free or in a run. */
    Slab slab(final int index) {
        return slabs.get(index);
    }

    private Slab reserveInUse(final int sizeClass) {
        final RoomIndex room = rooms[sizeClass];
        for (int index = room.next(0); index >= 0; index = room.next(index + 1)) {
            final Slab slab = slabs.get(index);
            if (slab != null && slab.sizeClass() == sizeClass && slab.reserve()) {
                current.setOpaque(sizeClass, slab);
                return slab;
            }
            room.clear(index);
            restoreIfRoom(sizeClass, index);
        }
        return null;
    }

    /** Room that was made between our look at the slab and the clearing of its bit must not be lost. */
    private void restoreIfRoom(final int sizeClass, final int index) {
        final Slab slab = slabs.get(index);
        if (slab != null && slab.sizeClass() == sizeClass && slab.hasRoom()) {
            rooms[sizeClass].set(index);
        }
    }

    private synchronized Slab reserveFresh(final int sizeClass) {
        final Slab meanwhile = reserveInUse(sizeClass);
        if (meanwhile != null) {
            return meanwhile;
        }
        int index = lowestFree();
        if (index < 0) {
            retireEmpty();
            index = lowestFree();
        }
        if (index < 0) {
            // Slots of this class may have been freed, and with them the slab kept, while we looked.
            return reserveInUse(sizeClass);
        }
        final Slab slab =
                new Slab(region.asSlice((long) index << SizeClass.SLAB_SHIFT, SizeClass.SLAB_BYTES), index, sizeClass);
        slab.reserve();
        slabs.set(index, slab);
        rooms[sizeClass].set(index);
        current.setOpaque(sizeClass, slab);
        return slab;
    }

    /** Takes {@code length} free slabs in a row. The index of the first, or -1. */
    synchronized int takeRun(final int length) {
        int first = highestFreeRun(length);
        if (first < 0) {
            retireEmpty();
            first = highestFreeRun(length);
        }
        if (first >= 0) {
            runs[first] = length;
            Arrays.fill(runs, first + 1, first + length, INNER);
        }
        return first;
    }

    /** Ends the run that starts at this slab; its length, or 0 when there is none (any more). Its slabs stay taken. */
    synchronized int endRun(final int first) {
        final int length = Math.max(0, runs[first]);
        if (length != 0) {
            runs[first] = INNER;
        }
        return length;
    }

    /** Makes the slabs of a run that was ended free again. */
    synchronized void giveBackRun(final int first, final int length) {
        Arrays.fill(runs, first, first + length, 0);
    }

    /** Segment of a run's holder. An object is made only when the last run from this slab had another length. */
    MemorySegment runSegment(final int first, final long lengthBytes) {
        MemorySegment segment = runSegments[first];
        if (segment == null || segment.byteSize() != lengthBytes) {
            segment = region.asSlice((long) first << SizeClass.SLAB_SHIFT, lengthBytes);
            runSegments[first] = segment;
        }
        return segment;
    }

    int runTag(final int first) {
        return Byte.toUnsignedInt(runTags[first]);
    }

    void runTag(final int first, final int tag) {
        runTags[first] = (byte) tag;
    }

    /** Slabs that neither a class nor a run has. */
    synchronized int freeSlabs() {
        int free = 0;
        for (int i = 0; i < slabCount; i++) {
            free += isFree(i) ? 1 : 0;
        }
        return free;
    }

    /** The longest row of free slabs: what the largest allocation could get. */
    synchronized int longestFreeRun() {
        int longest = 0;
        int run = 0;
        for (int i = 0; i < slabCount; i++) {
            run = isFree(i) ? run + 1 : 0;
            longest = Math.max(longest, run);
        }
        return longest;
    }

    private boolean isFree(final int index) {
        return runs[index] == 0 && slabs.get(index) == null;
    }

    private int lowestFree() {
        for (int i = 0; i < slabCount; i++) {
            if (isFree(i)) {
                return i;
            }
        }
        return -1;
    }

    private int highestFreeRun(final int length) {
        int run = 0;
        for (int i = slabCount - 1; i >= 0; i--) {
            run = isFree(i) ? run + 1 : 0;
            if (run == length) {
                return i;
            }
        }
        return -1;
    }

    /** Takes slabs back from classes that do not use them any more. */
    private void retireEmpty() {
        for (int i = 0; i < slabCount; i++) {
            final Slab slab = slabs.get(i);
            if (slab != null && slab.retire()) {
                slabs.set(i, null);
                rooms[slab.sizeClass()].clear(i);
                current.compareAndSet(slab.sizeClass(), slab, null);
            }
        }
    }
}
