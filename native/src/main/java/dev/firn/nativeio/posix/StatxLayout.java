package dev.firn.nativeio.posix;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What {@code struct statx} (linux/stat.h) says of a file: kind, length, times, inode, and the alignment that direct I/O wants. */
public final class StatxLayout {
    static final int AT_EMPTY_PATH = 0x1000;

    private static final int STATX_TYPE = 0x1;
    private static final int STATX_MTIME = 0x40;
    private static final int STATX_INO = 0x100;
    private static final int STATX_SIZE = 0x200;
    private static final int STATX_DIOALIGN = 0x2000;
    private static final int STATUS_MASK = STATX_TYPE | STATX_MTIME | STATX_INO | STATX_SIZE;
    private static final long STRUCT_BYTES = 256;
    private static final long MASK_OFFSET = 0;
    private static final long MODE_OFFSET = 28;
    private static final long INODE_OFFSET = 32;
    private static final long SIZE_OFFSET = 40;
    private static final long MODIFIED_OFFSET = 112;
    private static final long MODIFIED_NANOS_OFFSET = 120;
    private static final int MODE_TYPE_MASK = 0170000;
    private static final int MODE_DIRECTORY = 0040000;
    private static final int MODE_REGULAR = 0100000;
    private static final long NANOS_A_SECOND = 1_000_000_000L;
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

    /** Receives what statx says: no record of this package's own is made for it. */
    @FunctionalInterface
    public interface StatusReceiver {
        /** @param regular neither of the two is set for what is no file and no directory. */
        void onStatus(boolean regular, boolean directory, long lengthBytes, long modifiedEpochNs, long inode);
    }

    /** Kind, length, time of the last change and inode of an open file: 0, or the negative errno. */
    public static int status(final int descriptor, final StatusReceiver receiver) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment result = arena.allocate(STRUCT_BYTES, Long.BYTES);
            return deliver(FileCalls.statx(descriptor, STATUS_MASK, result), result, receiver);
        }
    }

    /** The same of a path, links followed. */
    public static int status(final String path, final StatusReceiver receiver) {
        try (Arena arena = Arena.ofConfined()) {
            final MemorySegment result = arena.allocate(STRUCT_BYTES, Long.BYTES);
            return deliver(FileCalls.statx(path, STATUS_MASK, result), result, receiver);
        }
    }

    private static int deliver(final int status, final MemorySegment result, final StatusReceiver receiver) {
        if (status >= 0) {
            final int type = result.get(JAVA_SHORT, MODE_OFFSET) & MODE_TYPE_MASK;
            receiver.onStatus(
                    type == MODE_REGULAR,
                    type == MODE_DIRECTORY,
                    result.get(JAVA_LONG, SIZE_OFFSET),
                    result.get(JAVA_LONG, MODIFIED_OFFSET) * NANOS_A_SECOND
                            + result.get(JAVA_INT, MODIFIED_NANOS_OFFSET),
                    result.get(JAVA_LONG, INODE_OFFSET));
        }
        return status;
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
