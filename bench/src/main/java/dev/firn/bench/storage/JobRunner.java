package dev.firn.bench.storage;

import dev.firn.bench.meter.Measurement;
import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingConfig;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** Carries out jobs, one at a time, in the calling thread. Each opens what it needs and gives it back. */
final class JobRunner {
    // A write and its sync in flight, and as much room again.
    private static final int APPEND_RING_CAPACITY = 4;

    private final Clock clock;

    JobRunner(final Clock clock) {
        this.clock = clock;
    }

    Measurement run(final Job job) throws IOException, InterruptedException {
        return switch (job) {
            case Job.RingRead read -> ringRead(read);
            case Job.RingAppend append -> ringAppend(append);
            case Job.ChannelRead read -> channelRead(read);
        };
    }

    private Measurement ringRead(final Job.RingRead job) {
        try (Arena arena = Arena.ofConfined();
                Storage storage = new HostStorage(Path.of(job.directory()));
                StorageFile file = storage.openForRead(job.file(), Access.DIRECT);
                Ring ring = storage.openRing(RingConfig.ofCapacity(job.depth()))) {
            requireDirect(file);
            final MemorySegment region =
                    arena.allocate((long) job.depth() * DataFile.BLOCK_BYTES, DataFile.BLOCK_BYTES);
            ring.registerBuffers(region);
            return new RingReadLoop(
                            ring,
                            ring.attach(file),
                            file.lengthBytes() / DataFile.BLOCK_BYTES,
                            region,
                            job.depth(),
                            job.seed(),
                            clock)
                    .run(job.warmupNs(), job.measureNs());
        }
    }

    private Measurement ringAppend(final Job.RingAppend job) {
        try (Arena arena = Arena.ofConfined();
                Storage storage = new HostStorage(Path.of(job.directory()));
                StorageFile file = storage.open(job.file(), Access.DIRECT);
                Ring ring = storage.openRing(RingConfig.ofCapacity(APPEND_RING_CAPACITY))) {
            requireDirect(file);
            final MemorySegment block = arena.allocate(job.blockBytes(), DataFile.BLOCK_BYTES);
            block.fill((byte) job.blockBytes());
            ring.registerBuffers(block);
            return new RingAppendLoop(ring, ring.attach(file), file.lengthBytes(), block, clock)
                    .run(job.warmupNs(), job.measureNs());
        }
    }

    private Measurement channelRead(final Job.ChannelRead job) throws IOException, InterruptedException {
        final Path path = Path.of(job.directory()).resolve(job.file());
        final long blocks = Files.size(path) / DataFile.BLOCK_BYTES;
        return new ChannelReadLoop(path, blocks, job.depth(), job.seed(), clock).run(job.warmupNs(), job.measureNs());
    }

    /** Through the page cache, both sides would measure memory. */
    private static void requireDirect(final StorageFile file) {
        if (!file.direct()) {
            throw new IllegalStateException(file.name()
                    + " cannot be opened for direct I/O: its file system refuses; choose a work directory on another");
        }
    }
}
