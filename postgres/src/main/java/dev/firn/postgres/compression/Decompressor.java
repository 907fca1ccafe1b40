package dev.firn.postgres.compression;

import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import dev.firn.postgres.MalformedDataException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Objects;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/**
 * Decompresses from memory to memory. One thread owns an instance.
 *
 * <p>pglz works in place. lz4 and zstd are libraries that take arrays or buffers: pages go through those of this instance, so that
 * a full-page image allocates nothing; what is larger (TOAST values) gets arrays of its own. Without the copy the libraries would need a
 * {@code ByteBuffer} object for each call, which costs more than copying 8 KiB. zstd's buffers are outside the heap, because its calls on
 * arrays may allocate; there are two of 16 KiB, and they go with the instance. On its buffers the binding makes five small objects a call
 * (duplicates and segments, 240 bytes), which the compiler takes out in some runs and in some not: the one exception to allocating nothing.
 */
public final class Decompressor implements AutoCloseable {
    /** Most bytes on either side: no value of Postgres' is larger (MaxAllocSize of utils/memutils.h). */
    public static final int MAX_BYTES = 0x3FFFFFFF;

    /** A page, and what a compressed form of it may take in the worst case. */
    private static final int SCRATCH_BYTES = 16 << 10;

    /** Most that a byte can stand for: 255 in lz4, where a match's length goes on; 91 in pglz. */
    private static final long MAX_RATIO = 256;

    private final byte[] sourceScratch = new byte[SCRATCH_BYTES];
    private final byte[] targetScratch = new byte[SCRATCH_BYTES];

    /** Made once: copying to and from the arrays themselves would make a segment each time. */
    private final MemorySegment sourceScratchMemory = MemorySegment.ofArray(sourceScratch);

    private final MemorySegment targetScratchMemory = MemorySegment.ofArray(targetScratch);
    private final LZ4SafeDecompressor lz4 = lz4Factory().safeDecompressor();
    private final ByteBuffer zstdSource = ByteBuffer.allocateDirect(SCRATCH_BYTES);
    private final ByteBuffer zstdTarget = ByteBuffer.allocateDirect(SCRATCH_BYTES);
    private final MemorySegment zstdSourceMemory = MemorySegment.ofBuffer(zstdSource);
    private final MemorySegment zstdTargetMemory = MemorySegment.ofBuffer(zstdTarget);
    private final ZstdDecompressCtx zstd = new ZstdDecompressCtx();

    /**
     * Checks a raw length before memory is taken for it, of pglz and lz4: a damaged one may claim a gigabyte.
     *
     * @throws MalformedDataException when so many bytes can't have become so few.
     */
    public static void checkRatio(final long compressedBytes, final long rawBytes) {
        if (rawBytes > MAX_RATIO * (compressedBytes + 1)) {
            throw new MalformedDataException(
                    compressedBytes + " compressed bytes that should give " + rawBytes + ": more than the methods can");
        }
    }

    /** The library's own binding of liblz4; where it can't be loaded, plain Java with checked arrays. */
    private static LZ4Factory lz4Factory() {
        try {
            return LZ4Factory.nativeInstance();
        } catch (final UnsatisfiedLinkError | NoClassDefFoundError e) {
            return LZ4Factory.safeInstance();
        }
    }

    /** What lz4 runs on, for start-up logs. */
    public static String describe() {
        return "lz4 " + lz4Factory();
    }

    /**
     * Decompresses a range to exactly {@code targetBytes}. The ranges must not overlap.
     *
     * @throws MalformedDataException when the input does not decompress to exactly that many bytes.
     * @throws IndexOutOfBoundsException when a range is not within its segment.
     */
    public void decompress(
            final CompressionMethod method,
            final MemorySegment source,
            final long sourceOffset,
            final long sourceBytes,
            final MemorySegment target,
            final long targetOffset,
            final long targetBytes) {
        Objects.checkFromIndexSize(sourceOffset, sourceBytes, source.byteSize());
        Objects.checkFromIndexSize(targetOffset, targetBytes, target.byteSize());
        if (sourceBytes > MAX_BYTES || targetBytes > MAX_BYTES) {
            throw new MalformedDataException(method + ": " + sourceBytes + " bytes that should give " + targetBytes
                    + "; no value of Postgres' is larger than " + MAX_BYTES);
        }
        if (method == CompressionMethod.PGLZ) {
            Pglz.decompress(source, sourceOffset, sourceBytes, target, targetOffset, targetBytes);
            return;
        }
        final int length = (int) sourceBytes;
        final int rawLength = (int) targetBytes;
        if (method == CompressionMethod.ZSTD && length <= SCRATCH_BYTES && rawLength <= SCRATCH_BYTES) {
            MemorySegment.copy(source, sourceOffset, zstdSourceMemory, 0, length);
            checkLength(method, length, zstdPage(length, rawLength), rawLength);
            MemorySegment.copy(zstdTargetMemory, 0, target, targetOffset, rawLength);
            return;
        }
        final byte[] in = length <= SCRATCH_BYTES ? sourceScratch : new byte[length];
        final byte[] out = rawLength <= SCRATCH_BYTES ? targetScratch : new byte[rawLength];
        final MemorySegment inMemory = length <= SCRATCH_BYTES ? sourceScratchMemory : MemorySegment.ofArray(in);
        final MemorySegment outMemory = rawLength <= SCRATCH_BYTES ? targetScratchMemory : MemorySegment.ofArray(out);
        MemorySegment.copy(source, sourceOffset, inMemory, 0, length);
        final int got =
                method == CompressionMethod.LZ4 ? lz4(in, length, out, rawLength) : zstd(in, length, out, rawLength);
        checkLength(method, length, got, rawLength);
        MemorySegment.copy(outMemory, 0, target, targetOffset, rawLength);
    }

    private static void checkLength(
            final CompressionMethod method, final int length, final int got, final int rawLength) {
        if (got != rawLength) {
            throw new MalformedDataException(
                    method + ": " + length + " bytes gave " + got + ", not the " + rawLength + " that they should");
        }
    }

    private int zstdPage(final int length, final int rawLength) {
        try {
            return zstd.decompressDirectByteBuffer(zstdTarget, 0, rawLength, zstdSource, 0, length);
        } catch (final ZstdException e) {
            throw malformed(CompressionMethod.ZSTD, length, rawLength, e);
        }
    }

    private int lz4(final byte[] in, final int length, final byte[] out, final int rawLength) {
        try {
            return lz4.decompress(in, 0, length, out, 0, rawLength);
        } catch (final LZ4Exception e) {
            throw malformed(CompressionMethod.LZ4, length, rawLength, e);
        }
    }

    private int zstd(final byte[] in, final int length, final byte[] out, final int rawLength) {
        try {
            return zstd.decompressByteArray(out, 0, rawLength, in, 0, length);
        } catch (final ZstdException e) {
            throw malformed(CompressionMethod.ZSTD, length, rawLength, e);
        }
    }

    private static MalformedDataException malformed(
            final CompressionMethod method, final int length, final int rawLength, final RuntimeException cause) {
        return new MalformedDataException(
                method + ": " + length + " bytes do not decompress to " + rawLength + ": " + cause.getMessage(), cause);
    }

    @Override
    public void close() {
        zstd.close();
    }
}
