package dev.firn.bench.ingest;

import com.sun.management.ThreadMXBean;
import dev.firn.bench.corpus.Corpus;
import dev.firn.bench.harness.RunResources;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.pagestore.memory.MemoryTableConfig;
import dev.firn.pagestore.timeline.Shard;
import dev.firn.pagestore.timeline.ShardConfig;
import dev.firn.pagestore.timeline.ShardContext;
import dev.firn.pagestore.timeline.StoreReads;
import dev.firn.pagestore.timeline.TimelineSpec;
import dev.firn.pagestore.timeline.TimelineState;
import dev.firn.pagestore.upkeep.Housekeeper;
import dev.firn.pagestore.upkeep.UpkeepConfig;
import dev.firn.pagestore.upkeep.UpkeepLink;
import dev.firn.postgres.file.ControlFile;
import dev.firn.postgres.wal.WalSegments;
import dev.firn.s3tier.location.ObjectStores;
import dev.firn.s3tier.location.StoreLocation;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.StoreSession;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.IdleStrategy;

/**
 * A page store that takes a corpus' log over its base, from the first record to the last, then makes layers of what is left and merges what is to be
 * merged. The log is read from its files as stock's recovery does; layers go to an object store in a directory, with its syncs.
 */
final class IngestRun implements AutoCloseable {
    private static final int FEED_BYTES = 1 << 20;
    private static final int FIRST_TIMELINE = 1;
    private static final int CACHE_PAGES = 1_024;

    /** Memory tables that wait to become layers, the one that is filled, and the one that comes back. */
    private static final int TABLES = 5;

    private static final long OTHER_BYTES = 640L << 20;
    private static final long LIMIT_NS = 300_000_000_000L;
    private static final MemoryTag TAG = MemoryTag.of("bench-ingest");

    private final Clock clock = SystemClock.INSTANCE;
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final IdleStrategy idle = new BackoffIdleStrategy();
    private final Deque<AutoCloseable> closing = new ArrayDeque<>();
    private final Corpus corpus;
    private final OffHeapMemory memory;
    private final ObjectStore store;
    private final Shard shard;
    private final UpkeepAgent housekeeper;
    private final MemorySegment room;
    private final ByteBuffer roomBytes;
    private final int timeline;
    private FileChannel segment;
    private long segmentNumber = -1;
    private long heldBytes;

    private IngestRun(final IngestJob job) throws IOException {
        this.corpus = job.corpus();
        final MemoryTableConfig table = new MemoryTableConfig(job.tableBytes());
        memory = closing(
                OffHeapMemory.open(OffHeapConfig.of("bench-ingest", TABLES * 2 * table.totalBytes() + OTHER_BYTES)));
        room = memory.allocate(FEED_BYTES, TAG);
        closing(() -> memory.free(room));
        roomBytes = room.asByteBuffer();
        store = closing(ObjectStores.open(
                StoreLocation.parse(Files.createDirectories(Path.of(job.directory()))
                        .toUri()
                        .toString()),
                StoreLimits.DEFAULT,
                clock,
                SystemRandom.secure()));
        final StoreSession session = store.openSession();
        final UpkeepLink link = new UpkeepLink();
        final Thread feeder = Thread.currentThread();
        link.wakeShardBy(() -> LockSupport.unpark(feeder));
        final ShardConfig usual = ShardConfig.DEFAULT;
        shard = closing(new Shard(new ShardContext(
                new ShardConfig(
                        usual.reads(),
                        CACHE_PAGES,
                        usual.indexBytes(),
                        usual.indexLoads(),
                        table,
                        usual.frozenTables(),
                        usual.tableAgeNs(),
                        usual.maxDeltas(),
                        usual.imageReads(),
                        usual.debtBytes()),
                clock,
                memory,
                store,
                session,
                CallOptions.DEFAULT,
                new StoreReads(session, CallOptions.DEFAULT),
                link,
                ShardContext.Inputs.POSTGRES)));
        closing(session);
        housekeeper = new UpkeepAgent(
                () -> new Housekeeper(link, UpkeepConfig.DEFAULT, clock, SystemRandom.secure(), memory, store));
        final AgentRunner runner = new AgentRunner(new BackoffIdleStrategy(), housekeeper::failed, null, housekeeper);
        AgentRunner.startOnThread(runner);
        closing(runner);
        timeline = shard.open(new TimelineSpec(
                "bench",
                1,
                corpus.version(),
                systemIdentifier(),
                corpus.segmentBytes(),
                new CorpusBase(corpus),
                "backup",
                "",
                0));
        await(() -> shard.state(timeline) == TimelineState.LIVE, "the base is imported");
    }

