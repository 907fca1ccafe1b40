package dev.firn.bench.record;

import dev.firn.bench.micro.AllocationCounter;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.effect.EffectSink;
import dev.firn.postgres.effect.Effects;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.Redo;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.WalReader;
import dev.firn.postgres.wal.WalReaderConfig;
import dev.firn.postgres.wal.WalRecord;
import dev.firn.postgres.wal.WalStep;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Redo of {@link RecordSampler#SAMPLES} different records of one kind, each on pages of its own, all pages of each record. Before each
 * invocation all pages are put back by copying, outside of what JMH times; so redo meets pages that were just written, in the second-level
 * cache rather than the first, and the record, which is decoded once at the beginning.
 */
@State(Scope.Thread)
public class RedoRecordMicro {
    private static final MemoryTag TAG = MemoryTag.of("bench-record");
    private static final long MEMORY_BYTES = 256 << 20;

    /** A file of {@link RecordSampler}. */
    @Param("")
    public String samples;

    private OffHeapMemory memory;
    private Redo redo;
    private Effects effects;
    private final CommitCounter sink = new CommitCounter();
    private final List<WalReader> readers = new ArrayList<>();
    private WalRecord[] records;
    private int[][] touches;
    private MemorySegment[][] pages;
    private MemorySegment before;
    private MemorySegment after;

    private static final class CommitCounter implements EffectSink {
        private long told;

        @Override
        public void xidUsed(final int xid) {
            told += xid;
        }
    }

    @Setup(Level.Trial)
    public void load() throws IOException {
        memory = OffHeapMemory.open(OffHeapConfig.of("bench-record", MEMORY_BYTES));
        try (DataInputStream in =
                new DataInputStream(new BufferedInputStream(Files.newInputStream(Path.of(samples))))) {
            final PostgresVersion version = PostgresVersion.ofMajor(in.readInt());
            final int segmentBytes = in.readInt();
            final RecordSample[] read = new RecordSample[in.readInt()];
            for (int i = 0; i < read.length; i++) {
                read[i] = RecordSample.read(in);
            }
            redo = new Redo(version, memory);
            redo.hintBitsLogged(true);
            effects = new Effects(version);
            place(read, WalReaderConfig.of(version, segmentBytes));
        }
    }

    /** With fewer samples than there should be, they come again, on other pages. */
    private void place(final RecordSample[] read, final WalReaderConfig config) {
        records = new WalRecord[RecordSampler.SAMPLES];
        touches = new int[records.length][];
        pages = new MemorySegment[records.length][];
        int pageCount = 0;
        for (int i = 0; i < records.length; i++) {
            pageCount += read[i % read.length].touches().length;
        }
        before = memory.allocate(Math.max(1, pageCount) * (long) PageLayout.PAGE_BYTES, TAG);
        after = memory.allocate(before.byteSize(), TAG);
        long at = 0;
        for (int i = 0; i < records.length; i++) {
            final RecordSample sample = read[i % read.length];
            records[i] = decode(sample, config);
            touches[i] = sample.touches();
            pages[i] = new MemorySegment[touches[i].length];
            for (int page = 0; page < pages[i].length; page++) {
                MemorySegment.copy(MemorySegment.ofArray(sample.pages()[page]), 0, before, at, PageLayout.PAGE_BYTES);
                pages[i][page] = after.asSlice(at, PageLayout.PAGE_BYTES);
                at += PageLayout.PAGE_BYTES;
            }
        }
    }

    private WalRecord decode(final RecordSample sample, final WalReaderConfig config) {
        final MemorySegment wal = memory.allocate(sample.wal().length, TAG);
        MemorySegment.copy(MemorySegment.ofArray(sample.wal()), 0, wal, 0, wal.byteSize());
        final WalReader reader = new WalReader(config, memory);
        readers.add(reader);
        reader.begin(sample.lsn());
        WalStep step = reader.next();
        if (step == WalStep.NEEDS_BYTES) {
            reader.feed(sample.walLsn(), wal, 0, wal.byteSize());
            step = reader.next();
        }
        if (step != WalStep.RECORD) {
            throw new IllegalStateException("a sample is no record: " + step + " " + reader.end());
        }
        return reader.record();
    }

    @TearDown(Level.Trial)
    public void release() {
        readers.forEach(WalReader::close);
        redo.close();
        memory.close();
    }

    @Setup(Level.Invocation)
    public void reset() {
        MemorySegment.copy(before, 0, after, 0, before.byteSize());
    }

    @Benchmark
    public int redo(final AllocationCounter allocations) {
        int outcomes = 0;
        for (int i = 0; i < records.length; i++) {
            final MemorySegment[] targets = pages[i];
            for (int page = 0; page < targets.length; page++) {
                outcomes +=
                        redo.apply(records[i], touches[i][page], targets[page]).ordinal();
            }
        }
        return outcomes;
    }

    @Benchmark
    public long effects(final AllocationCounter allocations) {
        for (final WalRecord record : records) {
            effects.tell(record, sink);
        }
        return sink.told;
    }
}
