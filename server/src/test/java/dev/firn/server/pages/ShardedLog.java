package dev.firn.server.pages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.simulation.Simulation;
import dev.firn.nativeio.simulation.SimulationConfig;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.pagestore.layer.LayerCompression;
import dev.firn.pagestore.layer.LayerConfig;
import dev.firn.pagestore.layer.LayerKind;
import dev.firn.pagestore.memory.MemoryTableConfig;
import dev.firn.pagestore.service.KeyedValues;
import dev.firn.pagestore.service.PageReads;
import dev.firn.pagestore.service.ReadHandler;
import dev.firn.pagestore.service.ReadRefusal;
import dev.firn.pagestore.timeline.Shard;
import dev.firn.pagestore.timeline.ShardConfig;
import dev.firn.pagestore.timeline.ShardContext;
import dev.firn.pagestore.timeline.StoreReads;
import dev.firn.pagestore.timeline.TimelineSpec;
import dev.firn.pagestore.timeline.TimelineState;
import dev.firn.pagestore.upkeep.Housekeeper;
import dev.firn.pagestore.upkeep.UpkeepConfig;
import dev.firn.pagestore.upkeep.UpkeepLink;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.postgres.wal.WalSegments;
import dev.firn.s3tier.session.SessionStore;
import dev.firn.s3tier.simulation.SimulatedStore;
import dev.firn.s3tier.simulation.StoreFaults;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.ObjectWriter;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.server.wal.WalDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * A base and its log in a shard and its housekeeper, over a store that outlives them, all on one thread. Memory tables are as small as can be, so
 * that nearly all goes through layers; each read waits for its answer.
 */
final class ShardedLog implements StoredLog, ReadHandler, AutoCloseable {
    static final String MAIN = "main";

    private static final long MEMORY_BYTES = 1L << 30;
    private static final int FEED_BYTES = 1 << 20;
    private static final int SCAN_BYTES = 4 << 20;
    private static final int MAX_RUNS = 12;
    private static final long TURNS = 50_000_000;
    private static final CallOptions CALLS = CallOptions.within(Duration.ofMinutes(5));

    private final Path baseDirectory;
    private final long startLsn;
    private final WalDirectory wal;
    private final PostgresVersion version;
    private final long systemIdentifier;
    private final long historyNs;
    private final Shape shape;
    private final Simulation simulation = new Simulation(SimulationConfig.of(1, 1));
    private final SimulatedStore simulated = SimulatedStore.in(simulation, StoreFaults.NONE);
    private final Map<String, TimelineSpec> specs = new HashMap<>();
    private final Map<String, Integer> numbers = new HashMap<>();
    private OffHeapMemory memory;
    private ObjectStore store;
    private StoreSession session;
    private Shard shard;
    private Housekeeper housekeeper;
    private MemorySegment room;
    private String current = MAIN;
    private long nextToken = 1;

    // The answer to the read under way.
    private boolean answered;
    private byte[] bytes;

    /**
     * How eagerly things go into layers, and from layer to layer.
     *
     * @param tableBytes of each memory table.
     * @param mergeRuns so many runs of about one size become one.
     * @param growth how many times larger the next size is.
     * @param imageMinBytes of deltas, before images are made.
     */
    record Shape(long tableBytes, int mergeRuns, int growth, long imageMinBytes) {
        /** As small and as eager as can be. */
        static final Shape SMALLEST = new Shape(MemoryTableConfig.MIN_BYTES * 4, 3, 2, 2L << 20);
    }

    /** @param historyNs how long each LSN is kept, of the host's clock. */
    ShardedLog(
            final Path baseDirectory,
            final long startLsn,
            final WalDirectory wal,
            final PostgresVersion version,
            final long systemIdentifier,
            final long historyNs,
            final Shape shape) {
        this.shape = shape;
        this.baseDirectory = baseDirectory;
        this.startLsn = startLsn;
        this.wal = wal;
        this.version = version;
        this.systemIdentifier = systemIdentifier;
        this.historyNs = historyNs;
        start();
        open(new TimelineSpec(
                MAIN,
                1,
                version,
                systemIdentifier,
                wal.header().segmentBytes(),
                new DirectoryBase(baseDirectory, version, startLsn),
                "backup",
                "",
                0));
    }

