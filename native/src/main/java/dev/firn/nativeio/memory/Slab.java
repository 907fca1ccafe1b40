package dev.firn.nativeio.memory;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * One slab cut into slots of one size.
 *
 * <p>Lock-free. A thread first reserves ({@link #reserve}: one more in use, if there is room), then claims a free slot's bit.
 * A free sets the bit first and gives the reservation back last. So there are never more bits claimed than reservations,
 * and who has a reservation finds a bit. The bit also finds a double free.
 *
 * <p>An empty slab can be retired: its count goes from 0 to {@link #RETIRED} in one step, after which no reservation
 * succeeds, ever. The memory then belongs to whoever retired it, and a new Slab object may stand for it.
 *
 * <p>What is not atomic here (segments, tags) belongs to the holder of the slot; claiming and setting the bit orders it.
 */
final class Slab {
    private static final int RETIRED = -1;

    private final MemorySegment memory;
    private final int index;
    private final int sizeClass;
    private final int slotShift;
    private final int slotCount;
    private final AtomicInteger used = new AtomicInteger();

    /** Bit set: the slot is free. */
    private final AtomicLongArray freeBits;

    private final MemorySegment[] slots;
    private final MemorySegment[] exact;
    private final byte[] tags;

    /** Where a free bit was last seen; a hint, written without order. */
    private int hint;

    /**
     * @param memory the slab's stretch of the region; borrowed.
     */
    Slab(final MemorySegment memory, final int index, final int sizeClass) {
        this.memory = memory;
        this.index = index;
        this.sizeClass = sizeClass;
        this.slotShift = SizeClass.slotShift(sizeClass);
        this.slotCount = SizeClass.slotsPerSlab(sizeClass);
        this.slots = new MemorySegment[slotCount];
        this.exact = new MemorySegment[slotCount];
        this.tags = new byte[slotCount];
        this.freeBits = new AtomicLongArray((slotCount + Long.SIZE - 1) / Long.SIZE);
        for (int slot = 0; slot < slotCount; slot++) {
            freeBits.setPlain(slot / Long.SIZE, freeBits.getPlain(slot / Long.SIZE) | 1L << slot);
        }
    }

    int index() {
        return index;
    }

    int sizeClass() {
        return sizeClass;
    }

    long slotBytes() {
        return 1L << slotShift;
    }

    /** Takes the right to one slot. False when all are in use, or the slab is retired. */
    boolean reserve() {
        int now = used.get();
        while (now != RETIRED && now < slotCount) {
            final int seen = used.compareAndExchange(now, now + 1);
            if (seen == now) {
                return true;
            }
            now = seen;
        }
        return false;
    }

    boolean hasRoom() {
        final int now = used.get();
        return now != RETIRED && now < slotCount;
    }

    /** With a reservation: a slot that is the caller's from now on. */
    int claim() {
        final int words = freeBits.length();
        int word = hint;
        while (true) {
            long bits = freeBits.get(word);
            while (bits != 0) {
                final long bit = Long.lowestOneBit(bits);
                final long seen = freeBits.compareAndExchange(word, bits, bits & ~bit);
                if (seen == bits) {
                    hint = word;
                    return word * Long.SIZE + Long.numberOfTrailingZeros(bit);
                }
                bits = seen;
            }
            word = word + 1 == words ? 0 : word + 1;
        }
    }

    /** Makes a slot free again; false when it is free already. {@link #giveBack} has to follow. */
    boolean release(final int slot) {
        final int word = slot / Long.SIZE;
        final long bit = 1L << slot;
        long bits = freeBits.get(word);
        while ((bits & bit) == 0) {
            final long seen = freeBits.compareAndExchange(word, bits, bits | bit);
            if (seen == bits) {
                hint = word;
                return true;
            }
            bits = seen;
        }
        return false;
    }

    /** Ends a reservation. True when the slab was full before, so that it has to be offered again. */
    boolean giveBack() {
        return used.getAndDecrement() == slotCount;
    }

    /** Takes an empty slab out of use for good; false when it is in use. */
    boolean retire() {
        return used.compareAndSet(0, RETIRED);
    }

    /** The slot that starts at this offset within the slab, or -1 when none does. */
    int slotAt(final long offsetInSlab) {
        final int slot = (int) (offsetInSlab >> slotShift);
        return (long) slot << slotShift == offsetInSlab ? slot : -1;
    }

    /** The holder's slot, whole. The object is made once. */
    MemorySegment slot(final int slot) {
        MemorySegment segment = slots[slot];
        if (segment == null) {
            segment = memory.asSlice((long) slot << slotShift, slotBytes());
            slots[slot] = segment;
        }
        return segment;
    }

    /** The first bytes of the holder's slot. An object is made only when the slot's last other length was different. */
    MemorySegment slot(final int slot, final long lengthBytes) {
        if (lengthBytes == slotBytes()) {
            return slot(slot);
        }
        MemorySegment segment = exact[slot];
        if (segment == null || segment.byteSize() != lengthBytes) {
            segment = memory.asSlice((long) slot << slotShift, lengthBytes);
            exact[slot] = segment;
        }
        return segment;
    }

    int tag(final int slot) {
        return Byte.toUnsignedInt(tags[slot]);
    }

    void tag(final int slot, final int tag) {
        tags[slot] = (byte) tag;
    }
}
