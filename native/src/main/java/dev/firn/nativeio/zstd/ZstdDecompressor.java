package dev.firn.nativeio.zstd;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Reference;

/** Takes frames apart. Belongs to one thread; nothing is allocated by a call. */
public final class ZstdDecompressor implements AutoCloseable {
    private static final ZstdLibrary LIBRARY = ZstdLibrary.host();

    /** Static, as the compiler sees through a handle only where it is a constant. */
    private static final MethodHandle DECOMPRESS = LIBRARY == null ? null : LIBRARY.decompress;

    private long context;

    /**
     * @throws IllegalStateException when the host has no libzstd.
     * @throws OutOfMemoryError when there is no memory for a context.
     */
    public ZstdDecompressor() {
        ZstdLibrary.requirePresent();
        try {
            context = (long) LIBRARY.createDecompressor.invokeExact();
        } catch (final Throwable e) {
            throw ZstdLibrary.broken(e);
        }
        if (context == 0) {
            throw new OutOfMemoryError("libzstd has no memory for a decompressor");
        }
        ZstdLibrary.CONTEXTS.incrementAndGet();
    }

    /**
     * Writes the content of the frames that a range has, and nothing beyond {@code targetBytes}.
     *
     * @param source native memory.
     * @param target native memory, which does not overlap; its contents are undefined after a failure.
     * @return the content's length.
     * @throws ZstdFrameException when they are damaged, or their content is longer.
     * @throws IndexOutOfBoundsException when a range is not within its segment.
     */
    public long decompress(
            final MemorySegment source,
            final long sourceOffset,
            final long sourceBytes,
            final MemorySegment target,
            final long targetOffset,
            final long targetBytes) {
        if (context == 0) {
            throw new IllegalStateException("the decompressor is closed");
        }
        final long from = ZstdLibrary.address(source, sourceOffset, sourceBytes);
        final long to = ZstdLibrary.address(target, targetOffset, targetBytes);
        final long result;
        try {
            result = (long) DECOMPRESS.invokeExact(context, to, targetBytes, from, sourceBytes);
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

    /** Idempotent. */
    @Override
    public void close() {
        if (context == 0) {
            return;
        }
        try {
            final long ignored = (long) LIBRARY.freeDecompressor.invokeExact(context);
        } catch (final Throwable e) {
            throw ZstdLibrary.broken(e);
        }
        context = 0;
        ZstdLibrary.CONTEXTS.decrementAndGet();
    }
}
