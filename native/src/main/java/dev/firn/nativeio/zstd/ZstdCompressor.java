package dev.firn.nativeio.zstd;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Reference;

/** Makes frames, each with its content's length and without a checksum. Belongs to one thread; nothing is allocated by a call. */
public final class ZstdCompressor implements AutoCloseable {
    /** ZSTD_c_compressionLevel of zstd.h's ZSTD_cParameter. */
    private static final int LEVEL_PARAMETER = 100;

    /** ZSTD_COMPRESSBOUND of zstd.h: a 256th more, and of less than 128 KiB up to 64 bytes in addition. */
    private static final int BOUND_SHIFT = 8;

    private static final long SMALL_BYTES = 128 << 10;
    private static final int SMALL_SHIFT = 11;

    private static final ZstdLibrary LIBRARY = ZstdLibrary.host();

    /** Static, as the compiler sees through a handle only where it is a constant. */
    private static final MethodHandle COMPRESS = LIBRARY == null ? null : LIBRARY.compress;

    private long context;
    private int level;

    /**
     * @param level of {@code zstd --help}: 1 is fast, below zero is faster.
     * @throws IllegalStateException when the host has no libzstd.
     * @throws OutOfMemoryError when there is no memory for a context.
     */
    public ZstdCompressor(final int level) {
        ZstdLibrary.requirePresent();
        try {
            context = (long) LIBRARY.createCompressor.invokeExact();
        } catch (final Throwable e) {
            throw ZstdLibrary.broken(e);
        }
        if (context == 0) {
            throw new OutOfMemoryError("libzstd has no memory for a compressor");
        }
        ZstdLibrary.CONTEXTS.incrementAndGet();
        put(level);
    }

    /** From the next frame on. */
    public void level(final int newLevel) {
        if (newLevel != level) {
            put(newLevel);
        }
    }

    /** Most bytes that a frame of so many has. */
    public static long bound(final long lengthBytes) {
        return lengthBytes
                + (lengthBytes >>> BOUND_SHIFT)
                + (lengthBytes < SMALL_BYTES ? (SMALL_BYTES - lengthBytes) >>> SMALL_SHIFT : 0);
    }

    /**
     * Makes one frame of a range.
     *
     * @param source native memory.
     * @param target native memory, which does not overlap.
     * @return the frame's length.
     * @throws ZstdFrameException when it has no room; never with {@link #bound} bytes.
     * @throws IndexOutOfBoundsException when a range is not within its segment.
     */
    public long compress(
            final MemorySegment source,
            final long sourceOffset,
            final long sourceBytes,
            final MemorySegment target,
            final long targetOffset,
            final long targetBytes) {
        requireOpen();
        final long from = ZstdLibrary.address(source, sourceOffset, sourceBytes);
        final long to = ZstdLibrary.address(target, targetOffset, targetBytes);
        final long result;
        try {
            result = (long) COMPRESS.invokeExact(context, to, targetBytes, from, sourceBytes);
        } catch (final Throwable e) {
            throw ZstdLibrary.broken(e);
        } finally {
            Reference.reachabilityFence(source);
            Reference.reachabilityFence(target);
        }
        if (result < 0) {
            throw new ZstdFrameException(LIBRARY.describeError(result));
        }
        return result;
    }

    private void put(final int newLevel) {
        final long result;
        try {
            result = (long) LIBRARY.setParameter.invokeExact(context, LEVEL_PARAMETER, newLevel);
        } catch (final Throwable e) {
            throw ZstdLibrary.broken(e);
        }
        if (result < 0) {
            throw new IllegalArgumentException("level " + newLevel + ": " + LIBRARY.describeError(result));
        }
        level = newLevel;
    }

    private void requireOpen() {
        if (context == 0) {
            throw new IllegalStateException("the compressor is closed");
        }
    }

    /** Idempotent. */
    @Override
    public void close() {
        if (context == 0) {
            return;
        }
        try {
            final long ignored = (long) LIBRARY.freeCompressor.invokeExact(context);
        } catch (final Throwable e) {
            throw ZstdLibrary.broken(e);
        }
        context = 0;
        ZstdLibrary.CONTEXTS.decrementAndGet();
    }
}
