package dev.firn.columnar.parquet;

import com.github.luben.zstd.ZstdCompressCtx;
import dev.firn.columnar.buffer.GrowingBuffer;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/** zstd from off-heap memory to off-heap memory, with one context for all pages; and the CRC-32 that a page carries. */
final class PageCompressor implements AutoCloseable {
    /** ZSTD_compressBound: a 256th more than the input, and for short ones a little more. */
    private static final int BOUND_SHIFT = 8;

    private static final int BOUND_BYTES = 512;

    private final ZstdCompressCtx zstd;
    private final CRC32 crc = new CRC32();
    private int level = 1;

    PageCompressor() {
        zstd = new ZstdCompressCtx().setLevel(level).setChecksum(false);
    }

    /** Replaces what is in {@code out} by one frame of what is in {@code in}. @param wanted the level, 1 at least. */
    void compress(final GrowingBuffer in, final int wanted, final GrowingBuffer out) {
        if (level != wanted) {
            zstd.setLevel(wanted);
            level = wanted;
        }
        final int length = Math.toIntExact(in.length());
        final long bound = (long) length + (length >>> BOUND_SHIFT) + BOUND_BYTES;
        out.clear();
        out.ensure(bound);
        in.ensure(length);
        final int stored = zstd.compressDirectByteBuffer(out.view(), 0, (int) bound, in.view(), 0, length);
        out.setLength(stored);
    }

    int checksum(final GrowingBuffer bytes) {
        crc.reset();
        if (bytes.length() > 0) {
            final ByteBuffer view = bytes.view();
            view.clear().limit((int) bytes.length());
            crc.update(view);
            view.clear();
        }
        return (int) crc.getValue();
    }

    @Override
    public void close() {
        zstd.close();
    }
}
