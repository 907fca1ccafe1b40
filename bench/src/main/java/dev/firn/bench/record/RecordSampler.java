package dev.firn.bench.record;

import dev.firn.bench.corpus.Corpus;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.file.BlockKey;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.Redo;
import dev.firn.postgres.redo.RedoOutcome;
import dev.firn.postgres.redo.TouchedPages;
import dev.firn.postgres.wal.WalReader;
import dev.firn.postgres.wal.WalReaderConfig;
import dev.firn.postgres.wal.WalRecord;
import dev.firn.postgres.wal.WalSegments;
import dev.firn.postgres.wal.WalStep;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/**
 * Replays a log over nothing, and keeps the last records of each kind with their pages: those of tables that were in the base already are
 * passed over. The last ones, because a page that is as full as they usually are is what redo meets.
 */
final class RecordSampler implements AutoCloseable {
    static final int SAMPLES = 64;

    private static final int WAL_PAGE_BYTES = 8192;
    private static final int FIRST_TIMELINE = 1;
    private static final long MEMORY_BYTES = 256 << 20;

    private final Corpus corpus;
    private final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("bench-sampler", MEMORY_BYTES));
    private final Arena arena = Arena.ofConfined();
    private final Map<PageKey, MemorySegment> pages = new HashMap<>();
    private final Map<RecordKind, Deque<RecordSample>> kept = new EnumMap<>(RecordKind.class);
    private final Redo redo;
    private byte[] wal;
    private long walStart;

    private record PageKey(long space, long relation, int block) {}

    RecordSampler(final Corpus corpus) {
        this.corpus = corpus;
        this.redo = new Redo(corpus.version(), memory);
        redo.hintBitsLogged(true);
        for (final RecordKind kind : RecordKind.values()) {
            kept.put(kind, new ArrayDeque<>());
        }
    }

    @Override
    public void close() {
        redo.close();
        arena.close();
        memory.close();
    }

    /** Writes a file for each kind that was seen into a directory. */
    void sampleTo(final Path directory) throws IOException, BenchmarkException {
        final long first = WalSegments.number(corpus.startLsn(), corpus.segmentBytes());
        final long last = WalSegments.number(corpus.endLsn() - 1, corpus.segmentBytes());
        walStart = first * corpus.segmentBytes();
        wal = new byte[Math.toIntExact((last - first + 1) * corpus.segmentBytes())];
        for (long number = first; number <= last; number++) {
            final byte[] segment = Files.readAllBytes(
                    corpus.wal().resolve(WalSegments.fileName(FIRST_TIMELINE, number, corpus.segmentBytes())));
            System.arraycopy(
                    segment, 0, wal, Math.toIntExact((number - first) * corpus.segmentBytes()), segment.length);
        }
        replay();
        for (final Map.Entry<RecordKind, Deque<RecordSample>> entry : kept.entrySet()) {
            if (!entry.getValue().isEmpty()) {
                write(directory.resolve(entry.getKey().variant()), entry.getValue());
            }
        }
    }

    private void write(final Path file, final Deque<RecordSample> samples) throws IOException {
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            out.writeInt(corpus.major());
            out.writeInt(corpus.segmentBytes());
            out.writeInt(samples.size());
            for (final RecordSample sample : samples) {
                sample.write(out);
            }
        }
    }

    private void replay() throws BenchmarkException {
        try (WalReader reader = new WalReader(WalReaderConfig.of(corpus.version(), corpus.segmentBytes()), memory)) {
            reader.begin(corpus.startLsn());
            final MemorySegment bytes = MemorySegment.ofArray(wal);
            WalStep step = reader.next();
            while (step == WalStep.RECORD || reader.neededLsn() < corpus.endLsn()) {
                switch (step) {
                    case RECORD -> redo(reader.record());
                    case NEEDS_BYTES -> reader.feed(walStart, bytes, 0, bytes.byteSize());
                    case ENDED -> throw new BenchmarkException(reader.end().describe());
                }
                step = reader.next();
            }
        }
    }

    private void redo(final WalRecord record) {
        final TouchedPages touched = redo.touchedPages(record);
        final int count = touched.count();
        final int[] touches = new int[count];
        final MemorySegment[] targets = new MemorySegment[count];
        final byte[][] before = new byte[count][];
        final RecordKind kind = kindOf(record);
        for (int i = 0; i < count; i++) {
            touches[i] = touched.touch(i);
            targets[i] = pages.computeIfAbsent(
                    new PageKey(
                            BlockKey.space(touched.tablespace(i), touched.database(i)),
                            BlockKey.relation(touched.relfilenode(i), touched.fork(i)),
                            touched.block(i)),
                    key -> arena.allocate(PageLayout.PAGE_BYTES));
            before[i] = kind == null ? null : targets[i].toArray(ValueLayout.JAVA_BYTE);
        }
        boolean changed = kind != null && kind.effectsOnly();
        for (int i = 0; i < count; i++) {
            final RedoOutcome outcome = redo.apply(record, touches[i], targets[i]);
            if (outcome == RedoOutcome.MISSING) {
                return;
            }
            changed |= outcome != RedoOutcome.UNCHANGED;
        }
        if (kind != null && changed) {
            keep(kind, record, touches, before);
        }
    }

    private static RecordKind kindOf(final WalRecord record) {
        for (final RecordKind kind : RecordKind.values()) {
            if (kind.matches(record)) {
                return kind;
            }
        }
        return null;
    }

    private void keep(final RecordKind kind, final WalRecord record, final int[] touches, final byte[][] before) {
        final Deque<RecordSample> samples = kept.get(kind);
        if (samples.size() == SAMPLES) {
            samples.removeFirst();
        }
        final long from = record.lsn() & -WAL_PAGE_BYTES;
        final byte[] bytes = new byte[Math.toIntExact(Math.min(record.nextLsn(), walStart + wal.length) - from)];
        System.arraycopy(wal, Math.toIntExact(from - walStart), bytes, 0, bytes.length);
        samples.addLast(new RecordSample(record.lsn(), from, bytes, touches, before));
    }
}
