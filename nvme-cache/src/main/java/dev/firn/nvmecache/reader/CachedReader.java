package dev.firn.nvmecache.reader;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nvmecache.BlockCache;
import dev.firn.nvmecache.ObjectId;
import dev.firn.nvmecache.ReadHandler;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.StoreSession;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Objects;

/**
 * Reads ranges of immutable objects: from the cache what is there, from the store what is not. Belongs to the thread that
 * owns the cache and the session. A read of one block that is in the cache allocates nothing.
 */
public final class CachedReader implements AutoCloseable {
    private final BlockCache cache;
    private final StoreSession session;
    private final ReaderLimits limits;
    private final BlockLoader loader;
    private final ReaderCounters counters = new ReaderCounters();
    private final int blockBytes;
    private final ReadHandler onCacheRead = this::onCacheRead;

    private final BlockPart[] parts;
    private final ArrayDeque<BlockPart> freeParts;
    private final ArrayDeque<PendingRead> freeReads;
    private final ArrayDeque<PendingRead> answered;

    /** Parts that met a limit of the cache or the loader: tried again at each poll. */
    private final ArrayDeque<BlockPart> held;

    /**
     * @param cache borrowed; polled here, so nobody else begins reads in it.
     * @param session borrowed; polled here.
     * @param memory borrowed; for the bytes of fetches, each {@code blocksPerFetch} blocks at most.
     */
    public CachedReader(
            final BlockCache cache, final StoreSession session, final ReaderLimits limits, final OffHeapMemory memory) {
        this.cache = cache;
        this.session = session;
        this.limits = limits;
        this.blockBytes = cache.config().blockBytes();
        this.loader = new BlockLoader(cache, session, limits, memory, counters, this::onPart);
        this.parts = new BlockPart[limits.reads() + limits.blocksPerRead()];
        this.freeParts = new ArrayDeque<>(parts.length + 1);
        this.held = new ArrayDeque<>(parts.length + 1);
        this.freeReads = new ArrayDeque<>(limits.reads() + 1);
        this.answered = new ArrayDeque<>(limits.reads() + 1);
        for (int i = 0; i < parts.length; i++) {
            parts[i] = new BlockPart(i);
            freeParts.add(parts[i]);
        }
        for (int i = 0; i < limits.reads(); i++) {
            freeReads.add(new PendingRead());
        }
    }

    public ReaderCounters counters() {
        return counters;
    }

    /** The most bytes that one read may ask for, wherever in the object they begin. */
    public int maxReadBytes() {
        return Math.max(1, limits.blocksPerRead() - 1) * blockBytes;
    }

    /** Reads begun and not answered. */
    public int inFlight() {
        return limits.reads() - freeReads.size();
    }

    /**
     * Begins to read a range. Answered once, in a later {@link #poll}.
     *
     * @param into native memory, borrowed until the handler is called; its size is the range's length.
     * @param handler called once, with the token.
     * @return false, without effect, when a limit is reached: poll, then ask again.
     * @throws IndexOutOfBoundsException when the range is empty or not within the object.
     * @throws IllegalArgumentException when the range touches more than {@link ReaderLimits#blocksPerRead()} blocks.
     */
    public boolean read(
            final CachedObject object,
            final long offset,
            final MemorySegment into,
            final ObjectReadHandler handler,
            final long token) {
        return read(object, offset, into, into.byteSize(), handler, token);
    }

    /**
     * As {@link #read(CachedObject, long, MemorySegment, ObjectReadHandler, long)}, into the beginning of the memory.
     *
     * @param length of the range.
     */
    public boolean read(
            final CachedObject object,
            final long offset,
            final MemorySegment into,
            final long length,
            final ObjectReadHandler handler,
            final long token) {
        Objects.checkFromIndexSize(offset, length, object.lengthBytes());
        Objects.checkFromIndexSize(0, length, into.byteSize());
        if (length == 0) {
            throw new IndexOutOfBoundsException("a read of nothing at " + offset + " of " + object.key());
        }
        final int first = (int) (offset / blockBytes);
        final int count = (int) ((offset + length - 1) / blockBytes) - first + 1;
        if (count > limits.blocksPerRead()) {
            throw new IllegalArgumentException("a read of " + length + " bytes at " + offset + " touches " + count
                    + " blocks, more than blocksPerRead, " + limits.blocksPerRead());
        }
        if (freeReads.isEmpty() || freeParts.size() < count) {
            return false;
        }
        final PendingRead read = freeReads.poll();
        read.handler = handler;
        read.token = token;
        read.partsLeft = count;
        read.failure = null;
        ReaderCounters.add(counters.reads, 1);
        long at = 0;
        for (int i = 0; i < count; i++) {
            final BlockPart part = freeParts.poll();
            part.read = read;
            part.object = object;
            part.missed = false;
            part.block = first + i;
            part.offset = (int) (offset + at - (long) part.block * blockBytes);
            part.into = into;
            part.intoOffset = at;
            part.lengthBytes = (int) Math.min(length - at, blockBytes - part.offset);
            at += part.lengthBytes;
            begin(part);
        }
        return true;
    }

