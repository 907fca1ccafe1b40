package dev.firn.bench.storage;

import dev.firn.bench.meter.LatencyRecorder;
import dev.firn.bench.meter.Measurement;
import dev.firn.bench.meter.Meter;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.storage.Completion;
import dev.firn.nativeio.storage.CompletionHandler;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingFile;
import java.lang.foreign.MemorySegment;

/**
 * Appends one block after another, each a durable write; the next begins when it has completed. At the end of the file it
 * begins again at its start.
 *
 * <p>Owned by the ring's thread. Nothing is allocated after construction.
 */
final class RingAppendLoop implements CompletionHandler {
    private final Ring ring;
    private final RingFile file;
    private final long fileBytes;
    private final MemorySegment block;
    private final Clock clock;
    private final LatencyRecorder latency = new LatencyRecorder();
    private long fileOffset;

    /**
     * @param block borrowed while the loop runs: what is appended, registered with the ring.
     */
    RingAppendLoop(
            final Ring ring, final RingFile file, final long fileBytes, final MemorySegment block, final Clock clock) {
        this.ring = ring;
        this.file = file;
        this.fileBytes = fileBytes;
        this.block = block;
        this.clock = clock;
    }

    Measurement run(final long warmupNs, final long measureNs) {
        final Meter meter = new Meter(clock);
        runUntil(clock.nanoTime() + warmupNs);
        latency.reset();
        meter.start();
        runUntil(clock.nanoTime() + measureNs);
        meter.stop();
        return meter.measurement(latency.count(), latency, 0, ring.describe());
    }

    private void runUntil(final long deadlineNs) {
        long nowNs = clock.nanoTime();
        do {
            final long startedNs = nowNs;
            append();
            nowNs = clock.nanoTime();
            latency.record(nowNs - startedNs);
        } while (nowNs - deadlineNs < 0);
    }

    private void append() {
        if (fileOffset + block.byteSize() > fileBytes) {
            fileOffset = 0;
        }
        if (!ring.write(file, fileOffset, block, 0, Ring.DURABLE)) {
            throw new IllegalStateException("the ring refused an append with " + ring.inFlight() + " in flight");
        }
        fileOffset += block.byteSize();
        while (ring.inFlight() > 0) {
            ring.submitAndWait(1, Long.MAX_VALUE);
            ring.poll(this, 1);
        }
    }

    @Override
    public void onCompletion(final Completion completion) {
        if (completion.failed()) {
            throw completion.failure();
        }
        if (completion.result() != completion.requestedBytes()) {
            throw new IllegalStateException(completion.file().name() + " at offset " + completion.fileOffset()
                    + ": wrote " + completion.result() + " of " + completion.requestedBytes() + " bytes");
        }
    }
}
