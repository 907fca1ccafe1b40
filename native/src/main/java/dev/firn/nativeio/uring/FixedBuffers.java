package dev.firn.nativeio.uring;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.firn.nativeio.liburing.LibUring;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The regions registered with a ring, pinned once instead of for each operation. Whether a buffer lies in one is found from
 * its address, so that callers need not know.
 */
final class FixedBuffers {
    /** {@link #indexOf} for a buffer outside of every region. */
    static final int NOT_FIXED = -1;

    /** Most regions after splitting, so that looking one up stays a short loop. */
    static final int MAX_REGIONS = 64;

    /** The kernel takes at most 1 GiB in one registered buffer (io_buffer_validate). */
    private static final long MAX_REGION_BYTES = 1L << 30;

    private static final long VECTOR_BYTES = 16;

    private final MemorySegment ring;
    private long[] starts = new long[0];
    private long[] ends = new long[0];

    FixedBuffers(final MemorySegment ring) {
        this.ring = ring;
    }

    boolean registered() {
        return starts.length > 0;
    }

    /** Replaces the regions; false when the kernel refuses, and then none is registered. */
    boolean register(final MemorySegment... regions) {
        final List<MemorySegment> pieces = split(regions);
        unregister();
        if (pieces.isEmpty()) {
            return true;
        }
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment vector = arena.allocate(pieces.size() * VECTOR_BYTES, Long.BYTES);
            for (int i = 0; i < pieces.size(); i++) {
                vector.set(JAVA_LONG, i * VECTOR_BYTES, pieces.get(i).address());
                vector.set(
                        JAVA_LONG, i * VECTOR_BYTES + Long.BYTES, pieces.get(i).byteSize());
            }
            if (LibUring.io_uring_register_buffers(ring, vector, pieces.size()) < 0) {
                return false;
            }
        }
        starts = pieces.stream().mapToLong(MemorySegment::address).toArray();
        ends = pieces.stream()
                .mapToLong(piece -> piece.address() + piece.byteSize())
                .toArray();
        return true;
    }

    private static List<MemorySegment> split(final MemorySegment... regions) {
        final List<MemorySegment> pieces = new ArrayList<>();
        for (final MemorySegment region : regions) {
            if (!region.isNative()) {
                throw new IllegalArgumentException("only native memory can be registered");
            }
            for (long at = 0; at < region.byteSize(); at += MAX_REGION_BYTES) {
                pieces.add(region.asSlice(at, Math.min(MAX_REGION_BYTES, region.byteSize() - at)));
            }
        }
        if (pieces.size() > MAX_REGIONS) {
            throw new IllegalArgumentException("at most " + MAX_REGIONS + " GiB-sized regions can be registered, not "
                    + pieces.size() + "; register fewer");
        }
        return pieces;
    }

    /** The index of the region that holds the whole buffer, or {@link #NOT_FIXED}. */
    int indexOf(final long address, final int length) {
        for (int i = 0; i < starts.length; i++) {
            if (address >= starts[i] && address + length <= ends[i]) {
                return i;
            }
        }
        return NOT_FIXED;
    }

    /** Gives pinned memory back now: left to the ring's end, the kernel does so only some time later. */
    void unregister() {
        if (registered()) {
            LibUring.io_uring_unregister_buffers(ring);
            starts = new long[0];
            ends = new long[0];
        }
    }
}
