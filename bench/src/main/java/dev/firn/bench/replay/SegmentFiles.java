package dev.firn.bench.replay;

import dev.firn.bench.corpus.Corpus;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.replay.WalSource;
import dev.firn.postgres.wal.WalReader;
import dev.firn.postgres.wal.WalSegments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;

/** A corpus' log, read from its segment files as replay asks for it: what reading costs is part of the replay, as it is of stock's. */
final class SegmentFiles implements WalSource, AutoCloseable {
    private static final MemoryTag TAG = MemoryTag.of("bench-segment");
    private static final int FIRST_TIMELINE = 1;

    private final Corpus corpus;
    private final OffHeapMemory memory;
    private final MemorySegment segment;
    private final ByteBuffer buffer;

    SegmentFiles(final Corpus corpus, final OffHeapMemory memory) {
        this.corpus = corpus;
        this.memory = memory;
        this.segment = memory.allocate(corpus.segmentBytes(), TAG);
        this.buffer = segment.asByteBuffer();
    }

    @Override
    public boolean feed(final WalReader reader) {
        final long needed = reader.neededLsn();
        if (needed >= corpus.endLsn()) {
            return false;
        }
        final long number = WalSegments.number(needed, corpus.segmentBytes());
        final String name = WalSegments.fileName(FIRST_TIMELINE, number, corpus.segmentBytes());
        try (FileChannel channel = FileChannel.open(corpus.wal().resolve(name), StandardOpenOption.READ)) {
            buffer.clear();
            while (buffer.hasRemaining()) {
                if (channel.read(buffer) < 0) {
                    throw new IOException("the segment " + name + " is too short");
                }
            }
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
        reader.feed(number * corpus.segmentBytes(), segment, 0, corpus.segmentBytes());
        return true;
    }

    @Override
    public void close() {
        memory.free(segment);
    }
}
