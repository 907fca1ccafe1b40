package dev.firn.server.storage;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageFile;
import dev.firn.server.role.Role;
import dev.firn.server.role.RoleHealth;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Answers for the data directory's disk. Its start proves on a new file that space can be had and that a block survives a
 * flush; from then on one such probe every few seconds tells how long a flush takes.
 *
 * <p>Its thread owns the ring. The fields below that are volatile are how start, health and stop see what it does.
 */
public final class StorageRole implements Role {
    public static final String NAME = "storage";
    static final String FILE_NAME = "storage.probe";

    /** Probes go round this many blocks, so that a flush has new ground to write and the file stays small. */
    private static final int SLOTS = 16;

    private static final int RING_CAPACITY = 4;
    private static final double NANOS_A_MILLISECOND = 1e6;

    private static final MemoryTag TAG = MemoryTag.of("storage-probe");

    private final Storage storage;
    private final OffHeapMemory memory;
    private final ProbeConfig config;
    private final Clock clock;
    private final ProbeListener listener;
    private final Thread thread;
    private final CountDownLatch decided = new CountDownLatch(1);
    private final CountDownLatch stopRequested = new CountDownLatch(1);
    private volatile RuntimeException failure;
    private volatile String path = "";
    private volatile long lastFlushNs;
    private volatile long probeBegunNs;
    private volatile boolean probing;

    /**
     * @param storage the data directory, borrowed until {@link #stop} has returned.
     * @param memory likewise; the role holds two blocks of it while it runs.
     */
    public StorageRole(
            final Storage storage,
            final OffHeapMemory memory,
            final ProbeConfig config,
            final Clock clock,
            final ProbeListener listener) {
        this.storage = storage;
        this.memory = memory;
        this.config = config;
        this.clock = clock;
        this.listener = listener;
        this.thread = new Thread(this::run, "firn-storage");
        this.thread.setDaemon(true);
    }

    @Override
    public void start() throws InterruptedException {
        thread.start();
        if (!decided.await(config.startLimit().toNanos(), TimeUnit.NANOSECONDS)) {
            throw new ProbeException("the first write and flush did not end within "
                    + config.startLimit().toSeconds() + " s");
        }
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public RoleHealth health() {
        final RuntimeException failed = failure;
        if (failed != null) {
            return RoleHealth.failed(String.valueOf(failed.getMessage()));
        }
        final long underWayNs = probing ? clock.nanoTime() - probeBegunNs : 0;
        if (underWayNs > config.stall().toNanos()) {
            return RoleHealth.stalled("a write and flush of 4 KiB has not ended after "
                    + config.stall().toSeconds() + " s");
        }
        if (lastFlushNs > config.slowFlush().toNanos()) {
            return RoleHealth.degraded("the last flush of 4 KiB took " + TimeUnit.NANOSECONDS.toMillis(lastFlushNs)
                    + " ms, over " + config.slowFlush().toMillis() + " ms");
        }
        return RoleHealth.healthy(
                String.format(Locale.ROOT, "flushes 4 KiB in %.2f ms, %s", lastFlushNs / NANOS_A_MILLISECOND, path));
    }

    @Override
    public void stop() {
        stopRequested.countDown();
        try {
            if (!thread.join(config.stopLimit())) {
                // The disk does not answer: leave the wait for it. Closing the ring may still take as long as the disk.
                thread.interrupt();
                thread.join(config.stopLimit());
            }
        } catch (final InterruptedException e) {
            thread.interrupt();
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (StorageFile file = newFile();
                Buffers buffers = new Buffers(memory, Math.max(ProbeBlock.LENGTH_BYTES, file.alignmentBytes()));
                Ring ring = storage.openRing(
                        RingConfig.ofCapacity(RING_CAPACITY).withMaxFiles(1).withBackend(config.backend()))) {
            ring.registerBuffers(buffers.both);
            final RingFile ringFile = ring.attach(file);
            final StorageProbe probe = new StorageProbe(ring, ringFile, buffers.written, buffers.read, SLOTS, clock);
            path = file.direct() ? "past the page cache" : "through the page cache";
            listener.onOpen(ring.describe(), file.direct());
            probeUntilStopped(probe);
        } catch (final InterruptedException e) {
            failure = new ProbeException("interrupted");
        } catch (final RuntimeException e) {
            listener.onFailure();
            failure = e;
        } finally {
            decided.countDown();
        }
    }

    private void probeUntilStopped(final StorageProbe probe) throws InterruptedException {
        long sequence = 0;
        do {
            probeBegunNs = clock.nanoTime();
            probing = true;
            lastFlushNs = probe.run(sequence++);
            probing = false;
            listener.onFlush(lastFlushNs);
            decided.countDown();
        } while (!stopRequested.await(config.interval().toNanos(), TimeUnit.NANOSECONDS));
    }

    /** A new file at every start: only a new one shows that the disk still has room. */
    private StorageFile newFile() {
        if (storage.exists(FILE_NAME)) {
            storage.delete(FILE_NAME);
        }
        return storage.createDurably(FILE_NAME, Access.DIRECT, (long) SLOTS * ProbeBlock.LENGTH_BYTES);
    }

    /** The two blocks; closed after the ring that borrows them. */
    private static final class Buffers implements AutoCloseable {
        private final OffHeapMemory memory;
        private final MemorySegment both;
        private final MemorySegment written;
        private final MemorySegment read;

        Buffers(final OffHeapMemory memory, final int blockBytes) {
            this.memory = memory;
            both = memory.allocate(2L * blockBytes, TAG);
            both.fill((byte) 0);
            written = both.asSlice(0, blockBytes);
            read = both.asSlice(blockBytes, blockBytes);
        }

        @Override
        public void close() {
            memory.free(both);
        }
    }
}
