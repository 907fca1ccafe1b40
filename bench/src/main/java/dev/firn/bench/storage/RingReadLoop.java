package dev.firn.bench.storage;

import dev.firn.bench.meter.LatencyRecorder;
import dev.firn.bench.meter.Measurement;
import dev.firn.bench.meter.Meter;
import dev.firn.bench.meter.XorShift;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.storage.Completion;
import dev.firn.nativeio.storage.CompletionHandler;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingFile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Keeps a fixed number of random block reads in flight on a ring. Each completion is answered with the next read.
 *
 * <p>Warm-up checks that each block is the one that was asked for. The measured part does not, because touching a block
 * just moved by the device costs a cache miss that fio does not pay either.
 *
 * <p>Owned by the ring's thread. Nothing is allocated after construction.
 */
final class RingReadLoop implements CompletionHandler {
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

    /**
     * Completions taken before the reads that answer them are submitted. Few, so that the device gets its next read while
     * the others are still being taken: at depth 32 and a device of 120 k reads a second, taking all that is there first
     * left the device idle now and then and cost 15 %. fio submits each read by itself too.
     */
    private static final int COMPLETIONS_A_SUBMIT = 1;

    private final Ring ring;
    private final RingFile file;
    private final long blocks;
    private final MemorySegment[] buffers;
    private final long[] startedNs;
    private final XorShift random;
    private final Clock clock;
    private final LatencyRecorder latency = new LatencyRecorder();
    private boolean verifying;
    private boolean issuing;

    /**
     * @param region borrowed while the loop runs: one block for each read in flight, registered with the ring.
     * @param depth reads in flight.
     */
    RingReadLoop(
            final Ring ring,
            final RingFile file,
            final long blocks,
            final MemorySegment region,
            final int depth,
            final long seed,
            final Clock clock) {
        this.ring = ring;
        this.file = file;
        this.blocks = blocks;
        this.random = new XorShift(seed);
        this.clock = clock;
        this.startedNs = new long[depth];
        this.buffers = new MemorySegment[depth];
        for (int slot = 0; slot < depth; slot++) {
            buffers[slot] = region.asSlice((long) slot * DataFile.BLOCK_BYTES, DataFile.BLOCK_BYTES);
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
        final Measurement measurement = meter.measurement(latency.count(), latency, 0, ring.describe());
        issuing = false;
        while (ring.inFlight() > 0) {
            ring.submitAndWait(1, Long.MAX_VALUE);
            ring.poll(this, buffers.length);
        }
        return measurement;
    }

    private void runUntil(final long deadlineNs) {
        do {
            ring.submitAndWait(1, Long.MAX_VALUE);
            ring.poll(this, COMPLETIONS_A_SUBMIT);
        } while (clock.nanoTime() - deadlineNs < 0);
    }

    @Override
    public void onCompletion(final Completion completion) {
        if (completion.result() != DataFile.BLOCK_BYTES) {
            throw failure(completion);
        }
        final int slot = (int) completion.token();
        final long nowNs = clock.nanoTime();
        latency.record(nowNs - startedNs[slot]);
        if (verifying) {
            verify(completion.fileOffset(), buffers[slot]);
        }
        if (issuing) {
            issue(slot, nowNs);
        }
    }

    private void issue(final int slot, final long nowNs) {
        startedNs[slot] = nowNs;
        final long fileOffset = random.nextBelow(blocks) * DataFile.BLOCK_BYTES;
        if (!ring.read(file, fileOffset, buffers[slot], slot, 0)) {
            throw new IllegalStateException(
                    "the ring refused read " + ring.inFlight() + " with room for " + ring.capacity());
        }
    }

    private void verify(final long fileOffset, final MemorySegment buffer) {
        final long expected = DataFile.firstWord(fileOffset / DataFile.BLOCK_BYTES);
        final long actual = buffer.get(WORD, 0);
        if (actual != expected) {
            throw new IllegalStateException(
                    file.name() + " at offset " + fileOffset + ": read a block that begins with "
                            + Long.toHexString(actual) + ", not " + Long.toHexString(expected));
        }
    }

    private static RuntimeException failure(final Completion completion) {
        return completion.failed()
                ? completion.failure()
                : new IllegalStateException(completion.file().name() + " at offset " + completion.fileOffset()
                        + ": read " + completion.result() + " of " + completion.requestedBytes() + " bytes");
    }
}
