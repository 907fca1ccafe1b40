package dev.firn.postgres.redo;

import dev.firn.postgres.compression.CompressionMethod;
import dev.firn.postgres.compression.Decompressor;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.wal.ImageCompression;
import dev.firn.postgres.wal.WalRecord;
import java.lang.foreign.MemorySegment;

/** Makes a page from the image of it that a record carries (RestoreBlockImage of xlogreader.c): the hole is zeroes. */
final class PageImages implements AutoCloseable {
    private final Decompressor decompressor = new Decompressor();
    private final MemorySegment scratch;

    /**
     * The images of any record.
     *
     * @param scratch a page's size, borrowed until close.
     */
    PageImages(final MemorySegment scratch) {
        this.scratch = scratch;
    }

    @Override
    public void close() {
        decompressor.close();
    }

    /** Writes the whole page. */
    void restore(final WalRecord record, final int block, final MemorySegment page) {
        final int holeOffset = record.holeOffset(block);
        final int holeBytes = record.holeLength(block);
        final ImageCompression compression = record.imageCompression(block);
        final MemorySegment source;
        final long sourceOffset;
        if (compression == ImageCompression.NONE) {
            source = record.segment();
            sourceOffset = record.imageOffset(block);
        } else {
            decompressor.decompress(
                    methodOf(compression),
                    record.segment(),
                    record.imageOffset(block),
                    record.imageLength(block),
                    scratch,
                    0,
                    (long) PageLayout.PAGE_BYTES - holeBytes);
            source = scratch;
            sourceOffset = 0;
        }
        if (holeBytes == 0) {
            MemorySegment.copy(source, sourceOffset, page, 0, PageLayout.PAGE_BYTES);
            return;
        }
        final int behindHole = holeOffset + holeBytes;
        MemorySegment.copy(source, sourceOffset, page, 0, holeOffset);
        page.asSlice(holeOffset, holeBytes).fill((byte) 0);
        MemorySegment.copy(
                source, sourceOffset + holeOffset, page, behindHole, (long) PageLayout.PAGE_BYTES - behindHole);
    }

    private static CompressionMethod methodOf(final ImageCompression compression) {
        return switch (compression) {
            case PGLZ -> CompressionMethod.PGLZ;
            case LZ4 -> CompressionMethod.LZ4;
            case ZSTD -> CompressionMethod.ZSTD;
            case NONE -> throw new IllegalArgumentException("an image that is not compressed");
        };
    }
}