    private void start() {
        memory = OffHeapMemory.open(OffHeapConfig.of("sharded-log", MEMORY_BYTES));
        room = memory.allocate(FEED_BYTES, MemoryTag.of("sharded-log"));
        store = SessionStore.over(simulated.backend(), SystemClock.INSTANCE, SystemRandom.secure());
        session = store.openSession();
        final UpkeepLink link = new UpkeepLink();
        shard = new Shard(new ShardContext(
                new ShardConfig(
                        32,
                        64,
                        8 << 20,
                        4,
                        new MemoryTableConfig(shape.tableBytes()),
                        2,
                        Long.MAX_VALUE,
                        16,
                        8,
                        1L << 40),
                SystemClock.INSTANCE,
                memory,
                store,
                session,
                CALLS,
                new StoreReads(session, CALLS),
                link,
                ShardContext.Inputs.POSTGRES));
        housekeeper = new Housekeeper(
                link,
                new UpkeepConfig(
                        new LayerConfig(8 << 10, LayerCompression.ZSTD, 12, 20, 10, 4 << 20, 8 << 20),
                        new ObjectWriter.Shape(store.limits().minPartBytes(), 3, CALLS),
                        CALLS,
                        shape.mergeRuns(),
                        shape.growth(),
                        shape.imageMinBytes(),
                        100,
                        16,
                        2,
                        16,
                        MAX_RUNS,
                        historyNs,
                        256 << 10,
                        4 << 20,
                        1_024,
                        1_000_000,
                        1_000_000_000),
                SystemClock.INSTANCE,
                SystemRandom.secure(),
                memory,
                store);
    }

    private void open(final TimelineSpec spec) {
        specs.put(spec.name(), spec);
        numbers.put(spec.name(), shard.open(spec));
        await(() -> state(spec.name()) == TimelineState.LIVE, "timeline " + spec.name() + " is open");
    }

    private TimelineState state(final String name) {
        final TimelineState state = shard.state(numbers.get(name));
        assertThat(state)
                .as(shard.message(numbers.get(name)))
                .isNotIn(TimelineState.REFUSED, TimelineState.STUCK, TimelineState.DEPOSED);
        return state;
    }

    /** A branch of a timeline, which becomes the current one. */
    void branch(final String parent, final String name, final long lsn) {
        open(TimelineSpec.branch(specs.get(parent), name, specs.size() + 1, lsn));
        current = name;
    }

    /** Deletes a branch: nothing of it is held any more when this returns. */
    void delete(final String name) {
        final int number = numbers.remove(name);
        shard.letGo(numbers.get(specs.remove(name).parent()), Shard.holderOf(name));
        shard.close(number);
        assertThat(shard.timeline(name)).isEqualTo(PageReads.NO_TIMELINE);
        await(() -> shard.isReleased(number), name + " is released");
        assertThat(state(current)).isEqualTo(TimelineState.LIVE);
    }

    /** Off-heap bytes that are allocated. */
    long heldBytes() {
        return MemoryTag.all().stream()
                .mapToLong(tag -> memory.usage(tag).heldBytes())
                .sum();
    }

    /** Which timeline is written and read. */
    void current(final String name) {
        current = name;
    }

    /** All memory is lost; another owner goes on from the manifests and the log. */
    void restart() {
        stop();
        numbers.clear();
        start();
        final List<TimelineSpec> again = new ArrayList<>(specs.values());
        again.sort((one, other) -> Long.compare(one.timelineId(), other.timelineId()));
        for (final TimelineSpec spec : again) {
            open(
                    spec.base() == null
                            ? spec
                            : new TimelineSpec(
                                    spec.name(),
                                    spec.timelineId(),
                                    version,
                                    systemIdentifier,
                                    spec.walSegmentBytes(),
                                    new DirectoryBase(baseDirectory, version, startLsn),
                                    spec.baseBackup(),
                                    "",
                                    0));
        }
    }

    private void stop() {
        housekeeper.onClose();
        session.close();
        shard.close();
        memory.free(room);
        store.close();
        memory.close();
    }

    @Override
    public void close() {
        stop();
        simulation.close();
    }

    private int number() {
        return numbers.get(current);
    }

    long historyLsn() {
        return shard.historyLsn(number());
    }

    /** How many layers of a kind the current timeline has. */
    long layers(final LayerKind kind) {
        return shard.manifest(number()).layers().stream()
                .filter(layer -> layer.kind() == kind)
                .count();
    }

    /** How many layers of the current timeline its owner has ever named. */
    long layersEver() {
        return shard.manifest(number()).layers().stream()
                        .mapToLong(layer -> layer.name().number())
                        .max()
                        .orElse(0)
                + 1;
    }

    Shard shard() {
        return shard;
    }

