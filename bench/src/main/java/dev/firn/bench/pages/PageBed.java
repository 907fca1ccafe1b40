package dev.firn.bench.pages;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nvmecache.BlockCache;
import dev.firn.nvmecache.CacheConfig;
import dev.firn.nvmecache.ObjectId;
import dev.firn.nvmecache.reader.CachedReader;
import dev.firn.nvmecache.reader.ReaderLimits;
import dev.firn.pagestore.layer.LayerKind;
import dev.firn.pagestore.memory.MemoryTableConfig;
import dev.firn.pagestore.service.ReadHandler;
import dev.firn.pagestore.service.ReadRefusal;
import dev.firn.pagestore.timeline.ObjectReads;
import dev.firn.pagestore.timeline.Shard;
import dev.firn.pagestore.timeline.ShardConfig;
import dev.firn.pagestore.timeline.ShardContext;
import dev.firn.pagestore.timeline.TimelineSpec;
import dev.firn.pagestore.timeline.TimelineState;
import dev.firn.pagestore.upkeep.Housekeeper;
import dev.firn.pagestore.upkeep.UpkeepConfig;
import dev.firn.pagestore.upkeep.UpkeepLink;
import dev.firn.s3tier.location.ObjectStores;
import dev.firn.s3tier.location.StoreLocation;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.StoreSession;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * A shard with its housekeeper, its block cache and an object store in a directory, on the thread that made it. One timeline, whose log is
 * {@link GeneratedPages}, all of it ingested.
 */
final class PageBed implements AutoCloseable {
    static final long TIMELINE_ID = 1;

    private static final long MOST_TABLE_BYTES = MemoryTableConfig.DEFAULT_BYTES;

    private static final long OTHER_BYTES = 512L << 20;
    private static final int FEED_BYTES = 64 << 10;
    private static final long LIMIT_NS = 300_000_000_000L;
    private static final String CACHE_FILE = "cache/blocks";
    private static final MemoryTag TAG = MemoryTag.of("bench-pages");
    private static final CallOptions CALLS = CallOptions.DEFAULT;

    private final Deque<AutoCloseable> closing = new ArrayDeque<>();
    private final GeneratedPages pages;
    private final OffHeapMemory memory;
    private final BlockCache cache;
    private final ObjectReads objects;
    private final Shard shard;
    private final Housekeeper housekeeper;
    private final TimelineSpec spec;
    private final int timeline;
    private long branches;

    /**
     * What a bed is like.
     *
     * @param cachePages of the page cache: 1 for reads that never find what was read before.
     * @param cacheBytes of the block cache's file.
     * @param tableBytes of a memory table.
     */
    record Shape(GeneratedPages pages, int cachePages, long cacheBytes, long tableBytes, UpkeepConfig upkeep) {
        /** All of the log in one memory table, where it has the room; images are made of everything at once. */
        Shape(final GeneratedPages pages, final int cachePages, final long cacheBytes) {
            this(
                    pages,
                    cachePages,
                    cacheBytes,
                    Math.min(
                            MOST_TABLE_BYTES,
                            Math.max(MemoryTableConfig.MIN_BYTES * 4, pages.blocks() * 9_000L + pages.records() * 200)),
                    eager());
        }
    }

    /**
     * All of the log is ingested then.
     *
     * @param directory there, and empty.
     */
    PageBed(final Path directory, final Shape shape) throws IOException {
        this(directory, shape, true);
    }

    /** One whose log its owner feeds, and whose memory is resident from the start, so that what grows is seen. */
    static PageBed toBeFed(final Path directory, final Shape shape) throws IOException {
        return new PageBed(directory, shape, false);
    }

    private PageBed(final Path directory, final Shape shape, final boolean ingested) throws IOException {
        this.pages = shape.pages();
        final RandomGenerator random = SystemRandom.secure();
        final long tableBytes = shape.tableBytes();
        final CacheConfig cacheConfig = CacheConfig.of(CACHE_FILE, new ObjectId(1, 1), shape.cacheBytes());
        memory = closing(OffHeapMemory.open(OffHeapConfig.of(
                        "bench-pages",
                        3 * tableBytes
                                + shape.cachePages() * OffHeapMemory.slotBytes(9_000)
                                + BlockCache.memoryBytes(cacheConfig)
                                + OTHER_BYTES)
                .withChecked(false)
                .withPrefault(!ingested)));
        final ObjectStore store = closing(ObjectStores.open(
                StoreLocation.parse(Files.createDirectories(directory.resolve("objects"))
                        .toUri()
                        .toString()),
                StoreLimits.DEFAULT,
                SystemClock.INSTANCE,
                random));
        final HostStorage storage = closing(new HostStorage(directory));
        final StoreSession session = store.openSession();
        cache = BlockCache.open(storage, cacheConfig, memory, SystemClock.INSTANCE, random);
        objects = ObjectReads.cached(new CachedReader(cache, session, ReaderLimits.DEFAULT, memory));
        final UpkeepLink link = new UpkeepLink();
        final ShardConfig usual = ShardConfig.DEFAULT;
        shard = new Shard(new ShardContext(
                new ShardConfig(
                        usual.reads(),
                        shape.cachePages(),
                        usual.indexBytes(),
                        usual.indexLoads(),
                        new MemoryTableConfig(tableBytes),
                        usual.frozenTables(),
                        Long.MAX_VALUE,
                        // No images of its own: how many deltas a read meets is what is asked for.
                        1 << 16,
                        usual.imageReads(),
                        usual.debtBytes()),
                SystemClock.INSTANCE,
                memory,
                store,
                session,
                CALLS,
                objects,
                link,
                (spec, ofShard, maxDeltas) -> new GeneratedInput(pages)));
        housekeeper = new Housekeeper(link, shape.upkeep(), SystemClock.INSTANCE, random, memory, store);
        // In this order at the end: nobody writes into memory that was given back.
        closing(shard);
        closing(cache);
        closing(session);
        closing(housekeeper::onClose);
        spec = new TimelineSpec(
                "bench", TIMELINE_ID, GeneratedPages.VERSION, 1, 16 << 20, GeneratedPages.base(), "backup", "", 0);
        timeline = shard.open(spec);
        await(() -> shard.state(timeline) == TimelineState.LIVE, "the timeline is open");
        if (ingested) {
            ingest();
        }
    }

