package dev.firn.bench.transfer;

import dev.firn.bench.meter.LatencyRecorder;
import dev.firn.bench.meter.XorShift;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The operations in flight of one job: for each its memory, which range it is at, when it began, how long the others took.
 *
 * <p>Memory is bounded: at most {@link #MOST_BUFFER_BYTES} of it is read into. Beyond, operations share buffers, which is right here
 * because they are whole objects with the same bytes in the same places. What is written comes from one buffer.
 *
 * <p>A slot belongs to whoever carries out its operation; two slots may be with two threads.
 */
public final class TransferSlots {
    static final long MOST_BUFFER_BYTES = 512L << 20;

    private static final int PAGE_BYTES = 4096;

    private final TransferJob job;
    private final MemorySegment[] memory;
    private final boolean shared;
    private final long[] objectOffset;
    private final long[] startedNs;
    private final LatencyRecorder[] latency;
    private final XorShift[] random;
    private boolean thorough;

    TransferSlots(final TransferJob job, final Arena arena) {
        this.job = job;
        final long affordable = Math.max(1, MOST_BUFFER_BYTES / job.transferBytes());
        final int buffers = switch (job.kind()) {
            case GET -> (int) Math.min(job.inFlight(), affordable);
            case PUT, CREATE -> 1;
        };
        shared = buffers < job.inFlight();
        final MemorySegment region = arena.allocate((long) buffers * job.transferBytes(), PAGE_BYTES);
        if (job.kind() != TransferJob.Kind.GET) {
            ObjectBytes.fill(region);
        }
        memory = new MemorySegment[job.inFlight()];
        objectOffset = new long[job.inFlight()];
        startedNs = new long[job.inFlight()];
        latency = new LatencyRecorder[job.inFlight()];
        random = new XorShift[job.inFlight()];
        for (int slot = 0; slot < job.inFlight(); slot++) {
            memory[slot] = region.asSlice((long) (slot % buffers) * job.transferBytes(), job.transferBytes());
            latency[slot] = new LatencyRecorder();
            random[slot] = new XorShift(job.seed() + slot);
        }
    }

    /**
     * Forgets what was recorded. Called while nothing is in flight.
     *
     * @param checkAll whether what is read from now on is checked to the last word, not only in samples.
     */
    void restart(final boolean checkAll) {
        thorough = checkAll;
        for (final LatencyRecorder recorder : latency) {
            recorder.reset();
        }
    }

    public int count() {
        return memory.length;
    }

    /** Begins the slot's next operation: chooses its range. */
    public void begin(final int slot, final long nowNs) {
        startedNs[slot] = nowNs;
        if (!job.wholeObject()) {
            objectOffset[slot] = random[slot].nextBelow(job.objectBytes() / job.transferBytes()) * job.transferBytes();
        }
    }

    public long objectOffset(final int slot) {
        return objectOffset[slot];
    }

    public MemorySegment memory(final int slot) {
        return memory[slot];
    }

    /** Ends the slot's operation: what was read is checked. */
    public void end(final int slot, final long lengthBytes, final long nowNs) {
        latency[slot].record(nowNs - startedNs[slot]);
        if (job.kind() != TransferJob.Kind.GET) {
            return;
        }
        if (lengthBytes != job.transferBytes()) {
            throw new IllegalStateException(
                    "read " + lengthBytes + " of " + job.transferBytes() + " bytes at offset " + objectOffset[slot]);
        }
        final long firstWrong = thorough
                ? ObjectBytes.firstWrongOfAll(memory[slot], objectOffset[slot])
                : ObjectBytes.firstWrong(memory[slot], objectOffset[slot], !shared);
        if (firstWrong >= 0) {
            throw new IllegalStateException("the object's bytes at offset " + firstWrong + " are wrong");
        }
    }

    LatencyRecorder latency() {
        final LatencyRecorder all = new LatencyRecorder();
        for (final LatencyRecorder one : latency) {
            all.add(one);
        }
        return all;
    }
}
