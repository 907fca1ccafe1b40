package dev.firn.nativeio.ring;

import dev.firn.nativeio.posix.FileCalls;
import dev.firn.nativeio.storage.OperationKind;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingConfig;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** Refuses arguments that no host could serve, before anything is queued. */
public final class TransferChecks {
    private static final int COMMON_FLAGS = Ring.LINK | Ring.HARD_LINK | Ring.DRAIN;

    private TransferChecks() {}

    public static void checkBuffer(final MemorySegment buffer) {
        checkPart(buffer, 0, buffer.byteSize());
    }

    /** Checks a part of a buffer that is to be moved. */
    public static void checkPart(final MemorySegment buffer, final long offset, final long lengthBytes) {
        if (!buffer.isNative()) {
            throw new IllegalArgumentException("a ring moves native memory only; this buffer is on the Java heap");
        }
        Objects.checkFromIndexSize(offset, lengthBytes, buffer.byteSize());
        if (lengthBytes > FileCalls.MAX_TRANSFER_BYTES) {
            throw new IllegalArgumentException(
                    "one operation moves at most " + FileCalls.MAX_TRANSFER_BYTES + " bytes, not " + lengthBytes);
        }
    }

    /** Checks the buffers of a vectored operation and returns their length together. */
    public static long checkVector(final MemorySegment[] buffers, final int count) {
        if (count < 1 || count > RingConfig.MAX_VECTORS || count > buffers.length) {
            throw new IllegalArgumentException("a vectored operation takes 1.." + RingConfig.MAX_VECTORS
                    + " buffers, not " + count + " of " + buffers.length);
        }
        long total = 0;
        for (int i = 0; i < count; i++) {
            checkBuffer(buffers[i]);
            total += buffers[i].byteSize();
        }
        if (total > FileCalls.MAX_TRANSFER_BYTES) {
            throw new IllegalArgumentException(
                    "one operation moves at most " + FileCalls.MAX_TRANSFER_BYTES + " bytes, not " + total);
        }
        return total;
    }

    public static void checkOffset(final long fileOffset) {
        if (fileOffset < 0) {
            throw new IllegalArgumentException("file offset " + fileOffset + " is negative");
        }
    }

    public static void checkFlags(final OperationKind kind, final int flags) {
        if ((flags & ~COMMON_FLAGS) == 0) {
            return;
        }
        final boolean writes = kind == OperationKind.WRITE || kind == OperationKind.WRITE_VECTORED;
        if ((flags & ~(COMMON_FLAGS | Ring.DURABLE)) != 0 || !writes) {
            throw new IllegalArgumentException(kind + " does not take the flags 0x" + Integer.toHexString(flags));
        }
    }

    public static void checkDuration(final long durationNs) {
        if (durationNs < 0) {
            throw new IllegalArgumentException("a timeout of " + durationNs + " ns is negative");
        }
    }
}
