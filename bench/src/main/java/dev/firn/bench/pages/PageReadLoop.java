package dev.firn.bench.pages;

import dev.firn.bench.meter.LatencyRecorder;
import dev.firn.bench.meter.XorShift;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.pagestore.service.ReadHandler;
import dev.firn.pagestore.service.ReadRefusal;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;

/**
 * Keeps a fixed number of reads of a bed's pages in flight, at random, at the newest LSN. For the bed's thread; allocates nothing once it is
 * made.
 */
final class PageReadLoop implements ReadHandler {
    private static final long AWAIT_NS = 10_000_000L;

    private final PageBed bed;
    private final Clock clock = SystemClock.INSTANCE;
    private final XorShift random;
    private final long[] startedNs;
    private final int[] blocks;
    private final LatencyRecorder latency = new LatencyRecorder();
    private final boolean waits;
    private boolean inOrder;
    private long wanted;
    private long begun;
    private long answered;

    /** @param waits whether pages come from the device: then the thread sleeps until they do. */
    PageReadLoop(final PageBed bed, final int depth, final long seed, final boolean waits) {
        this.bed = bed;
        this.random = new XorShift(seed);
        this.startedNs = new long[depth];
        this.blocks = new int[depth];
        this.waits = waits;
    }

    LatencyRecorder latency() {
        return latency;
    }

    /** Reads so many pages. */
    void run(final long reads) {
        wanted = reads;
        begun = 0;
        answered = 0;
        for (int slot = 0; slot < startedNs.length && begun < wanted; slot++) {
            begin(slot);
        }
        while (answered < wanted) {
            if (waits) {
                bed.awaitBlocks(AWAIT_NS);
            }
            bed.work();
            bed.shard().poll(this, startedNs.length);
        }
    }

    /** Reads each page once. */
    void runInOrder() {
        inOrder = true;
        run(bed.pages().blocks());
        inOrder = false;
    }

    private void begin(final int slot) {
        blocks[slot] =
                inOrder ? (int) begun : (int) random.nextBelow(bed.pages().blocks());
        begun++;
        startedNs[slot] = clock.nanoTime();
        if (!bed.shard()
                .read(
                        slot,
                        bed.timeline(),
                        GeneratedPages.HIGH,
                        GeneratedPages.MIDDLE,
                        GeneratedPages.low(blocks[slot]),
                        bed.pages().endLsn())) {
            throw new IllegalStateException("the shard has no room for so many reads");
        }
    }

    @Override
    public boolean onRead(final long token, final MemorySegment bytes, final long offset, final int length) {
        final int slot = (int) token;
        latency.record(clock.nanoTime() - startedNs[slot]);
        if (length != PageLayout.PAGE_BYTES
                || LittleEndian.getInt(bytes, offset + GeneratedPages.blockAt()) != blocks[slot]) {
            throw new IllegalStateException("a read of block " + blocks[slot] + " gave another page");
        }
        answered++;
        if (begun < wanted) {
            begin(slot);
        }
        return true;
    }

    @Override
    public boolean onRefused(final long token, final ReadRefusal refusal, final String sentence) {
        throw new IllegalStateException(refusal + ": " + sentence);
    }
}
