package dev.firn.nativeio.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Checked mode: finds what production has no time to look for.
 *
 * <p>Each allocation is a segment with an arena of its own, which {@link #beforeFree} closes. Free memory is filled with
 * {@link #POISON}, so is the rest of a slot behind the end of its allocation; both are verified, the one when the slot is
 * used again or at the end, the other when it is freed. New memory is filled with {@link #UNDEFINED}, lest somebody relies
 * on zeros.
 *
 * <p>It knows addresses only, nothing of slabs' insides, and so checks the allocator too: a slot that was handed out twice
 * would not be poisoned. Everything is under this object's monitor.
 */
final class CheckedAllocations {
    static final byte POISON = (byte) 0xDE;
    static final byte UNDEFINED = (byte) 0xC7;

    /** Most stacks kept of frees; the oldest knowledge is dropped all at once. */
    private static final int MAX_FREED_SITES = 100_000;

    private final String name;
    private final MemorySegment region;

    /** A slab's worth of poison to compare with. */
    private final MemorySegment poisoned;

    private final Arena poisonArena = Arena.ofShared();

    /** By address. */
    private final TreeMap<Long, Allocation> held = new TreeMap<>();

    /** Who freed the allocation at an address last. */
    private final Map<Long, Throwable> freedAt = new HashMap<>();

    /** Slabs that have been filled with poison; the others are as the kernel gave them. */
    private final BitSet prepared = new BitSet();

    private record Allocation(Arena arena, MemorySegment slot, long lengthBytes, MemoryTag tag, Throwable allocatedAt) {
        @Override
        public String toString() {
            return lengthBytes + " bytes of " + tag.name();
        }
    }

    CheckedAllocations(final String name, final MemorySegment region) {
        this.name = name;
        this.region = region;
        this.poisoned = poisonArena.allocate(SizeClass.SLAB_BYTES);
        poisoned.fill(POISON);
    }

    /**
     * @param slot the whole slot, or whole run of slabs.
     * @return the segment to hand out.
     */
    synchronized MemorySegment afterAllocate(final MemorySegment slot, final long lengthBytes, final MemoryTag tag) {
        prepareSlabs(slot);
        final long address = slot.address();
        final long damage = notPoison(slot, 0, slot.byteSize());
        if (damage >= 0) {
            slot.fill(POISON);
            throw writtenAfterFree(address, damage);
        }
        slot.asSlice(0, lengthBytes).fill(UNDEFINED);
        final Arena arena = Arena.ofShared();
        held.put(
                address,
                new Allocation(
                        arena, slot, lengthBytes, tag, new Throwable(lengthBytes + " bytes of " + tag + " allocated")));
        return slot.reinterpret(lengthBytes, arena, null);
    }

    /**
     * Refuses what is no allocation, else closes it and fills it with poison. The caller then releases the slot.
     *
     * @return what to throw after that, or null.
     */
    synchronized MemoryCorruptionException beforeFree(final MemorySegment segment) {
        final long address = segment.address();
        final Allocation allocation = held.get(address);
        if (!segment.scope().isAlive()) {
            throw new IllegalStateException(prefix() + segment + " is freed twice", freedAt.get(address));
        }
        if (allocation == null
                || allocation.lengthBytes() != segment.byteSize()
                || !allocation.arena().scope().equals(segment.scope())) {
            throw new IllegalArgumentException(
                    prefix() + segment + " is freed, but is not what an allocation returned", siteAround(address));
        }
        close(allocation);
        held.remove(address);
        if (freedAt.size() >= MAX_FREED_SITES) {
            freedAt.clear();
        }
        freedAt.put(address, new Throwable(allocation + " freed"));
        final MemorySegment slot = allocation.slot();
        final long damage = notPoison(slot, allocation.lengthBytes(), slot.byteSize());
        slot.fill(POISON);
        return damage < 0 ? null : writtenBehind(allocation, damage);
    }

    synchronized List<Throwable> allocatedAt(final MemoryTag tag) {
        return held.values().stream()
                .filter(allocation -> allocation.tag() == tag)
                .map(Allocation::allocatedAt)
                .toList();
    }

    /** Closes what is held, and verifies all that is free. What was found, or null. */
    synchronized RuntimeException closeAll() {
        RuntimeException found = null;
        for (final Allocation allocation : held.values()) {
            close(allocation);
            final MemorySegment slot = allocation.slot();
            final long damage = notPoison(slot, allocation.lengthBytes(), slot.byteSize());
            if (damage >= 0 && found == null) {
                found = writtenBehind(allocation, damage);
            }
            slot.fill(POISON);
        }
        held.clear();
        for (int slab = prepared.nextSetBit(0); slab >= 0 && found == null; slab = prepared.nextSetBit(slab + 1)) {
            final long offset = (long) slab << SizeClass.SLAB_SHIFT;
            final long damage = notPoison(region, offset, offset + SizeClass.SLAB_BYTES);
            if (damage >= 0) {
                found = writtenAfterFree(region.address(), damage);
            }
        }
        poisonArena.close();
        return found;
    }

    private void close(final Allocation allocation) {
        try {
            allocation.arena().close();
        } catch (final IllegalStateException inUse) {
            throw new IllegalStateException(prefix() + allocation + " is freed while a native call uses it", inUse);
        }
    }

    /** Nothing of a slab is in its holder's hands before its first allocation has passed here. */
    private void prepareSlabs(final MemorySegment slot) {
        final long offset = slot.address() - region.address();
        final int last = (int) ((offset + slot.byteSize() - 1) >> SizeClass.SLAB_SHIFT);
        for (int slab = (int) (offset >> SizeClass.SLAB_SHIFT); slab <= last; slab++) {
            if (!prepared.get(slab)) {
                prepared.set(slab);
                region.asSlice((long) slab << SizeClass.SLAB_SHIFT, SizeClass.SLAB_BYTES)
                        .fill(POISON);
            }
        }
    }

    /** Offset of the first byte within from..to that is not poison, or -1. */
    private long notPoison(final MemorySegment memory, final long from, final long to) {
        for (long offset = from; offset < to; offset += SizeClass.SLAB_BYTES) {
            final long length = Math.min(SizeClass.SLAB_BYTES, to - offset);
            final long mismatch = MemorySegment.mismatch(memory, offset, offset + length, poisoned, 0, length);
            if (mismatch >= 0) {
                return offset + mismatch;
            }
        }
        return -1;
    }

    private MemoryCorruptionException writtenAfterFree(final long address, final long offset) {
        return new MemoryCorruptionException(
                prefix() + "freed memory at 0x" + Long.toHexString(address + offset)
                        + " was written to (by native code or I/O still in flight)",
                freedAround(address + offset));
    }

    private MemoryCorruptionException writtenBehind(final Allocation allocation, final long offset) {
        return new MemoryCorruptionException(
                prefix() + "memory behind " + allocation + " was written to, at its offset " + offset,
                allocation.allocatedAt());
    }

    /** Who allocated the memory that an address lies in, or freed it last. */
    private Throwable siteAround(final long address) {
        final Map.Entry<Long, Allocation> before = held.floorEntry(address);
        final boolean within = before != null
                && address < before.getKey() + before.getValue().slot().byteSize();
        return within ? before.getValue().allocatedAt() : freedAround(address);
    }

    /** Who freed at or closest before an address, within what a slab could hold. */
    private Throwable freedAround(final long address) {
        long closest = -1;
        for (final long start : freedAt.keySet()) {
            if (start <= address && start > closest) {
                closest = start;
            }
        }
        return closest < 0 ? null : freedAt.get(closest);
    }

    private String prefix() {
        return "off-heap memory \"" + name + "\": ";
    }
}
