package dev.firn.server.pages;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.storage.DirectoryLockedException;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.wakeup.WaitSet;
import dev.firn.nvmecache.BlockCache;
import dev.firn.nvmecache.CacheConfig;
import dev.firn.nvmecache.CacheCounters;
import dev.firn.nvmecache.CacheRefusedException;
import dev.firn.nvmecache.CacheState;
import dev.firn.nvmecache.ObjectId;
import dev.firn.nvmecache.reader.CachedReader;
import dev.firn.nvmecache.reader.ReaderCounters;
import dev.firn.nvmecache.reader.ReaderLimits;
import dev.firn.pagestore.timeline.ObjectReads;
import dev.firn.pagestore.timeline.StoreReads;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.server.quorum.StatusJson;
import java.io.IOException;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A page server's block cache: a file below its directory, which outlives it. Layers and base backups are read through it; without
 * it, from the object store alone, and {@link #trouble} says why.
 *
 * <p>Opened, used and closed by the page server's agent; {@link #document} is for any thread.
 */
final class LayerCache implements AutoCloseable {
    /** Below the role's directory; the file has a folder, and so a lock, of its own. */
    static final String FILE = "cache/blocks";

    private static final String FOLDER = "cache";
    private static final Logger LOG = LoggerFactory.getLogger("page-server");

    private final Storage storage;

    /** Null without a cache; so is the reader. */
    private final BlockCache cache;

    private final CachedReader reader;
    private final ObjectReads reads;
    private final WaitSet waits;
    private final String whyNone;

    private LayerCache(
            final Storage storage,
            final BlockCache cache,
            final CachedReader reader,
            final ObjectReads reads,
            final WaitSet waits,
            final String whyNone) {
        this.storage = storage;
        this.cache = cache;
        this.reader = reader;
        this.reads = reads;
        this.waits = waits;
        this.whyNone = whyNone;
    }

    /**
     * Opens the cache, or makes it. A cache that can't be had makes reads slower, and nothing else.
     *
     * @param setup where it is, and how large.
     * @param session borrowed; polled by the reads.
     * @param waits woken by what comes from the cache's device; null for a thread that looks from time to time.
     */
    static LayerCache open(
            final PageServerSetup setup,
            final StoreSession session,
            final CallOptions options,
            final OffHeapMemory memory,
            final Clock clock,
            final RandomGenerator random,
            final WaitSet waits) {
        if (setup.cacheBytes() == 0) {
            return none(session, options, "");
        }
        final Storage storage = setup.opener().open(setup.directory());
        try {
            storage.createDirectories(FOLDER);
            final long size = CacheRoom.sizeBytes(setup.cacheBytes(), setup.directory(), FILE);
            if (size == 0) {
                storage.close();
                return none(session, options, "its disk has too little room for a block cache");
            }
            final BlockCache cache = BlockCache.open(
                    storage,
                    CacheConfig.of(FILE, ObjectId.of(setup.network().cluster(), ""), size),
                    memory,
                    clock,
                    random);
            if (waits != null) {
                cache.wakeBy(waits);
            }
            LOG.info("{}", cache.describe());
            final CachedReader reader = new CachedReader(cache, session, ReaderLimits.DEFAULT, memory);
            return new LayerCache(storage, cache, reader, ObjectReads.cached(reader), waits, "");
        } catch (final CacheRefusedException | DirectoryLockedException | IOException e) {
            storage.close();
            return none(session, options, "it goes on without its block cache: " + e.getMessage());
        }
    }

    private static LayerCache none(final StoreSession session, final CallOptions options, final String why) {
        if (!why.isEmpty()) {
            LOG.warn("the page server reads from the object store alone: {}", why);
        }
        return new LayerCache(null, null, null, new StoreReads(session, options), null, why);
    }

    /** How layers and base backups are read. */
    ObjectReads reads() {
        return reads;
    }

    /** Why there is no cache, or none any more, though there should be one; empty for nothing. Of the agent's thread. */
    String trouble() {
        return cache != null && cache.state() == CacheState.OFF
                ? "it goes on without its block cache: " + cache.reason()
                : whyNone;
    }

    /** What it holds and has done, with the keys of {@code status}; any thread may ask. */
    ObjectNode document() {
        final ObjectNode document = StatusJson.object();
        if (cache == null) {
            document.put("state", "none");
            return document;
        }
        final CacheCounters of = cache.counters();
        final ReaderCounters read = reader.counters();
        document.put("state", of.on.get() == 1 ? "on" : "off");
        document.put("sizeBytes", cache.config().sizeBytes());
        document.put("blockBytes", cache.config().blockBytes());
        document.put("blocks", of.blocks.get());
        final ObjectNode counters = document.putObject("counters");
        counters.put("hits", read.blocksFromCache.get());
        counters.put("misses", read.blocksFromStore.get());
        counters.put("readBytes", of.bytesRead.get());
        counters.put("fetches", read.fetches.get());
        counters.put("fetchesShared", read.fetchesShared.get());
        counters.put("fetchesFailed", read.fetchesFailed.get());
        counters.put("fetchedBytes", read.bytesFetched.get());
        counters.put("writtenBytes", of.bytesWritten.get());
        counters.put("mapBytesWritten", of.mapBytesWritten.get());
        counters.put("insertsDropped", dropped(of));
        counters.put("evictions", of.evictions.get());
        counters.put("recovered", of.recovered.get());
        counters.put("checksumFailures", of.checksumFailures.get());
        counters.put("deviceErrors", of.readErrors.get() + of.writeErrors.get() + of.syncErrors.get());
        return document;
    }

    private static long dropped(final CacheCounters of) {
        return of.insertsDroppedBusy.get() + of.insertsDroppedNoSlot.get() + of.insertsDroppedBudget.get();
    }

    /** Makes durable what it holds. After the session has been closed: what was on its way from the store has come. */
    @Override
    public void close() {
        if (cache != null) {
            if (waits != null) {
                cache.wakeNoMore(waits);
            }
            cache.close();
            storage.close();
        }
    }
}
