package dev.firn.nvmecache;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.storage.Completion;
import dev.firn.nativeio.storage.CompletionHandler;
import dev.firn.nativeio.storage.Ring;
import dev.firn.nativeio.storage.RingFile;
import dev.firn.nativeio.storage.Storage;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** A cache whose file could be opened: the parts, put together. */
final class CacheEngine implements AutoCloseable {
    /** One look of {@link #drain} for completions, before it asks again whether the device is still worth waiting for. */
    private static final long DRAIN_LOOK_NS = 100_000_000L;

    private final CacheFile cacheFile;
    private final CacheConfig config;
    private final CacheCounters counters;
    private final Clock clock;
    private final Ring ring;
    private final RingFile ringFile;
    private final IoBuffers buffers;
    private final BlockDirectory directory;
    private final DeviceHealth health;
    private final MapWriter map;
    private final SlotWriter writer;
    private final SlotReads reads;
    private final ForgetQueue forgets;
    private final WriteBudget budget;

    /** Made once: a method reference at each poll would be an object at each. */
    private final CompletionHandler completions = this::onCompletion;

    /** Who hears of reads, while polling. */
    private ReadHandler handler;

    private CacheEngine(
            final CacheFile cacheFile,
            final Ring ring,
            final BlockDirectory directory,
            final IoBuffers buffers,
            final CacheConfig config,
            final CacheCounters counters,
            final Clock clock) {
        this.cacheFile = cacheFile;
        this.ring = ring;
        this.ringFile = ring.attach(cacheFile.file());
        this.config = config;
        this.counters = counters;
        this.clock = clock;
        this.buffers = buffers;
        this.directory = directory;
        this.health = new DeviceHealth(config.fileName(), config.maxDeviceErrors(), counters);
        final long nowNs = clock.nanoTime();
        this.map = new MapWriter(ring, ringFile, directory, buffers, health, counters, config.syncIntervalNs(), nowNs);
        this.writer = new SlotWriter(ring, ringFile, config, directory, map, buffers, health, counters);
        final int alignment = cacheFile.file().alignmentBytes();
        this.reads = new SlotReads(ring, ringFile, alignment, config, directory, writer, buffers, health, counters);
        this.forgets = new ForgetQueue(directory, counters);
        this.budget = new WriteBudget(config.writeBytesPerSecond(), nowNs);
    }

    static CacheEngine open(
            final Storage storage,
            final CacheConfig config,
            final OffHeapMemory memory,
            final Clock clock,
            final RandomGenerator random,
            final CacheCounters counters) {
        final CacheFile file = CacheFile.open(storage, config, memory, random);
        final List<Runnable> undo = new ArrayList<>();
        undo.add(file::close);
        try {
            final SlotTable slots = new SlotTable(
                    config.slots(),
                    config.unitBytes(),
                    config.blockBytes(),
                    file.superblock().fileId(),
                    memory);
            undo.addFirst(slots::free);
            final BlockDirectory directory = new BlockDirectory(slots, config.tenants(), counters, memory);
            undo.removeFirst();
            undo.addFirst(directory::free);
            final IoBuffers buffers = new IoBuffers(config, memory);
            undo.addFirst(buffers::free);
            final Ring ring = storage.openRing(config.ring());
            undo.addFirst(ring::close);
            final CacheEngine engine = new CacheEngine(file, ring, directory, buffers, config, counters, clock);
            engine.fill(memory);
            return engine;
        } catch (final RuntimeException | Error e) {
            undo.forEach(Runnable::run);
            throw e;
        }
    }

    private void fill(final OffHeapMemory memory) {
        final long startNs = clock.nanoTime();
        if (cacheFile.existed()) {
            new MapReader(cacheFile.file(), directory, counters).read(memory);
        } else {
            for (int slot = 0; slot < config.slots(); slot++) {
                directory.addFree(slot);
            }
        }
        counters.recoveryNs.setRelease(clock.nanoTime() - startNs);
        counters.on.setRelease(1);
        registerBuffers();
        publish();
    }

    boolean registerBuffers(final MemorySegment... regions) {
        final MemorySegment[] all = new MemorySegment[regions.length + 1];
        all[0] = buffers.region();
        System.arraycopy(regions, 0, all, 1, regions.length);
        return ring.registerBuffers(all);
    }

    Ring ring() {
        return ring;
    }

    DeviceHealth health() {
        return health;
    }

    int readsInFlight() {
        return reads.inFlight();
    }

    String describe() {
        return (cacheFile.file().direct() ? "direct" : "through the page cache") + ", " + ring.describe();
    }

