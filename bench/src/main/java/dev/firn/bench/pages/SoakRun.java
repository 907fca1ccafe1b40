package dev.firn.bench.pages;

import dev.firn.bench.meter.XorShift;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.pagestore.memory.MemoryTableConfig;
import dev.firn.pagestore.service.ReadHandler;
import dev.firn.pagestore.service.ReadRefusal;
import dev.firn.pagestore.upkeep.UpkeepConfig;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.PageLayout;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/**
 * Ingest and reads of a page store that goes on for as long as one wants: memory tables fill and are flushed, layers are merged, images made, and what is
 * older than ten seconds is collected, so that all that takes memory comes round again and again. Each page that is read is looked at.
 */
final class SoakRun implements ReadHandler {
    /** 256 MiB of pages: more than the page cache and the memory tables have room for. */
    private static final int BLOCKS = 32_768;

    /** Of each block: more than any soak gets to. */
    private static final int DELTAS = 1 << 24;

    private static final int CACHE_PAGES = 4_096;
    private static final long CACHE_BYTES = 512L << 20;
    private static final long TABLE_BYTES = MemoryTableConfig.DEFAULT_BYTES;
    private static final long IMAGE_BYTES = 64L << 20;
    private static final long HISTORY_NS = TimeUnit.SECONDS.toNanos(10);
    private static final int DEPTH = 8;
    private static final int FEED_BYTES = 256 << 10;
    private static final long SAMPLE_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long BEGIN_LIMIT_NS = TimeUnit.MINUTES.toNanos(5);
    private static final MemoryTag TAG = MemoryTag.of("bench-soak");
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String RESIDENT = "VmRSS:";

    private final Clock clock = SystemClock.INSTANCE;
    private final IdleStrategy idle = new BackoffIdleStrategy();
    private final XorShift random = new XorShift(1);
    private final PageBed bed;
    private final MemorySegment wal;
    private final int[] asked = new int[DEPTH];
    private final List<Long> resident = new ArrayList<>();
    private final List<Long> held = new ArrayList<>();
    private int inFlight;
    private boolean ending;
    private long pagesRead;

    private SoakRun(final PageBed bed) {
        this.bed = bed;
        this.wal = bed.memory().allocate(FEED_BYTES, TAG);
    }

    static SoakMeasurement carryOut(final SoakJob job) throws IOException {
        final PageBed.Shape shape =
                new PageBed.Shape(new GeneratedPages(BLOCKS, DELTAS), CACHE_PAGES, CACHE_BYTES, TABLE_BYTES, upkeep());
        try (PageBed bed = PageBed.toBeFed(Path.of(job.directory()), shape)) {
            final SoakRun run = new SoakRun(bed);
            try {
                return run.run(job);
            } finally {
                bed.memory().free(run.wal);
            }
        }
    }

    private static UpkeepConfig upkeep() {
        final UpkeepConfig usual = UpkeepConfig.DEFAULT;
        return new UpkeepConfig(
                usual.layers(),
                usual.shape(),
                usual.calls(),
                usual.mergeRuns(),
                usual.growth(),
                IMAGE_BYTES,
                usual.imageSharePercent(),
                usual.imageReads(),
                usual.imageLayers(),
                usual.maxDeltas(),
                usual.maxRuns(),
                HISTORY_NS,
                usual.scanBytes(),
                usual.heldBytes(),
                usual.stepsACycle(),
                usual.retryNs(),
                usual.sweepNs());
    }

