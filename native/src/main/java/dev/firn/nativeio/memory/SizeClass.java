package dev.firn.nativeio.memory;

/** The size classes: powers of two from 512 B up to one slab. A class is a small index, from 0. */
final class SizeClass {
    /** One slab is one huge page. */
    static final long SLAB_BYTES = 2L << 20;

    static final int SLAB_SHIFT = 21;

    /** A sector: the least that direct I/O could want. */
    static final int MIN_SLOT_SHIFT = 9;

    static final int COUNT = SLAB_SHIFT - MIN_SLOT_SHIFT + 1;

    private SizeClass() {}

    /** The smallest class whose slots hold so many bytes; within 1..{@link #SLAB_BYTES}. */
    static int of(final long bytes) {
        return Math.max(0, Long.SIZE - Long.numberOfLeadingZeros(bytes - 1) - MIN_SLOT_SHIFT);
    }

    static int slotShift(final int sizeClass) {
        return sizeClass + MIN_SLOT_SHIFT;
    }

    static int slotsPerSlab(final int sizeClass) {
        return 1 << (SLAB_SHIFT - slotShift(sizeClass));
    }

    /** Whole slabs that hold so many bytes. */
    static long slabs(final long bytes) {
        return (bytes + SLAB_BYTES - 1) >> SLAB_SHIFT;
    }
}
