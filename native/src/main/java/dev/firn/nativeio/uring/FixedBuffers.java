package dev.firn.nativeio.uring;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.firn.nativeio.liburing.LibUring;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The regions registered with a ring, pinned once instead of for each operation: a table of the kernel, of which this is the
 * mirror. Whether a buffer lies in one is found from its address, so that callers need not know.
 */
final class FixedBuffers {
    /** {@link #indexOf} for a buffer outside of every region. */
    static final int NOT_FIXED = -1;

    /** Most entries of the table. Only those in use are looked through, so that it stays a short loop. */
    static final int MAX_REGIONS = 128;

    /** The kernel takes at most 1 GiB in one registered buffer (io_buffer_validate). */
    private static final long MAX_REGION_BYTES = 1L << 30;

    private static final long VECTOR_BYTES = 16;

    private final MemorySegment ring;

    /** Of each entry; an empty one begins and ends at 0, where no buffer is. */
    private final long[] starts = new long[MAX_REGIONS];

    private final long[] ends = new long[MAX_REGIONS];

    /** Entries from here on are empty. */
    private int used;

    private boolean hasTable;

    FixedBuffers(final MemorySegment ring) {
        this.ring = ring;
    }

    boolean registered() {
        return used > 0;
    }

    /** Replaces the regions; false when the kernel refuses, and then none is registered. */
    boolean register(final MemorySegment... regions) {
        unregister();
        for (final MemorySegment region : regions) {
            if (!add(region)) {
                unregister();
                return false;
            }
        }
        return true;
    }

    /** Adds a region; false when the kernel refuses, or the table is full, and then nothing has changed. */
    boolean add(final MemorySegment region) {
        if (!region.isNative()) {
            throw new IllegalArgumentException("only native memory can be registered");
        }
        if (!hasTable) {
            hasTable = LibUring.io_uring_register_buffers_sparse(ring, MAX_REGIONS) == 0;
            if (!hasTable) {
                return false;
            }
        }
        for (long at = 0; at < region.byteSize(); at += MAX_REGION_BYTES) {
            final long length = Math.min(MAX_REGION_BYTES, region.byteSize() - at);
            final int entry = emptyEntry();
            if (entry == NOT_FIXED || !put(entry, region.address() + at, length)) {
                remove(region.asSlice(0, at));
                return false;
            }
        }
        return true;
    }

    /** Removes what was added as this region. Operations that are on their way there keep it until they end. */
    void remove(final MemorySegment region) {
        final long end = region.address() + region.byteSize();
        for (int i = 0; i < used; i++) {
            if (starts[i] >= region.address() && ends[i] <= end && starts[i] < ends[i]) {
                put(i, 0, 0);
                // Whatever the kernel says: nothing goes through this entry any more, and the next region takes it.
                starts[i] = 0;
                ends[i] = 0;
            }
        }
        while (used > 0 && ends[used - 1] == 0) {
            used--;
        }
    }

    private int emptyEntry() {
        for (int i = 0; i < MAX_REGIONS; i++) {
            if (ends[i] == 0) {
                return i;
            }
        }
        return NOT_FIXED;
    }

    /** Tells the kernel of an entry; length 0 empties it. */
    private boolean put(final int index, final long address, final long length) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment vector = arena.allocate(VECTOR_BYTES, Long.BYTES);
            vector.set(JAVA_LONG, 0, address);
            vector.set(JAVA_LONG, Long.BYTES, length);
            if (LibUring.io_uring_register_buffers_update_tag(ring, index, vector, MemorySegment.NULL, 1) != 1) {
                return false;
            }
        }
        starts[index] = address;
        ends[index] = address + length;
        used = Math.max(used, index + 1);
        return true;
    }

    /** The index of the region that holds the whole buffer, or {@link #NOT_FIXED}. */
    int indexOf(final long address, final int length) {
        for (int i = 0; i < used; i++) {
            if (address >= starts[i] && address + length <= ends[i]) {
                return i;
            }
        }
        return NOT_FIXED;
    }

    /** Gives pinned memory back now: left to the ring's end, the kernel does so only some time later. */
    void unregister() {
        if (hasTable) {
            LibUring.io_uring_unregister_buffers(ring);
            hasTable = false;
            used = 0;
            Arrays.fill(starts, 0);
            Arrays.fill(ends, 0);
        }
    }
}
