package dev.firn.pagestore.layer;

import dev.firn.nativeio.memory.OffHeapMemory;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Byte buffers over all of a region, made once: the compression libraries take nothing else, and a buffer for each call would be an object for each.
 * A buffer is shorter than 2 GiB, so there is one at every GiB, and what begins in one GiB may go on into the next.
 */
final class RegionWindows {
    private static final int STRIDE_SHIFT = 30;
    private static final long STRIDE_BYTES = 1L << STRIDE_SHIFT;

    /** The longest range: so much lies in a window, wherever in its first GiB it begins. */
    static final long LONGEST_BYTES = (512 << 20) + (4 << 20);

    private static final long WINDOW_BYTES = STRIDE_BYTES + LONGEST_BYTES;

    private final ByteBuffer[] windows;
    private final long base;
    private final long bytes;

    RegionWindows(final OffHeapMemory memory) {
        final MemorySegment region = memory.wholeRegion();
        base = region.address();
        bytes = region.byteSize();
        windows = new ByteBuffer[(int) ((bytes + STRIDE_BYTES - 1) >>> STRIDE_SHIFT)];
        for (int i = 0; i < windows.length; i++) {
            final long from = (long) i << STRIDE_SHIFT;
            windows[i] =
                    region.asSlice(from, Math.min(bytes - from, WINDOW_BYTES)).asByteBuffer();
        }
    }

    /** Whether a range of native memory lies within the region, and in one window. */
    boolean covers(final MemorySegment segment, final long offset, final long length) {
        final long at = segment.address() + offset - base;
        return segment.isNative() && at >= 0 && length <= LONGEST_BYTES && at <= bytes - length;
    }

    ByteBuffer window(final MemorySegment segment, final long offset) {
        return windows[(int) ((segment.address() + offset - base) >>> STRIDE_SHIFT)];
    }

    /** Where in its window it is. */
    int position(final MemorySegment segment, final long offset) {
        return (int) ((segment.address() + offset - base) & (STRIDE_BYTES - 1));
    }
}
