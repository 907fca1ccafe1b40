package dev.firn.nativeio.posix;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What {@code struct statx} (linux/stat.h) says of an open file: its length and the alignment that direct I/O wants. */
public final class StatxLayout {
    static final int AT_EMPTY_PATH = 0x1000;

    private static final int STATX_SIZE = 0x200;
    private static final int STATX_DIOALIGN = 0x2000;
    private static final long STRUCT_BYTES = 256;
    private static final long MASK_OFFSET = 0;
    private static final long SIZE_OFFSET = 40;
    private static final long DIRECT_MEMORY_ALIGNMENT_OFFSET = 152;
    private static final long DIRECT_OFFSET_ALIGNMENT_OFFSET = 156;

    private StatxLayout() {}

    /** The file's length, or the negative errno. */
    public static long lengthBytes(final int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment result = arena.allocate(STRUCT_BYTES, Long.BYTES);
            final int status = FileCalls.statx(descriptor, STATX_SIZE, result);
            return status < 0 ? status : result.get(JAVA_LONG, SIZE_OFFSET);
        }
    }

    /**
     * What address, offset and length must be multiples of: 0 when the file does not take direct I/O, -1 when the kernel
     * does not say (before 6.1, or a file system without the answer).
     */
    public static int directAlignmentBytes(final int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment result = arena.allocate(STRUCT_BYTES, Long.BYTES);
            final int status = FileCalls.statx(descriptor, STATX_DIOALIGN, result);
            if (status < 0 || (result.get(JAVA_INT, MASK_OFFSET) & STATX_DIOALIGN) == 0) {
                return -1;
            }
            return Math.max(
                    result.get(JAVA_INT, DIRECT_MEMORY_ALIGNMENT_OFFSET),
                    result.get(JAVA_INT, DIRECT_OFFSET_ALIGNMENT_OFFSET));
        }
    }
}
