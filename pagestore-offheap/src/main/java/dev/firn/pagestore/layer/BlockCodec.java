package dev.firn.pagestore.layer;

import static dev.firn.pagestore.layer.LayerFormat.BLOCK_HEAD_BYTES;
import static dev.firn.pagestore.layer.LayerFormat.BLOCK_WORD;
import static dev.firn.pagestore.layer.LayerFormat.MAX_CONTENT_BYTES;
import static dev.firn.pagestore.layer.LayerFormat.METHOD_SHIFT;

import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.zstd.ZstdFrameException;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.function.Function;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;

/**
 * Checks blocks as they are stored, and decompresses them; compresses those that are written. Belongs to one thread.
 *
 * <p>Memory of the given region is worked on where it is, other memory through a copy. Nothing is allocated where the host has a libzstd.
 */
public final class BlockCodec implements AutoCloseable {
    private static final MemoryTag SCRATCH = MemoryTag.of("layer-codec");

    /** Longer blocks are stored as they are: they are a few huge values, and the region's windows need not be larger for them. */
    static final int MAX_COMPRESSED_BYTES = 512 << 20;

    private static final int ZSTD_BOUND_SHIFT = 8;
    private static final int ZSTD_BOUND_BYTES = 128;

    private final RegionWindows windows;
    private final GrowingBuffer sourceCopy;
    private final GrowingBuffer targetCopy;
    private final LZ4SafeDecompressor lz4 = lz4Factory().safeDecompressor();
    private final LZ4Compressor lz4Compressor = lz4Factory().fastCompressor();
    private final ZstdFrames zstd;
    private final byte[] offsetBytes = new byte[Long.BYTES];

    /** @param memory borrowed; where the bytes that go through here lie, for the most part. */
    public BlockCodec(final OffHeapMemory memory) {
        this(memory, ZstdFrames::open);
    }

    BlockCodec(final OffHeapMemory memory, final Function<RegionWindows, ZstdFrames> frames) {
        windows = new RegionWindows(memory);
        zstd = frames.apply(windows);
        sourceCopy = new GrowingBuffer(memory, SCRATCH, 2L * MAX_CONTENT_BYTES);
        targetCopy = new GrowingBuffer(memory, SCRATCH, 2L * MAX_CONTENT_BYTES);
    }

    /** The library's own binding of liblz4; where it can't be loaded, plain Java with checked access. */
    private static LZ4Factory lz4Factory() {
        try {
            return LZ4Factory.nativeInstance();
        } catch (final UnsatisfiedLinkError | NoClassDefFoundError e) {
            return LZ4Factory.safeInstance();
        }
    }

    /**
     * How many bytes a stored block's content has: what {@link #decode} needs room for.
     *
     * @param stored has {@link LayerIndex#blockBytes} bytes from {@code offset} on.
     * @throws MalformedLayerException when the bytes are not that block's: the checksum knows timeline, layer and offset.
     */
    public int check(final LayerIndex index, final int block, final MemorySegment stored, final long offset) {
        final int length = index.blockBytes(block);
        final int expected = LittleEndian.getInt(stored, offset);
        final int found = checksum(index.identity(), index.blockOffset(block), stored, offset, length);
        if (expected != found) {
            throw malformed(
                    index,
                    block,
                    "its checksum is " + Integer.toHexString(found) + ", not " + Integer.toHexString(expected),
                    null);
        }
        final int word = LittleEndian.getInt(stored, offset + BLOCK_WORD);
        final int content = word & MAX_CONTENT_BYTES;
        final int method = word >>> METHOD_SHIFT;
        final int payload = length - BLOCK_HEAD_BYTES;
        final boolean plain = method == LayerCompression.NONE.number();
        if (method > LayerCompression.ZSTD.number()
                || (plain ? content != payload : payload > content || content > MAX_COMPRESSED_BYTES)
                || (index.isPage(block) && content != PageLayout.PAGE_BYTES)) {
            throw malformed(
                    index, block, length + " bytes, stored by method " + method + ", can't be " + content, null);
        }
        return content;
    }

