package dev.firn.pagestore.layer;

import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import dev.firn.nativeio.zstd.ZstdFrameException;
import java.lang.foreign.MemorySegment;

/** By zstd-jni, which takes buffers alone, and duplicates them for each call: 240 bytes of objects, where the compiler does not take them out. */
final class PackagedZstdFrames implements ZstdFrames {
    private final RegionWindows windows;
    private final ZstdDecompressCtx decompressor = new ZstdDecompressCtx();
    private ZstdCompressCtx compressor;
    private int compressorLevel;

    /** @param windows over the region where all memory that it is given lies. */
    PackagedZstdFrames(final RegionWindows windows) {
        this.windows = windows;
    }

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
            compressor = new ZstdCompressCtx().setLevel(level);
            compressorLevel = level;
        }
        if (compressorLevel != level) {
            compressor.setLevel(level);
            compressorLevel = level;
        }
        return compressor.compressDirectByteBuffer(
                windows.window(target, targetOffset),
                windows.position(target, targetOffset),
                bound,
                windows.window(content, offset),
                windows.position(content, offset),
                length);
    }

    @Override
    public int decompress(
            final MemorySegment frame,
            final long offset,
            final int length,
            final MemorySegment target,
            final long targetOffset,
            final int content) {
        try {
            return decompressor.decompressDirectByteBuffer(
                    windows.window(target, targetOffset),
                    windows.position(target, targetOffset),
                    content,
                    windows.window(frame, offset),
                    windows.position(frame, offset),
                    length);
        } catch (final ZstdException e) {
            throw new ZstdFrameException(e.getMessage());
        }
    }

    @Override
    public void close() {
        decompressor.close();
        if (compressor != null) {
            compressor.close();
        }
    }
}
