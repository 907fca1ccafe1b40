package dev.firn.pagestore.layer;

import dev.firn.nativeio.zstd.ZstdFrameException;
import dev.firn.nativeio.zstd.ZstdLibrary;
import java.lang.foreign.MemorySegment;

/** Makes and takes apart zstd frames, within the region's memory. The same format, whoever does it; belongs to one thread. */
interface ZstdFrames extends AutoCloseable {
    /** The host's library, which works on memory where it is; where there is none, the one that comes along. */
    static ZstdFrames open(final RegionWindows windows) {
        return ZstdLibrary.isPresent() ? new HostZstdFrames() : new PackagedZstdFrames(windows);
    }

    /** Makes one frame, with at most {@code bound} bytes, and says how long it is. */
    int compress(
            MemorySegment content,
            long offset,
            int length,
            MemorySegment target,
            long targetOffset,
            int bound,
            int level);

    /**
     * Takes a frame apart; says how long its content is.
     *
     * @throws ZstdFrameException when it is damaged, or longer than {@code content}.
     */
    int decompress(MemorySegment frame, long offset, int length, MemorySegment target, long targetOffset, int content);

    @Override
    void close();
}
