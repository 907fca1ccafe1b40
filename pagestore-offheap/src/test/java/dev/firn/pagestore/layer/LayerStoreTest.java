package dev.firn.pagestore.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.simulation.FaultProfile;
import dev.firn.nativeio.simulation.SimulatedClock;
import dev.firn.nativeio.simulation.Simulation;
import dev.firn.nativeio.simulation.SimulationConfig;
import dev.firn.pagestore.key.SortedEntries;
import dev.firn.s3tier.session.SessionStore;
import dev.firn.s3tier.simulation.SimulatedStore;
import dev.firn.s3tier.simulation.StoreFaults;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.ObjectWriter;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.StoreSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Layers in the simulated object store: written in parts, opened, and merged into another, as a housekeeper does it. */
class LayerStoreTest {
    private static final long PART_BYTES = 16 << 10;
    private static final long MILLISECOND_NS = 1_000_000L;
    private static final CallOptions OPTIONS = CallOptions.within(Duration.ofSeconds(60));
    private static final ObjectWriter.Shape SHAPE = new ObjectWriter.Shape(PART_BYTES, 2, OPTIONS);
    private static final LayerConfig CONFIG =
            new LayerConfig(4 << 10, LayerCompression.ZSTD, 12, 20, 10, 1 << 30, 4 << 20);
    private static final StoreLimits LIMITS = StoreLimits.DEFAULT.withParts(PART_BYTES, PART_BYTES, PART_BYTES);

