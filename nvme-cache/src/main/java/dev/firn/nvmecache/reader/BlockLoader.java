package dev.firn.nvmecache.reader;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nvmecache.BlockCache;
import dev.firn.nvmecache.reader.BlockFetch.BlockRef;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.StoreSession;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/**
 * Fetches blocks from the store, each once for all who wait; gives them to the cache and to those who wait.
 *
 * <p>What is fetched is given to those who wait even when the cache does not take it. This is the slow path, a request to a
 * store: it makes objects.
 */
final class BlockLoader {
    private static final MemoryTag TAG = MemoryTag.of("cached-reader-fetch");

    /** Hears that a part has its bytes, or why not. */
    @FunctionalInterface
    interface PartHandler {
        /** @param failure null when the bytes are there. */
        void onPart(BlockPart part, GetOutcome failure);
    }

    private final BlockCache cache;
    private final StoreSession session;
    private final ReaderLimits limits;
    private final CallOptions options;
    private final OffHeapMemory memory;
    private final ReaderCounters counters;
    private final PartHandler handler;
    private final int blockBytes;
    private final Map<BlockRef, BlockFetch> inFlight = new HashMap<>();
    private int fetches;

    BlockLoader(
            final BlockCache cache,
            final StoreSession session,
            final ReaderLimits limits,
            final OffHeapMemory memory,
            final ReaderCounters counters,
            final PartHandler handler) {
        this.cache = cache;
        this.session = session;
        this.limits = limits;
        this.options = new CallOptions(limits.fetchTimeoutNs());
        this.memory = memory;
        this.counters = counters;
        this.handler = handler;
        this.blockBytes = cache.config().blockBytes();
    }

    /** Lets a part wait for its block, and has that fetched unless it is on its way. False when a limit is reached. */
    boolean load(final BlockPart part) {
        final BlockFetch shared = inFlight.get(new BlockRef(part.object.id(), part.block));
        if (shared != null) {
            ReaderCounters.add(counters.fetchesShared, 1);
            ReaderCounters.add(counters.blocksFromStore, 1);
            shared.await(part);
            return true;
        }
        final BlockFetch fetch = begin(part.object, part.block, 1);
        if (fetch == null) {
            return false;
        }
        ReaderCounters.add(counters.blocksFromStore, 1);
        fetch.await(part);
        return true;
    }

    /** Has those of a row of blocks fetched that are neither in the cache nor on their way, as far as limits allow. */
    void prefetch(final CachedObject object, final int firstBlock, final int endBlock) {
        int start = firstBlock;
        while (start < endBlock) {
            if (isHereOrComing(object, start)) {
                start++;
                continue;
            }
            int end = start + 1;
            while (end < endBlock && end - start < limits.blocksPerFetch() && !isHereOrComing(object, end)) {
                end++;
            }
            if (begin(object, start, end - start) == null) {
                return;
            }
            ReaderCounters.add(counters.blocksPrefetched, end - start);
            start = end;
        }
    }

    private boolean isHereOrComing(final CachedObject object, final int block) {
        return cache.contains(object.id(), block) || inFlight.containsKey(new BlockRef(object.id(), block));
    }

    private BlockFetch begin(final CachedObject object, final int firstBlock, final int blocks) {
        if (fetches == limits.fetches() || session.room() == 0) {
            return null;
        }
        final long offset = (long) firstBlock * blockBytes;
        final long length = Math.min((long) blocks * blockBytes, object.lengthBytes() - offset);
        final MemorySegment buffer = memory.tryAllocate(length, TAG);
        if (buffer == null) {
            return null;
        }
        final BlockFetch fetch = new BlockFetch(object, firstBlock, blocks, buffer);
        for (int i = 0; i < blocks; i++) {
            inFlight.put(new BlockRef(object.id(), firstBlock + i), fetch);
        }
        fetches++;
        ReaderCounters.add(counters.fetches, 1);
        fetch.call = session.get(
                object.key(), offset, buffer, object.version(), options, outcome -> onOutcome(fetch, outcome));
        return fetch;
    }

    private void onOutcome(final BlockFetch fetch, final GetOutcome outcome) {
        fetches--;
        final boolean whole = outcome instanceof GetOutcome.Fetched fetched
                && fetched.lengthBytes() == fetch.buffer.byteSize()
                && fetched.objectBytes() == fetch.object.lengthBytes();
        for (int i = 0; i < fetch.blocks; i++) {
            inFlight.remove(new BlockRef(fetch.object.id(), fetch.firstBlock + i));
        }
        if (whole) {
            ReaderCounters.add(counters.bytesFetched, fetch.buffer.byteSize());
            for (int i = 0; i < fetch.blocks; i++) {
                cache.insert(fetch.object.id(), fetch.firstBlock + i, fetch.object.tenant(), blockOf(fetch, i));
            }
        } else {
            ReaderCounters.add(counters.fetchesFailed, 1);
        }
        BlockPart part = fetch.waiters;
        while (part != null) {
            final BlockPart next = part.nextWaiter;
            part.nextWaiter = null;
            if (whole) {
                final long at = (long) (part.block - fetch.firstBlock) * blockBytes + part.offset;
                MemorySegment.copy(fetch.buffer, at, part.into, part.intoOffset, part.lengthBytes);
            }
            handler.onPart(part, whole ? null : outcome);
            part = next;
        }
        memory.free(fetch.buffer);
    }

    private MemorySegment blockOf(final BlockFetch fetch, final int index) {
        final long at = (long) index * blockBytes;
        return fetch.buffer.asSlice(at, Math.min(blockBytes, fetch.buffer.byteSize() - at));
    }

    int fetches() {
        return fetches;
    }

    /** Asks for the end of all fetches; the session answers them. */
    void cancelAll() {
        inFlight.values().forEach(fetch -> fetch.call.cancel());
    }
}