    /** What a read has told of a range turned out not to be the object's: the next one asks the store. */
    public void forget(final CachedObject object, final long offset, final long lengthBytes) {
        Objects.checkFromIndexSize(offset, lengthBytes, object.lengthBytes());
        for (long block = offset / blockBytes; block * blockBytes < offset + lengthBytes; block++) {
            cache.drop(object.id(), (int) block);
        }
    }

    /** Fetches what of a range is not in the cache, neighbours together. A hint: what limits do not allow is left out. */
    public void prefetch(final CachedObject object, final long offset, final long lengthBytes) {
        Objects.checkFromIndexSize(offset, lengthBytes, object.lengthBytes());
        if (lengthBytes > 0) {
            loader.prefetch(object, (int) (offset / blockBytes), (int) ((offset + lengthBytes - 1) / blockBytes) + 1);
        }
    }

    /** Moves reads, fetches, cache and session on; answers up to {@code limit} reads. Returns how much was done. */
    public int poll(final int limit) {
        for (int left = held.size(); left > 0; left--) {
            begin(held.poll());
        }
        int done = session.poll(limit);
        done += cache.poll(onCacheRead, limit);
        for (int left = limit; left > 0 && !answered.isEmpty(); left--) {
            final PendingRead read = answered.poll();
            final ObjectReadHandler handler = read.handler;
            final long token = read.token;
            final GetOutcome failure = read.failure;
            read.handler = null;
            freeReads.add(read);
            done++;
            if (failure == null) {
                handler.onRead(token);
            } else {
                handler.onFailed(token, failure);
            }
        }
        return done;
    }

    private void begin(final BlockPart part) {
        if (part.missed && !cache.contains(part.object.id(), part.block)) {
            if (!loader.load(part)) {
                held.add(part);
            }
            return;
        }
        final ObjectId id = part.object.id();
        final int begun = cache.read(
                id.high(),
                id.low(),
                part.block,
                part.offset,
                part.into,
                part.intoOffset,
                part.lengthBytes,
                part.number);
        part.missed = begun == BlockCache.MISS;
        if (begun == BlockCache.FULL || (part.missed && !loader.load(part))) {
            held.add(part);
        }
    }

    private void onCacheRead(final long token, final int result) {
        final BlockPart part = parts[(int) token];
        if (result == part.lengthBytes) {
            ReaderCounters.add(counters.blocksFromCache, 1);
            onPart(part, null);
        } else {
            part.missed = true;
            if (!loader.load(part)) {
                held.add(part);
            }
        }
    }

    private void onPart(final BlockPart part, final GetOutcome failure) {
        final PendingRead read = part.read;
        if (failure != null && read.failure == null) {
            read.failure = failure;
        }
        part.read = null;
        part.object = null;
        part.into = null;
        freeParts.add(part);
        if (--read.partsLeft == 0) {
            answered.add(read);
        }
    }

    /**
     * Gives up what was fetched ahead, and waits until the store has let go of its buffers. Cache and session belong to the
     * caller.
     *
     * @throws IllegalStateException when reads are in flight.
     */
    @Override
    public void close() {
        if (inFlight() > 0) {
            throw new IllegalStateException(
                    inFlight() + " reads are in flight: poll until they are answered, then close");
        }
        loader.cancelAll();
        while (loader.fetches() > 0) {
            if (session.poll(Integer.MAX_VALUE) == 0) {
                Thread.onSpinWait();
            }
        }
    }
}
