package dev.firn.pagestore.layer;

import dev.firn.nativeio.zstd.ZstdCompressor;
import dev.firn.nativeio.zstd.ZstdDecompressor;
import java.lang.foreign.MemorySegment;

/** By the host's libzstd. The compressor, which takes a megabyte, is made when it is needed: who only reads has none. */
final class HostZstdFrames implements ZstdFrames {
    private final ZstdDecompressor decompressor = new ZstdDecompressor();
    private ZstdCompressor compressor;

    @Override
    public int compress(
            final MemorySegment content,
            final long offset,
            final int length,
            final MemorySegment target,
            final long targetOffset,
            final int bound,
            final int level) {
        if (compressor == null) {
            compressor = new ZstdCompressor(level);
        }
        compressor.level(level);
        return (int) compressor.compress(content, offset, length, target, targetOffset, bound);
    }

    @Override
    public int decompress(
            final MemorySegment frame,
            final long offset,
            final int length,
            final MemorySegment target,
            final long targetOffset,
            final int content) {
        return (int) decompressor.decompress(frame, offset, length, target, targetOffset, content);
    }

    @Override
    public void close() {
        decompressor.close();
        if (compressor != null) {
            compressor.close();
        }
    }
}
