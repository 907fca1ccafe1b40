package dev.firn.bench.pages;

import dev.firn.bench.meter.LatencyRecorder;
import dev.firn.bench.meter.Measurement;
import dev.firn.bench.meter.Meter;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nvmecache.CacheCounters;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.Redo;
import dev.firn.postgres.wal.StoredRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** Carries out jobs, one at a time, in the calling thread. */
final class PageRunner implements AutoCloseable {
    private static final int DELTA_BLOCKS = 256;
    private static final long SMALL_CACHE_BYTES = 16L << 20;

    /** Of a block's pages the cache needs some more room than they have, as blocks of layers end where they end. */
    private static final long CACHE_BYTES_A_PAGE = 12_000;

    private static final int READS_A_LOOK = 64;
    private static final int WARM_READS = 20_000;
    private static final long SEED = 0x9E3779B97F4A7C15L;
    private static final MemoryTag TAG = MemoryTag.of("bench-redo-alone");

    private final Clock clock = SystemClock.INSTANCE;
    private Object shape;
    private AutoCloseable made;

    Measurement run(final PageJob job) {
        return switch (job) {
            case PageJob.Deltas deltas -> deltas(deltas);
            case PageJob.RedoAlone redo -> redoAlone(redo);
            case PageJob.Layers layers -> layers(layers);
            case PageJob.Branches branches -> branches(branches);
            case PageJob.Served served ->
                made(served.directory(), "served", () -> new ServedPages(folder(served, "served")))
                        .run(served.callers(), served.measureNs());
            case PageJob.PingPong ping ->
                made(ping.directory(), "ping-pong", () -> new PingPong(folder(ping, "ping-pong")))
                        .run(ping.callers(), ping.measureNs());
        };
    }

    /** Makes what a job runs on. */
    private interface Maker<T extends AutoCloseable> {
        T make() throws IOException;
    }

    /** What the job before has left, when it was of the same shape. */
    @SuppressWarnings("unchecked")
    private <T extends AutoCloseable> T made(final String directory, final Object wanted, final Maker<T> maker) {
        if (!wanted.equals(shape)) {
            close();
            try {
                made = maker.make();
            } catch (final IOException e) {
                throw new UncheckedIOException("cannot make a bed in " + directory, e);
            }
            shape = wanted;
        }
        return (T) made;
    }

    private static Path folder(final PageJob job, final String name) throws IOException {
        return Files.createTempDirectory(Path.of(job.directory()), name);
    }

    private Measurement deltas(final PageJob.Deltas job) {
        final PageBed bed = made(
                job.directory(),
                "deltas " + job.deltas(),
                () -> new PageBed(
                        folder(job, "deltas"),
                        new PageBed.Shape(new GeneratedPages(DELTA_BLOCKS, job.deltas()), 1, SMALL_CACHE_BYTES)));
        return measure(new PageReadLoop(bed, 1, SEED, false), job.measureNs(), "memory table");
    }

    private Measurement layers(final PageJob.Layers job) {
        final PageBed bed = made(job.directory(), "layers " + job.blocks(), () -> filled(job));
        final CacheCounters counters = bed.cache().counters();
        final long missed = counters.misses.get();
        final Measurement measurement = measure(
                new PageReadLoop(bed, job.depth(), SEED, true),
                job.measureNs(),
                bed.cache().describe());
        if (counters.misses.get() - missed > measurement.operations() / 100) {
            throw new IllegalStateException(
                    "the block cache does not have the pages: " + bed.cache().describe());
        }
        return measurement;
    }

    private Measurement branches(final PageJob.Branches job) {
        final PageBed bed = made(job.directory(), "branches " + job.blocks(), () -> {
            final PageBed fresh = new PageBed(
                    folder(job, "branches"),
                    new PageBed.Shape(new GeneratedPages(job.blocks(), 1), 1, SMALL_CACHE_BYTES));
            fresh.flush();
            return fresh;
        });
        final LatencyRecorder latency = new LatencyRecorder();
        final Meter meter = new Meter(clock);
        meter.start();
        for (int i = 0; i < job.branches(); i++) {
            latency.record(bed.branch());
        }
        meter.stop();
        return meter.measurement(latency.count(), latency, 0, "a store in a directory");
    }

