package dev.firn.server.storage;

import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.storage.Completion;
import dev.firn.nativeio.storage.CompletionHandler;
import dev.firn.nativeio.storage.Errno;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingFile;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/** Writes a block, makes it durable and reads it back, over a ring of its own. Belongs to the thread of the ring. */
final class StorageProbe implements CompletionHandler {
    private static final long WAIT_SLICE_NS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long WRITE = 1;
    private static final long FLUSH = 2;
    private static final long READ = 3;

    private final Ring ring;
    private final RingFile file;
    private final MemorySegment written;
    private final MemorySegment read;
    private final Clock clock;
    private final int slots;
    private RuntimeException failure;

    /**
     * @param written borrowed until the ring is closed, aligned as the file asks.
     * @param read likewise, as long as {@code written}.
     * @param slots how many blocks the file holds: probes go round them.
     */
    StorageProbe(
            final Ring ring,
            final RingFile file,
            final MemorySegment written,
            final MemorySegment read,
            final int slots,
            final Clock clock) {
        this.ring = ring;
        this.file = file;
        this.written = written;
        this.read = read;
        this.slots = slots;
        this.clock = clock;
    }

    /**
     * One probe; returns how long write and flush took together.
     *
     * @throws RuntimeException when the disk refused, or gave back something else.
     */
    long run(final long sequence) {
        failure = null;
        final long fileOffset = sequence % slots * written.byteSize();
        ProbeBlock.fill(written, sequence, clock.epochNs());
        final long begunNs = clock.nanoTime();
        accepted(ring.write(file, fileOffset, written, WRITE, Ring.LINK));
        accepted(ring.dataSync(file, FLUSH, 0));
        complete();
        final long durationNs = clock.nanoTime() - begunNs;

        accepted(ring.read(file, fileOffset, read, READ, 0));
        complete();
        final String defect = ProbeBlock.defectOf(read, sequence);
        if (defect != null) {
            throw new ProbeException("READ " + file.name() + " at offset " + fileOffset + ": " + defect);
        }
        return durationNs;
    }

    /** Waits as long as the disk takes: how long that is, is seen from outside. */
    private void complete() {
        while (ring.inFlight() > 0) {
            if (Thread.currentThread().isInterrupted()) {
                throw new ProbeException("stopped while the disk had not answered yet");
            }
            ring.submitAndWait(1, WAIT_SLICE_NS);
            ring.poll(this, ring.capacity());
        }
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public void onCompletion(final Completion completion) {
        if (failure != null) {
            return;
        }
        if (completion.failed()) {
            // The rest of a broken chain is only cancelled: the first cause is what counts.
            if (completion.errno() != Errno.ECANCELED) {
                failure = completion.failure();
            }
        } else if (completion.result() < completion.requestedBytes()) {
            failure = new ProbeException(completion.kind() + " " + file.name() + " at offset " + completion.fileOffset()
                    + " moved " + completion.result() + " of " + completion.requestedBytes() + " bytes");
        }
    }

    private static void accepted(final boolean accepted) {
        if (!accepted) {
            throw new IllegalStateException("a ring with nothing in flight refused an operation");
        }
    }
}