    /** Takes the current timeline's log up to an LSN at which a record ends. */
    void ingest(final long endLsn) {
        final int segmentBytes = wal.header().segmentBytes();
        while (shard.appliedLsn(number()) < endLsn) {
            final long lsn = shard.neededLsn(number());
            final Path file = wal.file(WalSegments.number(lsn, segmentBytes)).orElseThrow();
            try (Arena arena = Arena.ofConfined();
                    FileChannel channel = FileChannel.open(file)) {
                final long at = lsn % segmentBytes;
                final long length = Math.min(Math.min(channel.size() - at, endLsn - lsn), FEED_BYTES);
                if (length > 0) {
                    MemorySegment.copy(
                            channel.map(FileChannel.MapMode.READ_ONLY, at, length, arena), 0, room, 0, length);
                }
                await(
                        () -> shard.feed(number(), lsn, room, 0, (int) length) > 0
                                || shard.appliedLsn(number()) >= endLsn,
                        "WAL is taken");
                await(() -> shard.neededLsn(number()) > lsn || shard.appliedLsn(number()) >= endLsn, "WAL is ingested");
            } catch (final IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        assertThat(Lsn.format(shard.appliedLsn(number()))).isEqualTo(Lsn.format(endLsn));
    }

    /** Has all of it made into layers. */
    void flush() {
        final long lsn = shard.appliedLsn(number());
        shard.flush(number());
        await(() -> shard.uploadedLsn(number()) >= lsn, "all is in layers");
    }

    /** Lets the housekeeper work until it has nothing to do. */
    void settle() {
        await(housekeeper::isIdle, "the housekeeper has nothing to do");
        // So that the shard has heard of it.
        turn();
    }

    private void await(final BooleanSupplier condition, final String what) {
        for (long turn = 0; turn < TURNS; turn++) {
            if (condition.getAsBoolean()) {
                return;
            }
            turn();
        }
        throw new AssertionError("it did not come about that " + what);
    }

    private void turn() {
        shard.doWork();
        housekeeper.doWork();
        shard.poll(this, 16);
    }

    @Override
    public Value state(final long high, final long middle, final long low, final long atLsn) {
        final byte[] found = ask(high, middle, low, atLsn);
        return found == null ? null : () -> MemorySegment.ofArray(found);
    }

    @Override
    public void read(final long high, final long middle, final long low, final long atLsn, final MemorySegment into) {
        final byte[] page = ask(high, middle, low, atLsn);
        MemorySegment.copy(page, 0, into, ValueLayout.JAVA_BYTE, 0, page.length);
    }

    private byte[] ask(final long high, final long middle, final long low, final long atLsn) {
        answered = false;
        bytes = null;
        final boolean isPage = PageKeys.keyClass(high) == KeyClass.PAGE;
        final MemorySegment held = isPage ? shard.pageInMemory(number(), high, middle, low, atLsn) : null;
        final byte[] inMemory = held == null ? null : held.toArray(ValueLayout.JAVA_BYTE);
        assertThat(shard.read(nextToken++, number(), high, middle, low, atLsn)).isTrue();
        shard.poll(this, 1);
        await(() -> answered, "a read is answered");
        if (inMemory != null) {
            assertThat(bytes).as("the page that was in memory").isEqualTo(inMemory);
        }
        return bytes;
    }

    @Override
    public List<long[]> keys(final KeyRange range, final long atLsn) {
        answered = false;
        assertThat(shard.scan(
                        nextToken++,
                        number(),
                        range.fromHigh(),
                        range.fromMiddle(),
                        range.fromLow(),
                        range.toHigh() + 1,
                        0,
                        0,
                        atLsn,
                        SCAN_BYTES))
                .isTrue();
        await(() -> answered, "a scan is answered");
        final KeyedValues values = new KeyedValues().wrap(MemorySegment.ofArray(bytes), 0, bytes.length);
        assertThat(values.more()).isFalse();
        final List<long[]> keys = new ArrayList<>();
        while (values.next()) {
            keys.add(new long[] {values.high(), values.middle(), values.low()});
        }
        return keys;
    }

    @Override
    public boolean onRead(final long token, final MemorySegment memoryOfIt, final long offset, final int length) {
        bytes = memoryOfIt.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
        answered = true;
        return true;
    }

    @Override
    public boolean onRefused(final long token, final ReadRefusal refusal, final String sentence) {
        assertThat(refusal).as(sentence).isEqualTo(ReadRefusal.ABSENT);
        answered = true;
        return true;
    }
}
