package dev.firn.bench.replay;

import dev.firn.bench.corpus.Corpus;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.wal.WalReader;
import dev.firn.postgres.wal.WalReaderConfig;
import dev.firn.postgres.wal.WalSegments;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;

/** A corpus' log in off-heap memory, and a reader over it. */
final class LoadedWal implements AutoCloseable {
    private static final MemoryTag TAG = MemoryTag.of("bench-wal");
    private static final int FIRST_TIMELINE = 1;

    /** For the reader's own buffers: no record of a corpus is longer. */
    private static final long READER_BYTES = 64 << 20;

    private final Corpus corpus;
    private final long firstLsn;
    private final OffHeapMemory memory;
    private final MemorySegment wal;
    private final WalReader reader;

    private LoadedWal(final Corpus corpus) {
        this.corpus = corpus;
        this.firstLsn = corpus.startLsn() & -corpus.segmentBytes();
        final long bytes = corpus.endLsn() - firstLsn;
        this.memory = OffHeapMemory.open(OffHeapConfig.of("bench-wal", bytes + READER_BYTES));
        this.wal = memory.allocate(bytes, TAG);
        this.reader = new WalReader(WalReaderConfig.of(corpus.version(), corpus.segmentBytes()), memory);
    }

    static LoadedWal load(final Corpus corpus) throws IOException {
        final LoadedWal loaded = new LoadedWal(corpus);
        try {
            loaded.read();
        } catch (final IOException | RuntimeException e) {
            loaded.close();
            throw e;
        }
        return loaded;
    }

    private void read() throws IOException {
        for (long at = 0; at < wal.byteSize(); at += corpus.segmentBytes()) {
            final String name = WalSegments.fileName(
                    FIRST_TIMELINE, WalSegments.number(firstLsn + at, corpus.segmentBytes()), corpus.segmentBytes());
            final ByteBuffer buffer = wal.asSlice(at, Math.min(corpus.segmentBytes(), wal.byteSize() - at))
                    .asByteBuffer();
            try (FileChannel channel = FileChannel.open(corpus.wal().resolve(name), StandardOpenOption.READ)) {
                while (buffer.hasRemaining()) {
                    if (channel.read(buffer) < 0) {
                        throw new IOException("the segment " + name + " is too short");
                    }
                }
            }
        }
    }

    Corpus corpus() {
        return corpus;
    }

    /**
     * Reads all records once, from the first to the last.
     *
     * @return how many.
     */
    long decode() throws BenchmarkException {
        long records = 0;
        reader.begin(corpus.startLsn());
        while (true) {
            switch (reader.next()) {
                case RECORD -> records++;
                case NEEDS_BYTES -> {
                    if (reader.neededLsn() >= corpus.endLsn()) {
                        return records;
                    }
                    reader.feed(firstLsn, wal, 0, wal.byteSize());
                }
                case ENDED ->
                    throw new BenchmarkException(
                            reader.end().describe() + "; it should go on to " + Lsn.format(corpus.endLsn()));
            }
        }
    }

    @Override
    public void close() {
        reader.close();
        memory.free(wal);
        memory.close();
    }
}
