package dev.firn.columnar.parquet;

import dev.firn.columnar.buffer.GrowingBuffer;
import dev.firn.columnar.encoding.PageValues;
import dev.firn.columnar.encoding.ValueEncoder;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;

/** What a page is made in, shared by all columns of a writer: pages are made one after the other. */
final class PageWorkspace implements AutoCloseable {
    private static final MemoryTag PAGE = MemoryTag.of("lake-page");

    final ValueEncoder encoder;
    final PageCompressor compressor;

    /** Levels and encoded values. */
    final GrowingBuffer body;

    final GrowingBuffer compressed;

    /** Values without the nulls between them. */
    final GrowingBuffer dense;

    /** Values turned round, and offsets of those that were gathered. */
    final GrowingBuffer turned;

    /** Sample encodings, while an encoding is chosen. */
    final GrowingBuffer trial;

    final PageValues values = new PageValues();
    final PageValues sample = new PageValues();
    final Shredder shredder;

    PageWorkspace(final OffHeapMemory memory) {
        encoder = new ValueEncoder(memory);
        compressor = new PageCompressor();
        body = new GrowingBuffer(memory, PAGE);
        compressed = new GrowingBuffer(memory, PAGE);
        dense = new GrowingBuffer(memory, PAGE);
        turned = new GrowingBuffer(memory, PAGE);
        trial = new GrowingBuffer(memory, PAGE);
        shredder = new Shredder(memory);
    }

    @Override
    public void close() {
        encoder.close();
        compressor.close();
        body.close();
        compressed.close();
        dense.close();
        turned.close();
        trial.close();
        shredder.close();
    }
}