    int read(
            final long objectHigh,
            final long objectLow,
            final int block,
            final int offset,
            final MemorySegment into,
            final long intoOffset,
            final long lengthBytes,
            final long token) {
        final long hash = BlockKey.hash(objectHigh, objectLow, block);
        final int slot = directory.find(hash, objectHigh, objectLow, block);
        if (slot == BlockIndex.ABSENT) {
            CacheCounters.add(counters.misses, 1);
            return BlockCache.MISS;
        }
        final int begun = reads.begin(slot, offset, into, intoOffset, lengthBytes, token);
        if (begun == BlockCache.ACCEPTED) {
            directory.touch(slot);
        } else {
            CacheCounters.add(counters.readsRefused, 1);
        }
        return begun;
    }

    boolean contains(final ObjectId object, final int block) {
        final long hash = BlockKey.hash(object.high(), object.low(), block);
        return directory.candidate(hash) != BlockIndex.ABSENT;
    }

    BlockCache.Insertion insert(final ObjectId object, final int block, final int tenant, final MemorySegment bytes) {
        final int length = (int) bytes.byteSize();
        final long hash = BlockKey.hash(object.high(), object.low(), block);
        if (directory.find(hash, object.high(), object.low(), block) != BlockIndex.ABSENT) {
            return BlockCache.Insertion.PRESENT;
        }
        if (!writer.hasRoom() || !map.hasRoom(writer.inFlight())) {
            CacheCounters.add(counters.insertsDroppedBusy, 1);
            return BlockCache.Insertion.DROPPED;
        }
        final boolean filling = directory.filling();
        final boolean unknownToo = filling || budget.allows(clock.nanoTime(), length);
        final int slot = directory.reserveFor(hash, object.high(), object.low(), block, length, tenant, unknownToo);
        if (slot == BlockDirectory.NOT_ADMITTED) {
            CacheCounters.add(counters.insertsDroppedBudget, 1);
            return BlockCache.Insertion.DROPPED;
        } else if (slot == SlotTable.NONE) {
            CacheCounters.add(counters.insertsDroppedNoSlot, 1);
            return BlockCache.Insertion.DROPPED;
        }
        if (!filling && !directory.slots().is(slot, SlotTable.MAIN)) {
            budget.spend(length);
        }
        writer.write(slot, bytes);
        CacheCounters.add(counters.inserts, 1);
        return BlockCache.Insertion.TAKEN;
    }

    boolean forget(final ObjectId object, final int blockCount) {
        return forgets.add(object, blockCount);
    }

    void drop(final ObjectId object, final int block) {
        final long hash = BlockKey.hash(object.high(), object.low(), block);
        final int slot = directory.find(hash, object.high(), object.low(), block);
        if (slot != BlockIndex.ABSENT) {
            directory.drop(slot);
            CacheCounters.add(counters.forgotten, 1);
        }
    }

    int held(final int tenant) {
        return directory.held(tenant);
    }

    int poll(final ReadHandler readHandler, final int limit) {
        handler = readHandler;
        int done = reads.deliverAnswered(readHandler, limit);
        if (done < limit) {
            done += ring.poll(completions, limit - done);
        }
        if (health.on()) {
            done += forgets.work();
            done += map.work(clock.nanoTime());
        }
        ring.submit();
        publish();
        return done;
    }

    private void onCompletion(final Completion completion) {
        final int number = Tokens.number(completion.token());
        switch (Tokens.purpose(completion.token())) {
            case Tokens.READ -> reads.onCompletion(number, completion, handler);
            case Tokens.WRITE -> writer.onCompletion(number, completion);
            case Tokens.PAGE -> map.onPage(number, completion);
            case Tokens.SYNC -> map.onSync(completion);
            default -> throw new IllegalStateException("no operation of the cache has token " + completion.token());
        }
    }

    void awaitCompletions(final long timeoutNs) {
        if (reads.readyCount() == 0 && ring.inFlight() > 0) {
            ring.submitAndWait(1, timeoutNs);
        }
    }

    /** Writes, syncs and maps all there is; gives up when the device does. */
    void drain(final ReadHandler readHandler) {
        map.hurry(true);
        try {
            while (health.on() && (writer.inFlight() > 0 || !map.isIdle())) {
                poll(readHandler, Integer.MAX_VALUE);
                awaitCompletions(DRAIN_LOOK_NS);
            }
        } finally {
            map.hurry(false);
        }
    }

    private void publish() {
        counters.blocks.setRelease(directory.blocks());
        counters.mappedSlots.setRelease(directory.mappedSlots());
    }

    /** Also of a ring that is dead: what can be given back is. */
    @Override
    public void close() {
        try {
            ring.close();
        } finally {
            buffers.free();
            directory.free();
            cacheFile.close();
        }
    }
}