    /** A bed whose pages are all in image layers, and those in the cache's file. */
    private static PageBed filled(final PageJob.Layers job) throws IOException {
        final PageBed bed = new PageBed(
                Files.createDirectories(Path.of(job.directory())),
                new PageBed.Shape(new GeneratedPages(job.blocks(), 1), 1, job.blocks() * CACHE_BYTES_A_PAGE));
        bed.flush();
        final PageReadLoop all = new PageReadLoop(bed, READS_A_LOOK, SEED, true);
        // Until the cache dropped nothing and every page was met: what is missing is fetched by the first reads that
        // want it.
        for (int round = 0; round < 3; round++) {
            all.runInOrder();
            bed.settleCache();
        }
        return bed;
    }

    private Measurement measure(final PageReadLoop loop, final long measureNs, final String backend) {
        loop.run(WARM_READS);
        loop.latency().reset();
        final Meter meter = new Meter(clock);
        meter.start();
        final long deadlineNs = clock.nanoTime() + measureNs;
        do {
            loop.run(READS_A_LOOK * 16L);
        } while (clock.nanoTime() - deadlineNs < 0);
        meter.stop();
        return meter.measurement(loop.latency().count(), loop.latency(), 0, backend);
    }

    private Measurement redoAlone(final PageJob.RedoAlone job) {
        final GeneratedPages pages = new GeneratedPages(DELTA_BLOCKS, job.deltas());
        try (OffHeapMemory memory = OffHeapMemory.open(
                        OffHeapConfig.of("bench-redo-alone", 64L << 20).withChecked(false));
                Redo redo = new Redo(GeneratedPages.VERSION, memory)) {
            final MemorySegment image = memory.allocate(PageLayout.PAGE_BYTES, TAG);
            final MemorySegment page = memory.allocate(PageLayout.PAGE_BYTES, TAG);
            image.copyFrom(MemorySegment.ofArray(GeneratedPages.page(0)));
            final MemorySegment[] records = new MemorySegment[job.deltas()];
            for (int i = 0; i < records.length; i++) {
                final byte[] change = pages.change((long) DELTA_BLOCKS * (i + 1));
                records[i] = memory.allocate(change.length, TAG);
                records[i].copyFrom(MemorySegment.ofArray(change));
            }
            final StoredRecord stored = new StoredRecord(GeneratedPages.VERSION);
            final LatencyRecorder latency = new LatencyRecorder();
            final long warmUntilNs = clock.nanoTime() + job.measureNs() / 2;
            while (clock.nanoTime() - warmUntilNs < 0) {
                apply(redo, stored, image, page, records);
            }
            final Meter meter = new Meter(clock);
            meter.start();
            final long deadlineNs = clock.nanoTime() + job.measureNs();
            long nowNs = clock.nanoTime();
            while (nowNs - deadlineNs < 0) {
                apply(redo, stored, image, page, records);
                final long endNs = clock.nanoTime();
                latency.record(endNs - nowNs);
                nowNs = endNs;
            }
            meter.stop();
            for (final MemorySegment record : records) {
                memory.free(record);
            }
            memory.free(page);
            memory.free(image);
            return meter.measurement(latency.count(), latency, 0, "redo");
        }
    }

    private static void apply(
            final Redo redo,
            final StoredRecord stored,
            final MemorySegment image,
            final MemorySegment page,
            final MemorySegment[] records) {
        MemorySegment.copy(image, 0, page, 0, PageLayout.PAGE_BYTES);
        long lsn = GeneratedPages.START_LSN;
        for (final MemorySegment record : records) {
            redo.apply(stored.wrap(record, 0, (int) record.byteSize(), lsn, lsn + GeneratedPages.LSN_STEP), 0, page);
            lsn += GeneratedPages.LSN_STEP;
        }
    }

    @Override
    public void close() {
        if (made != null) {
            try {
                made.close();
            } catch (final Exception e) {
                throw new IllegalStateException("what the last job used does not close", e);
            } finally {
                made = null;
                shape = null;
            }
        }
    }
}
