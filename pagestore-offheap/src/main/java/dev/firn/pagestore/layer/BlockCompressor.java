package dev.firn.pagestore.layer;

import static dev.firn.pagestore.layer.LayerFormat.BLOCK_HEAD_BYTES;
import static dev.firn.pagestore.layer.LayerFormat.METHOD_SHIFT;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;

/**
 * Stores blocks by the method that pays. All methods are tried on every sixteenth block, the best of them alone on the others: neighbours are alike,
 * and a method that saves nothing is not worth its time.
 */
final class BlockCompressor implements AutoCloseable {
    private static final MemoryTag COMPRESSED = MemoryTag.of("layer-compressed");
    private static final int TRIAL_EVERY = 16;
    private static final long PERCENT = 100;

    private final LayerConfig config;
    private final int zstdLevel;
    private final BlockCodec codec;
    private final GrowingBuffer second;

    private LayerCompression method = LayerCompression.NONE;
    private int untilTrial;

    BlockCompressor(
            final LayerConfig config, final LayerKind kind, final BlockCodec codec, final OffHeapMemory memory) {
        this.config = config;
        this.zstdLevel = kind == LayerKind.IMAGE ? config.imageZstdLevel() : config.deltaZstdLevel();
        this.codec = codec;
        this.second = new GrowingBuffer(memory, COMPRESSED, 2L * LayerFormat.MAX_CONTENT_BYTES);
    }

    /**
     * Appends a stored block to the output.
     *
     * @param blockOffset where in the layer it will be.
     * @return how long it is.
     */
    int compress(
            final MemorySegment content,
            final long offset,
            final int length,
            final GrowingBuffer output,
            final int identity,
            final long blockOffset) {
        final long at = output.length();
        output.ensure(at + BLOCK_HEAD_BYTES + BlockCodec.compressedBound(length));
        final long payload = at + BLOCK_HEAD_BYTES;
        final boolean tooLong = length > BlockCodec.MAX_COMPRESSED_BYTES;
        final boolean trial = untilTrial == 0 && !tooLong;
        if (trial) {
            untilTrial = TRIAL_EVERY;
        }
        untilTrial -= tooLong ? 0 : 1;
        int stored;
        LayerCompression used;
        if (trial) {
            stored = tryAll(content, offset, length, output, payload);
            used = method;
        } else {
            used = tooLong ? LayerCompression.NONE : method;
            stored = used == LayerCompression.NONE
                    ? length
                    : codec.compress(used, content, offset, length, output.segment(), payload, zstdLevel);
        }
        if (used == LayerCompression.NONE || !pays(stored, length)) {
            used = LayerCompression.NONE;
            stored = length;
            MemorySegment.copy(content, offset, output.segment(), payload, length);
        }
        output.reserve(BLOCK_HEAD_BYTES + (long) stored);
        final MemorySegment bytes = output.segment();
        LittleEndian.putInt(bytes, at + LayerFormat.BLOCK_WORD, (used.number() << METHOD_SHIFT) | length);
        LittleEndian.putInt(
                bytes,
                at + LayerFormat.BLOCK_CHECKSUM,
                codec.checksum(identity, blockOffset, bytes, at, BLOCK_HEAD_BYTES + stored));
        return BLOCK_HEAD_BYTES + stored;
    }

    /** Leaves the best method's bytes at {@code payload}. */
    private int tryAll(
            final MemorySegment content,
            final long offset,
            final int length,
            final GrowingBuffer output,
            final long payload) {
        method = LayerCompression.NONE;
        if (config.compression() == LayerCompression.NONE) {
            return length;
        }
        int stored =
                codec.compress(LayerCompression.LZ4, content, offset, length, output.segment(), payload, zstdLevel);
        final boolean fast = pays(stored, length);
        method = fast ? LayerCompression.LZ4 : LayerCompression.NONE;
        if (config.compression() == LayerCompression.ZSTD) {
            final MemorySegment other = second.ensure(BlockCodec.compressedBound(length));
            final int dense = codec.compress(LayerCompression.ZSTD, content, offset, length, other, 0, zstdLevel);
            final long atMost = (fast ? stored : length) * (PERCENT - config.zstdGainPercent());
            if (dense * PERCENT <= atMost && pays(dense, length)) {
                method = LayerCompression.ZSTD;
                stored = dense;
                MemorySegment.copy(other, 0, output.segment(), payload, dense);
            }
        }
        return stored;
    }

    private boolean pays(final int stored, final int length) {
        return stored * PERCENT <= length * (PERCENT - config.minSavingPercent());
    }

    @Override
    public void close() {
        second.close();
    }
}