    /** Of the cluster that wrote the log: its pages name it. */
    private long systemIdentifier() throws IOException {
        final byte[] control = Files.readAllBytes(corpus.base().resolve(ControlFile.PATH));
        return new ControlFile().wrap(MemorySegment.ofArray(control), 0).systemIdentifier();
    }

    private <T extends AutoCloseable> T closing(final T resource) {
        closing.push(resource);
        return resource;
    }

    static IngestMeasurement carryOut(final IngestJob job) throws IOException {
        RunResources.delete(Path.of(job.directory()));
        try (IngestRun run = new IngestRun(job)) {
            return run.run();
        } finally {
            RunResources.delete(Path.of(job.directory()));
        }
    }

    private IngestMeasurement run() throws IOException {
        // The base's own state is in a table as well: what it comes to is not the log's.
        final long storedBefore = store.counters().bytesSent();
        final long allocated = threads.getCurrentThreadAllocatedBytes();
        final long cpuNs = threads.getCurrentThreadCpuTime();
        final long startNs = clock.nanoTime();
        while (shard.appliedLsn(timeline) < corpus.endLsn()) {
            turn(feed());
            if (clock.nanoTime() - startNs > LIMIT_NS || shard.state(timeline) != TimelineState.LIVE) {
                throw new IllegalStateException(
                        "the log is not ingested: " + shard.state(timeline) + " " + shard.message(timeline));
            }
        }
        final long appliedNs = clock.nanoTime();
        final long ingestCpuNs = threads.getCurrentThreadCpuTime() - cpuNs;
        final long ingestAllocated = threads.getCurrentThreadAllocatedBytes() - allocated;
        shard.flush(timeline);
        await(
                () -> shard.uploadedLsn(timeline) >= corpus.endLsn() && housekeeper.isIdle(),
                "all is in layers, and those are merged");
        return new IngestMeasurement(
                corpus.walBytes(),
                appliedNs - startNs,
                clock.nanoTime() - appliedNs,
                store.counters().bytesSent() - storedBefore,
                ingestCpuNs,
                ingestAllocated,
                heldBytes);
    }

    /** Gives the shard the log from where it wants it on; returns how many bytes it took. */
    private int feed() throws IOException {
        final long from = shard.neededLsn(timeline);
        if (from >= corpus.endLsn()) {
            return 0;
        }
        final int segmentBytes = corpus.segmentBytes();
        final long number = WalSegments.number(from, segmentBytes);
        if (number != segmentNumber) {
            closeSegment();
            segment =
                    FileChannel.open(corpus.wal().resolve(WalSegments.fileName(FIRST_TIMELINE, number, segmentBytes)));
            segmentNumber = number;
        }
        final long at = from - number * segmentBytes;
        roomBytes.clear().limit((int) Math.min(FEED_BYTES, Math.min(segmentBytes - at, corpus.endLsn() - from)));
        while (roomBytes.hasRemaining()) {
            if (segment.read(roomBytes, at + roomBytes.position()) < 0) {
                throw new IOException("a segment of " + corpus.wal() + " is too short");
            }
        }
        return shard.feed(timeline, from, room, 0, roomBytes.limit());
    }

    private void turn(final int done) {
        heldBytes = Math.max(heldBytes, memory.usage().heldBytes());
        housekeeper.requireSound();
        idle.idle(done + shard.doWork());
    }

    private void await(final BooleanSupplier condition, final String what) {
        final long deadlineNs = clock.nanoTime() + LIMIT_NS;
        while (!condition.getAsBoolean()) {
            turn(0);
            if (clock.nanoTime() - deadlineNs > 0) {
                throw new IllegalStateException("it did not come about that " + what + ": " + shard.state(timeline)
                        + " " + shard.message(timeline));
            }
        }
    }

    private void closeSegment() throws IOException {
        if (segment != null) {
            segment.close();
            segment = null;
        }
    }

    @Override
    public void close() throws IOException {
        closeSegment();
        IOException failure = null;
        while (!closing.isEmpty()) {
            try {
                closing.pop().close();
            } catch (final Exception e) {
                failure = failure == null
                        ? new IOException("the page store does not close: " + e.getMessage(), e)
                        : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