    private SoakMeasurement run(final SoakJob job) throws IOException {
        final long madeLsn = GeneratedPages.START_LSN + (long) BLOCKS * GeneratedPages.LSN_STEP;
        final long beginNs = clock.nanoTime();
        while (applied() < madeLsn) {
            idle.idle(feed(madeLsn) + bed.workWithUpkeep());
            if (clock.nanoTime() - beginNs > BEGIN_LIMIT_NS) {
                throw new IllegalStateException(
                        "the pages are not made: " + bed.shard().message(bed.timeline()));
            }
        }
        for (int slot = 0; slot < DEPTH; slot++) {
            read(slot);
        }
        final long startNs = clock.nanoTime();
        long sampledNs = startNs;
        long nowNs = startNs;
        while (nowNs - startNs < job.measureNs()) {
            final long wanted = (long) ((double) job.bytesASecond() * (nowNs - startNs) / TimeUnit.SECONDS.toNanos(1));
            final int done = feed(madeLsn + wanted);
            idle.idle(done + bed.workWithUpkeep() + bed.shard().poll(this, DEPTH));
            nowNs = clock.nanoTime();
            if (nowNs - sampledNs >= SAMPLE_NS) {
                sampledNs = nowNs;
                resident.add(residentBytes());
                held.add(bed.memory().usage().heldBytes());
            }
        }
        final long walBytes = applied() - madeLsn;
        final int layers = bed.shard().manifest(bed.timeline()).layers().size();
        ending = true;
        while (inFlight > 0) {
            idle.idle(bed.workWithUpkeep() + bed.shard().poll(this, DEPTH));
        }
        return new SoakMeasurement(
                bed.memory().capacityBytes() + Runtime.getRuntime().maxMemory(),
                resident.stream().mapToLong(Long::longValue).max().orElseThrow(),
                secondQuarter(resident),
                lastQuarter(resident),
                secondQuarter(held),
                lastQuarter(held),
                walBytes,
                pagesRead,
                layers);
    }

    private long applied() {
        return bed.shard().appliedLsn(bed.timeline());
    }

    private int feed(final long upToLsn) {
        final long from = bed.shard().neededLsn(bed.timeline());
        final long left = Math.min(FEED_BYTES, Math.min(upToLsn, bed.pages().endLsn()) - from);
        return left <= 0 ? 0 : bed.shard().feed(bed.timeline(), from, wal, 0, (int) left);
    }

    private void read(final int slot) {
        asked[slot] = (int) random.nextBelow(BLOCKS);
        inFlight++;
        if (!bed.shard()
                .read(
                        slot,
                        bed.timeline(),
                        GeneratedPages.HIGH,
                        GeneratedPages.MIDDLE,
                        GeneratedPages.low(asked[slot]),
                        applied())) {
            throw new IllegalStateException("the shard has no room for a read");
        }
    }

    @Override
    public boolean onRead(final long token, final MemorySegment bytes, final long offset, final int length) {
        final int block = asked[(int) token];
        if (length != PageLayout.PAGE_BYTES || LittleEndian.getInt(bytes, offset + GeneratedPages.blockAt()) != block) {
            throw new IllegalStateException("a read of block " + block + " gave another page");
        }
        pagesRead++;
        inFlight--;
        if (!ending) {
            read((int) token);
        }
        return true;
    }

    @Override
    public boolean onRefused(final long token, final ReadRefusal refusal, final String sentence) {
        throw new IllegalStateException(refusal + ": " + sentence);
    }

    private static long secondQuarter(final List<Long> seconds) {
        return median(seconds, seconds.size() / 4, seconds.size() / 2);
    }

    private static long lastQuarter(final List<Long> seconds) {
        return median(seconds, seconds.size() * 3 / 4, seconds.size());
    }

    private static long median(final List<Long> seconds, final int from, final int to) {
        final List<Long> part =
                seconds.subList(from, Math.max(to, from + 1)).stream().sorted().toList();
        return part.get(part.size() / 2);
    }

    /** See proc_pid_status(5): in kilobytes of 1,024. */
    private static long residentBytes() throws IOException {
        for (final String line : Files.readAllLines(STATUS)) {
            if (line.startsWith(RESIDENT)) {
                return Long.parseLong(line.replaceAll("\\D", "")) << 10;
            }
        }
        throw new IOException(STATUS + " does not say " + RESIDENT);
    }
}
