package dev.firn.bench.cache;

import dev.firn.bench.meter.LatencyRecorder;
import dev.firn.bench.meter.Measurement;
import dev.firn.bench.meter.Meter;
import dev.firn.bench.meter.XorShift;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nvmecache.BlockCache;
import dev.firn.nvmecache.ReadHandler;
import java.lang.foreign.MemorySegment;

/**
 * Keeps a fixed number of random reads of cached blocks in flight. Each answer is followed by the next read.
 *
 * <p>The cache checks the checksum of everything it gives, here as in production: that is part of what is measured. Warm-up also
 * checks that it is what was asked for.
 *
 * <p>Owned by the cache's thread. Nothing is allocated after construction.
 */
final class CacheReadLoop implements ReadHandler {
    /** Answers taken before the reads that follow are sent: see the ring's own benchmark for why so few. */
    private static final int ANSWERS_A_POLL = 1;

    private static final long AWAIT_NS = 1_000_000_000L;

    private final BlockCache cache;
    private final int[] blocks;
    private final int readBytes;
    private final int readsPerBlock;
    private final MemorySegment[] buffers;
    private final int[] blockOf;
    private final int[] offsetOf;
    private final long[] startedNs;
    private final XorShift random;
    private final Clock clock;
    private final LatencyRecorder latency = new LatencyRecorder();
    private boolean verifying;
    private boolean issuing;

    CacheReadLoop(final FilledCache filled, final CacheReadJob job, final Clock clock) {
        this.cache = filled.cache();
        this.blocks = filled.present();
        this.readBytes = job.readBytes();
        this.readsPerBlock = cache.config().blockBytes() / readBytes;
        this.random = new XorShift(job.seed());
        this.clock = clock;
        this.buffers = new MemorySegment[job.depth()];
        this.blockOf = new int[job.depth()];
        this.offsetOf = new int[job.depth()];
        this.startedNs = new long[job.depth()];
        for (int slot = 0; slot < buffers.length; slot++) {
            buffers[slot] = filled.buffers().asSlice((long) slot * readBytes, readBytes);
        }
    }

    /** Runs the loop: warm-up, then what is measured with the queue already full, then empties the queue. */
    Measurement run(final long warmupNs, final long measureNs) {
        final Meter meter = new Meter(clock);
        issuing = true;
        verifying = true;
        for (int slot = 0; slot < buffers.length; slot++) {
            issue(slot, clock.nanoTime());
        }
        runUntil(clock.nanoTime() + warmupNs);
        verifying = false;
        latency.reset();
        meter.start();
        runUntil(clock.nanoTime() + measureNs);
        meter.stop();
        final Measurement measurement = meter.measurement(latency.count(), latency, 0, cache.describe());
        issuing = false;
        while (cache.readsInFlight() > 0) {
            cache.awaitCompletions(AWAIT_NS);
            cache.poll(this, buffers.length);
        }
        return measurement;
    }

    private void runUntil(final long deadlineNs) {
        do {
            cache.awaitCompletions(AWAIT_NS);
            cache.poll(this, ANSWERS_A_POLL);
        } while (clock.nanoTime() - deadlineNs < 0);
    }

    @Override
    public void onRead(final long token, final int result) {
        final int slot = (int) token;
        if (result != readBytes) {
            throw new IllegalStateException("block " + blockOf[slot] + " at offset " + offsetOf[slot]
                    + (result == BlockCache.MISS ? " was not to be read" : " gave " + result + " bytes"));
        }
        final long nowNs = clock.nanoTime();
        latency.record(nowNs - startedNs[slot]);
        if (verifying) {
            verify(slot);
        }
        if (issuing) {
            issue(slot, nowNs);
        }
    }

    private void issue(final int slot, final long nowNs) {
        startedNs[slot] = nowNs;
        blockOf[slot] = blocks[(int) random.nextBelow(blocks.length)];
        offsetOf[slot] = (int) random.nextBelow(readsPerBlock) * readBytes;
        final int answer = cache.read(
                FilledCache.OBJECT.high(),
                FilledCache.OBJECT.low(),
                blockOf[slot],
                offsetOf[slot],
                buffers[slot],
                slot);
        if (answer != BlockCache.ACCEPTED) {
            throw new IllegalStateException("block " + blockOf[slot]
                    + (answer == BlockCache.MISS
                            ? " is not there any more"
                            : " cannot be read: the cache is full of reads"));
        }
    }

    private void verify(final int slot) {
        if (FilledCache.firstWord(buffers[slot]) != FilledCache.wordAt(blockOf[slot], offsetOf[slot])) {
            throw new IllegalStateException(
                    "block " + blockOf[slot] + " at offset " + offsetOf[slot] + ": not the bytes that were asked for");
        }
    }
}
