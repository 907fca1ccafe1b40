package dev.firn.pagestore.simulation;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.simulation.Simulation;
import dev.firn.nativeio.simulation.SimulationConfig;
import dev.firn.pagestore.manifest.Manifest;
import dev.firn.pagestore.manifest.ManifestCodec;
import dev.firn.pagestore.manifest.ManifestStore;
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
import dev.firn.s3tier.session.SessionStore;
import dev.firn.s3tier.simulation.SimulatedStore;
import dev.firn.s3tier.simulation.StoreFaults;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.s3tier.store.WriteCondition;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/** A shard and its housekeeper on a store without faults, in steps that a test takes itself. */
final class ShardBed implements AutoCloseable {
    private static final MemoryTag TAG = MemoryTag.of("shard-bed");
    private static final CallOptions CALLS = CallOptions.within(Duration.ofSeconds(10));
    private static final int FEED_BYTES = 1 << 10;
    private static final long TURNS = 20_000_000;
    private static final ShardConfig CONFIG = new ShardConfig(
            64, 8, 1 << 18, 8, new MemoryTableConfig(MemoryTableConfig.MIN_BYTES), 1, Long.MAX_VALUE, 16, 8, 1L << 24);

    private final Simulation simulation = new Simulation(SimulationConfig.of(1, 1));
    private final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("shard-bed", 256 << 20));
    final ModelLog main = new ModelLog("main", null, 0);
    private final ObjectStore store;
    private final StoreSession session;

    final SimulatedStore simulated = SimulatedStore.in(simulation, StoreFaults.NONE);
    final TimelineSpec spec =
            new TimelineSpec(main.name(), 1, SimulatedBase.VERSION, 1, 16 << 20, new SimulatedBase(), "backup", "", 0);
    final Shard shard;
    final Housekeeper housekeeper;

    ShardBed() {
        store = SessionStore.over(simulated.backend(), SystemClock.INSTANCE, SystemRandom.seeded(1));
        session = store.openSession();
        final UpkeepLink link = new UpkeepLink();
        shard = new Shard(new ShardContext(
                CONFIG,
                SystemClock.INSTANCE,
                memory,
                store,
                session,
                CALLS,
                new StoreReads(session, CALLS),
                link,
                (spec, any, maxDeltas) -> new SimulatedInput(
                        spec.name().equals(main.name()) ? main : new ModelLog(spec.name(), main, spec.branchLsn()),
                        Flaw.NONE,
                        maxDeltas)));
        housekeeper = new Housekeeper(
                link, UpkeepConfig.DEFAULT, SystemClock.INSTANCE, SystemRandom.seeded(2), memory, store);
    }

    /** Opens the timeline main; returns its number. */
    int openMain() {
        final int number = shard.open(spec);
        await(() -> shard.state(number) == TimelineState.LIVE, "the timeline is open");
        return number;
    }

    /** Feeds a timeline with its log, up to an LSN. */
    void feed(final int number, final long upTo) {
        final MemorySegment wal = memory.allocate(FEED_BYTES, TAG);
        await(
                () -> {
                    final long from = shard.neededLsn(number);
                    final long bytes = Math.min(upTo - from, FEED_BYTES);
                    if (bytes > 0) {
                        shard.feed(number, from, wal, 0, (int) bytes);
                    }
                    return shard.appliedLsn(number) == upTo;
                },
                "the log is ingested");
        memory.free(wal);
    }

    /** Puts an object there, whatever there was. */
    void put(final String key, final byte[] bytes) {
        final MemorySegment body = memory.allocate(bytes.length, TAG);
        MemorySegment.copy(bytes, 0, body, ValueLayout.JAVA_BYTE, 0, bytes.length);
        final AtomicBoolean done = new AtomicBoolean();
        session.put(key, List.of(body), WriteCondition.ALWAYS, CALLS, outcome -> done.set(true));
        await(done::get, key + " is stored");
        memory.free(body);
    }

    /** The manifest that the store has of a timeline. */
    Manifest manifestOf(final String timeline) {
        return ManifestCodec.decode(simulated.contentOf(ManifestStore.keyOf(timeline)));
    }

    void delete(final String key) {
        final AtomicBoolean done = new AtomicBoolean();
        session.delete(key, CALLS, outcome -> done.set(true));
        await(done::get, key + " is gone");
    }

    void await(final BooleanSupplier condition, final String what) {
        for (long turn = 0; turn < TURNS; turn++) {
            if (condition.getAsBoolean()) {
                return;
            }
            session.poll(16);
            shard.doWork();
            housekeeper.doWork();
        }
        throw new AssertionError("it did not come about that " + what);
    }

    @Override
    public void close() {
        housekeeper.onClose();
        session.close();
        shard.close();
        store.close();
        memory.close();
        simulation.close();
    }
}