    /**
     * Writes a block's content, which {@link #check} has found to be right: a page into the very memory that it is asked for.
     *
     * @throws MalformedLayerException when it does not decompress to its length; the target's contents are undefined then.
     */
    public void decode(
            final LayerIndex index,
            final int block,
            final MemorySegment stored,
            final long offset,
            final MemorySegment target,
            final long targetOffset) {
        final int length = index.blockBytes(block) - BLOCK_HEAD_BYTES;
        final int word = LittleEndian.getInt(stored, offset + BLOCK_WORD);
        final int content = word & MAX_CONTENT_BYTES;
        final int method = word >>> METHOD_SHIFT;
        Objects.checkFromIndexSize(targetOffset, content, target.byteSize());
        if (method == LayerCompression.NONE.number()) {
            MemorySegment.copy(stored, offset + BLOCK_HEAD_BYTES, target, targetOffset, content);
            return;
        }
        final boolean inPlace = windows.covers(target, targetOffset, content);
        final MemorySegment to = inPlace ? target : targetCopy.ensure(content);
        final long toOffset = inPlace ? targetOffset : 0;
        final boolean sourceInPlace = windows.covers(stored, offset + BLOCK_HEAD_BYTES, length);
        final MemorySegment from = sourceInPlace ? stored : sourceCopy.ensure(length);
        final long fromOffset = sourceInPlace ? offset + BLOCK_HEAD_BYTES : 0;
        if (!sourceInPlace) {
            MemorySegment.copy(stored, offset + BLOCK_HEAD_BYTES, from, 0, length);
        }
        final int got;
        try {
            got = decompress(method, from, fromOffset, length, to, toOffset, content);
        } catch (final LZ4Exception | ZstdFrameException e) {
            throw malformed(index, block, length + " bytes don't decompress to " + content, e);
        }
        if (got != content) {
            throw malformed(index, block, length + " bytes decompress to " + got + ", not " + content, null);
        }
        if (!inPlace) {
            MemorySegment.copy(to, 0, target, targetOffset, content);
        }
    }

    private int decompress(
            final int method,
            final MemorySegment from,
            final long fromOffset,
            final int length,
            final MemorySegment to,
            final long toOffset,
            final int content) {
        if (method == LayerCompression.ZSTD.number()) {
            return zstd.decompress(from, fromOffset, length, to, toOffset, content);
        }
        final ByteBuffer source = windows.window(from, fromOffset);
        final int sourceAt = windows.position(from, fromOffset);
        final ByteBuffer target = windows.window(to, toOffset);
        final int targetAt = windows.position(to, toOffset);
        return lz4.decompress(source, sourceAt, length, target, targetAt, content);
    }

    /** Most bytes that {@link #compress} writes for so many. */
    static long compressedBound(final long content) {
        return content + (content >>> ZSTD_BOUND_SHIFT) + ZSTD_BOUND_BYTES;
    }

    /**
     * Compresses a range; the target is memory of the region with {@link #compressedBound} bytes.
     *
     * @return how many bytes it came to.
     */
    int compress(
            final LayerCompression method,
            final MemorySegment content,
            final long offset,
            final int length,
            final MemorySegment target,
            final long targetOffset,
            final int zstdLevel) {
        final boolean inPlace = windows.covers(content, offset, length);
        final MemorySegment from = inPlace ? content : sourceCopy.ensure(length);
        final long fromOffset = inPlace ? offset : 0;
        if (!inPlace) {
            MemorySegment.copy(content, offset, from, 0, length);
        }
        final int bound = (int) compressedBound(length);
        if (method == LayerCompression.ZSTD) {
            return zstd.compress(from, fromOffset, length, target, targetOffset, bound, zstdLevel);
        }
        final ByteBuffer source = windows.window(from, fromOffset);
        final int sourceAt = windows.position(from, fromOffset);
        final ByteBuffer to = windows.window(target, targetOffset);
        final int targetAt = windows.position(target, targetOffset);
        return lz4Compressor.compress(source, sourceAt, length, to, targetAt, bound);
    }

    /** Of a stored block at an offset of its layer: over the layer's identity, the offset, and all of the block but the checksum. */
    int checksum(
            final int identity,
            final long blockOffset,
            final MemorySegment stored,
            final long offset,
            final int length) {
        for (int i = 0; i < Long.BYTES; i++) {
            offsetBytes[i] = (byte) (blockOffset >>> (i * Byte.SIZE));
        }
        final int start = Crc32c.update(identity, offsetBytes, 0, Long.BYTES);
        return Crc32c.update(start, stored, offset + BLOCK_WORD, length - (long) BLOCK_WORD);
    }

    private static MalformedLayerException malformed(
            final LayerIndex index, final int block, final String what, final RuntimeException cause) {
        return new MalformedLayerException(
                "layer " + index.description().name() + ", block at " + index.blockOffset(block) + ": " + what, cause);
    }

    @Override
    public void close() {
        sourceCopy.close();
        targetCopy.close();
        zstd.close();
    }
}