    private final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("layer-store-test", 32 << 20));
    private final BlockCodec codec = new BlockCodec(memory);
    private Simulation simulation;
    private SimulatedStore server;
    private ObjectStore store;
    private StoreSession session;

    @AfterEach
    void closeAll() {
        if (session != null) {
            session.close();
            store.close();
            simulation.close();
        }
        codec.close();
        memory.close();
    }

    @Test
    void shouldWriteOpenAndMergeLayersWhateverTheStoreDoes() {
        for (long seed = 1; seed <= 5; seed++) {
            open(seed, seed == 1 ? StoreFaults.NONE : StoreFaults.GENTLE);
            final SplittableRandom random = new SplittableRandom(seed);
            final List<TestEntry> all = new ArrayList<>();
            final List<LayerIndex> indexes = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                final List<TestEntry> entries = TestEntry.random(random, 700, 50, i * 1_000L, (i + 1) * 1_000L);
                all.addAll(entries);
                indexes.add(opened(written(
                        LayerScope.delta(TestLayer.TIMELINE, new LayerName(1, i), i * 1_000L, (i + 1) * 1_000L),
                        new ListEntries(entries, random.split()))));
            }
            all.sort(TestEntry.ORDER);
            final List<LayerScan> scans = indexes.stream().map(this::scan).toList();
            final LayerDescription merged = written(
                    LayerScope.delta(TestLayer.TIMELINE, new LayerName(2, 0), 0, 4_000), new MergedEntries(scans));
            scans.forEach(LayerScan::close);
            indexes.forEach(LayerIndex::close);
            assertThat(merged.entries()).isEqualTo(all.size());
            assertThat(merged.lengthBytes()).isGreaterThan(3 * PART_BYTES);
            try (LayerIndex index = opened(merged);
                    LayerScan scan = scan(index)) {
                assertThat(TestEntry.all(scan, this::poll)).as("seed %d", seed).isEqualTo(all);
            }
            closeSession();
        }
    }

    @Test
    void shouldFailWhereALayerOfTheNameIsThere() {
        open(1, StoreFaults.NONE);
        final List<TestEntry> entries = TestEntry.random(new SplittableRandom(1), 20, 5, 0, 100);
        final LayerScope scope = LayerScope.delta(TestLayer.TIMELINE, new LayerName(1, 1), 0, 100);
        written(scope, new ListEntries(entries, null));
        final byte[] before = server.contentOf(scope.name().key(TestLayer.TIMELINE));
        final LayerUpload second =
                upload(scope, new ListEntries(entries.subList(0, 5), null)).upload();
        assertThat(second.state()).isEqualTo(LayerUpload.State.FAILED);
        assertThat(second.failure()).contains("is there");
        assertThat(server.contentOf(scope.name().key(TestLayer.TIMELINE))).isEqualTo(before);
        second.close();
    }

    @Test
    void shouldSayWhatIsMissingOrDamaged() {
        open(1, StoreFaults.NONE);
        final LayerDescription layer = written(
                LayerScope.delta(TestLayer.TIMELINE, new LayerName(1, 1), 0, 100),
                new ListEntries(TestEntry.random(new SplittableRandom(1), 20, 5, 0, 100), null));
        final LayerDescription other = new LayerDescription(
                layer.name(),
                layer.kind(),
                layer.keys(),
                layer.fromLsn(),
                layer.toLsn() + 1,
                layer.lengthBytes(),
                layer.indexOffset(),
                layer.entries(),
                layer.contentBytes(),
                layer.checksum());
        assertThat(failure(other))
                .isEqualTo("damaged: layer " + layer.name() + ": the footer does not say what the manifest says");
        final LayerDescription missing = new LayerDescription(
                new LayerName(9, 9),
                layer.kind(),
                layer.keys(),
                layer.fromLsn(),
                layer.toLsn(),
                layer.lengthBytes(),
                layer.indexOffset(),
                layer.entries(),
                layer.contentBytes(),
                layer.checksum());
        assertThat(failure(missing))
                .startsWith("damaged: layer timelines/main/pages/")
                .endsWith(" can't be opened: the object is gone");
        server.outage(600_000_000_000L);
        assertThat(failure(layer)).startsWith("out of reach: ");
    }

    @Test
    void shouldGiveBackAllMemoryWhenAScanIsLeftInTheMiddle() {
        open(1, StoreFaults.NONE);
        final LayerDescription layer = written(
                LayerScope.delta(TestLayer.TIMELINE, new LayerName(1, 1), 0, 10_000),
                new ListEntries(TestEntry.random(new SplittableRandom(1), 2_000, 100, 0, 10_000), null));
        try (LayerIndex index = opened(layer)) {
            final LayerScan scan = scan(index);
            while (scan.advance() != SortedEntries.ENTRY) {
                poll();
            }
            scan.close();
            while (session.inFlight() > 0) {
                poll();
            }
        }
    }

    private record Written(LayerUpload upload, LayerDescription description) {}

    private LayerDescription written(final LayerScope scope, final SortedEntries source) {
        final Written written = upload(scope, source);
        assertThat(written.upload().failure()).isNull();
        assertThat(written.upload().state()).isEqualTo(LayerUpload.State.STORED);
        written.upload().close();
        return written.description();
    }

    private Written upload(final LayerScope scope, final SortedEntries source) {
        final LayerUpload upload = new LayerUpload(session, LIMITS, scope.timeline(), scope.name(), memory, SHAPE);
        try (LayerWriter writer = new LayerWriter(scope, CONFIG, upload, codec, memory)) {
            for (int moved = source.advance(); moved != SortedEntries.END; moved = source.advance()) {
                while (moved == SortedEntries.ENTRY && !writer.add(source)) {
                    poll();
                }
                poll();
            }
            while (!writer.finish(null)) {
                poll();
            }
            while (!upload.complete()) {
                poll();
            }
            while (upload.state() == LayerUpload.State.ENDING) {
                poll();
            }
            return new Written(upload, writer.description());
        }
    }

    private LayerIndex opened(final LayerDescription layer) {
        final List<LayerIndex> opened = new ArrayList<>();
        begin(layer, new LayerOpening.Handler() {
            @Override
            public void onOpened(final LayerIndex index) {
                opened.add(index);
            }

            @Override
            public void onFailed(final LayerDescription failed, final boolean damaged, final String message) {
                throw new AssertionError(message);
            }
        });
        while (opened.isEmpty()) {
            poll();
        }
        return opened.getFirst();
    }

    private String failure(final LayerDescription layer) {
        final List<String> failures = new ArrayList<>();
        begin(layer, new LayerOpening.Handler() {
            @Override
            public void onOpened(final LayerIndex index) {
                throw new AssertionError("opened " + index.description());
            }

            @Override
            public void onFailed(final LayerDescription failed, final boolean damaged, final String message) {
                failures.add((damaged ? "damaged: " : "out of reach: ") + message);
            }
        });
        while (failures.isEmpty()) {
            poll();
        }
        return failures.getFirst();
    }

    private void begin(final LayerDescription layer, final LayerOpening.Handler handler) {
        assertThat(LayerOpening.begin(reads(), TestLayer.TIMELINE, layer, memory, handler))
                .isTrue();
    }

    private LayerScan scan(final LayerIndex index) {
        return new LayerScan(reads(), index, null, codec, memory, 8 << 10);
    }

    private LayerReads reads() {
        return new StoreLayerReads(session, TestLayer.TIMELINE, OPTIONS);
    }

    /** Time passes while nothing happens, so that pauses and deadlines end. */
    private void poll() {
        if (session.poll(10) == 0) {
            simulation.runFor(MILLISECOND_NS);
        }
    }

    private void open(final long seed, final StoreFaults faults) {
        simulation = new Simulation(SimulationConfig.of(seed, 1).withProfile(FaultProfile.NONE));
        server = SimulatedStore.in(simulation, 0, faults, LIMITS);
        store = SessionStore.over(
                server.backend(), new SimulatedClock(simulation.scheduler(), 0, 0, 0), SystemRandom.seeded(seed));
        session = store.openSession();
    }

    private void closeSession() {
        session.close();
        store.close();
        simulation.close();
        session = null;
    }
}
