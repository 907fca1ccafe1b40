package dev.firn.bench.storage;

import com.sun.management.ThreadMXBean;
import com.sun.nio.file.ExtendedOpenOption;
import dev.firn.bench.meter.LatencyRecorder;
import dev.firn.bench.meter.Measurement;
import dev.firn.bench.meter.Meter;
import dev.firn.bench.meter.XorShift;
import dev.firn.nativeio.seam.Clock;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The plain Java way to keep reads in flight: as many threads as reads, each with direct positional reads on one shared
 * {@link FileChannel}.
 */
final class ChannelReadLoop {
    private static final String BACKEND = "FileChannel, O_DIRECT, one thread a read";

    private final Path path;
    private final long blocks;
    private final int threadCount;
    private final long seed;
    private final Clock clock;
    private final CountDownLatch ended;
    private volatile Phase phase = Phase.WARM_UP;
    private volatile Exception failure;

    private enum Phase {
        WARM_UP,
        MEASURED,
        STOPPED
    }

    ChannelReadLoop(final Path path, final long blocks, final int threadCount, final long seed, final Clock clock) {
        this.path = path;
        this.blocks = blocks;
        this.threadCount = threadCount;
        this.seed = seed;
        this.clock = clock;
        this.ended = new CountDownLatch(threadCount);
    }

    Measurement run(final long warmupNs, final long measureNs) throws IOException, InterruptedException {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ, ExtendedOpenOption.DIRECT)) {
            final List<Reader> readers = new ArrayList<>();
            for (int i = 0; i < threadCount; i++) {
                readers.add(new Reader(channel, new XorShift(seed * threadCount + i + 1)));
            }
            final Meter meter = new Meter(clock);
            readers.forEach(reader -> new Thread(reader, "channel-reader").start());
            try {
                // Ends early only when every reader has failed.
                ended.await(warmupNs, TimeUnit.NANOSECONDS);
                meter.start();
                phase = Phase.MEASURED;
                ended.await(measureNs, TimeUnit.NANOSECONDS);
            } finally {
                phase = Phase.STOPPED;
            }
            meter.stop();
            ended.await();
            if (failure != null) {
                throw new IOException("reading " + path + " failed: " + failure.getMessage(), failure);
            }
            final LatencyRecorder latency = new LatencyRecorder();
            long allocatedBytes = 0;
            for (final Reader reader : readers) {
                latency.add(reader.latency);
                allocatedBytes += reader.allocatedBytes;
            }
            return meter.measurement(latency.count(), latency, allocatedBytes, BACKEND);
        }
    }

    /** One thread's reads. Its fields are read by the owner after {@link #ended}. */
    private final class Reader implements Runnable {
        private final FileChannel channel;
        private final XorShift random;
        private final LatencyRecorder latency = new LatencyRecorder();
        private long allocatedBytes;

        Reader(final FileChannel channel, final XorShift random) {
            this.channel = channel;
            this.random = random;
        }

        @Override
        public void run() {
            try {
                final ByteBuffer buffer =
                        ByteBuffer.allocateDirect(2 * DataFile.BLOCK_BYTES).alignedSlice(DataFile.BLOCK_BYTES);
                while (phase == Phase.WARM_UP) {
                    read(buffer);
                }
                final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
                final long before = threads.getCurrentThreadAllocatedBytes();
                long startedNs = clock.nanoTime();
                while (phase == Phase.MEASURED) {
                    read(buffer);
                    final long nowNs = clock.nanoTime();
                    latency.record(nowNs - startedNs);
                    startedNs = nowNs;
                }
                allocatedBytes = threads.getCurrentThreadAllocatedBytes() - before;
            } catch (final IOException | RuntimeException e) {
                failure = e;
            } finally {
                ended.countDown();
            }
        }

        private void read(final ByteBuffer buffer) throws IOException {
            buffer.clear().limit(DataFile.BLOCK_BYTES);
            final int count = channel.read(buffer, random.nextBelow(blocks) * DataFile.BLOCK_BYTES);
            if (count != DataFile.BLOCK_BYTES) {
                throw new IOException("read " + count + " bytes of a block");
            }
        }
    }
}