    /** As usual, but images are made of everything at once. */
    private static UpkeepConfig eager() {
        final UpkeepConfig usual = UpkeepConfig.DEFAULT;
        return new UpkeepConfig(
                usual.layers(),
                usual.shape(),
                usual.calls(),
                usual.mergeRuns(),
                usual.growth(),
                1,
                1,
                usual.imageReads(),
                usual.imageLayers(),
                usual.maxDeltas(),
                usual.maxRuns(),
                usual.historyNs(),
                usual.scanBytes(),
                usual.heldBytes(),
                usual.stepsACycle(),
                usual.retryNs(),
                usual.sweepNs());
    }

    private <T extends AutoCloseable> T closing(final T resource) {
        closing.push(resource);
        return resource;
    }

    private void ingest() {
        final MemorySegment wal = memory.allocate(FEED_BYTES, TAG);
        await(
                () -> {
                    final long from = shard.neededLsn(timeline);
                    final long left = Math.min(FEED_BYTES, pages.endLsn() - from);
                    if (left > 0) {
                        shard.feed(timeline, from, wal, 0, (int) left);
                    }
                    return shard.appliedLsn(timeline) == pages.endLsn();
                },
                "the log is ingested");
        memory.free(wal);
    }

    /** Has all of it made into layers, and images of those: from then on nothing is in memory tables. */
    void flush() {
        shard.flush(timeline);
        await(
                () -> shard.uploadedLsn(timeline) == pages.endLsn() && hasImages() && housekeeper.isIdle(),
                "all is in image layers");
    }

    private boolean hasImages() {
        return shard.manifest(timeline).layers().stream().anyMatch(layer -> layer.kind() == LayerKind.IMAGE);
    }

    private void await(final BooleanSupplier condition, final String what) {
        final long deadlineNs = SystemClock.INSTANCE.nanoTime() + LIMIT_NS;
        while (!condition.getAsBoolean()) {
            work();
            housekeeper.doWork();
            if (SystemClock.INSTANCE.nanoTime() - deadlineNs > 0) {
                throw new IllegalStateException("it did not come about that " + what + ": " + shard.state(timeline)
                        + " " + shard.message(timeline));
            }
        }
    }

    /** Makes a branch at the newest LSN, reads a page of it, and deletes it; how long it took until it had the page. */
    long branch() {
        branches++;
        final String name = "branch-" + branches;
        final int[] pagesRead = {0};
        final ReadHandler handler = new ReadHandler() {
            @Override
            public boolean onRead(final long token, final MemorySegment bytes, final long offset, final int length) {
                pagesRead[0]++;
                return true;
            }

            @Override
            public boolean onRefused(final long token, final ReadRefusal refusal, final String sentence) {
                throw new IllegalStateException(refusal + ": " + sentence);
            }
        };
        final long startNs = SystemClock.INSTANCE.nanoTime();
        final int branch = shard.open(TimelineSpec.branch(spec, name, TIMELINE_ID + branches, pages.endLsn()));
        await(() -> shard.state(branch) == TimelineState.LIVE, "the branch is open");
        shard.read(0, branch, GeneratedPages.HIGH, GeneratedPages.MIDDLE, GeneratedPages.low(0), pages.endLsn());
        await(() -> shard.poll(handler, 1) > 0 && pagesRead[0] > 0, "a page of the branch is read");
        final long tookNs = SystemClock.INSTANCE.nanoTime() - startNs;
        shard.letGo(timeline, Shard.holderOf(name));
        shard.close(branch);
        // Its LSN is let go of in the parent's manifest: the next branch is not to wait for that.
        await(() -> shard.isReleased(branch) && housekeeper.isIdle(), "the branch is gone");
        return tookNs;
    }

    /** A duty cycle of the shard; the housekeeper rests, as nothing is left for it. */
    int work() {
        return shard.doWork();
    }

    /** A duty cycle of both. */
    int workWithUpkeep() {
        return shard.doWork() + housekeeper.doWork();
    }

    /** Waits until a block that was asked for is there. */
    void awaitBlocks(final long timeoutNs) {
        cache.awaitCompletions(timeoutNs);
    }

    /** Has the cache write what it holds. */
    void settleCache() {
        cache.flush();
    }

    Shard shard() {
        return shard;
    }

    int timeline() {
        return timeline;
    }

    GeneratedPages pages() {
        return pages;
    }

    BlockCache cache() {
        return cache;
    }

    OffHeapMemory memory() {
        return memory;
    }

    @Override
    public void close() {
        RuntimeException failure = null;
        while (!closing.isEmpty()) {
            try {
                closing.pop().close();
            } catch (final Exception e) {
                failure = failure == null
                        ? new IllegalStateException("the bed does not close: " + e.getMessage(), e)
                        : failure;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
