package dev.firn.pagestore.upkeep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.simulation.Simulation;
import dev.firn.nativeio.simulation.SimulationConfig;
import dev.firn.pagestore.layer.LayerConfig;
import dev.firn.pagestore.manifest.Manifest;
import dev.firn.pagestore.manifest.ManifestCodec;
import dev.firn.pagestore.manifest.ManifestStore;
import dev.firn.pagestore.upkeep.UpkeepLink.Order;
import dev.firn.pagestore.upkeep.UpkeepLink.Report;
import dev.firn.postgres.version.PostgresVersion;
import dev.firn.s3tier.session.SessionStore;
import dev.firn.s3tier.simulation.SimulatedStore;
import dev.firn.s3tier.simulation.StoreFault;
import dev.firn.s3tier.simulation.StoreFaultRule;
import dev.firn.s3tier.simulation.StoreFaults;
import dev.firn.s3tier.simulation.StoreOperation;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.ObjectWriter;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.s3tier.store.WriteCondition;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a store does to the manifests of a housekeeper's timelines ends none but the one that it happens to, and is told. */
class HousekeeperStoreTest {
    private static final CallOptions CALLS = CallOptions.within(Duration.ofMillis(50));
    private static final long RETRY_NS = 1_000_000;
    private static final long TURNS = 20_000_000;
    private static final int FIRST = 0;
    private static final int SECOND = 1;
    private static final long LATER_MS = Long.MAX_VALUE - 1;

    private final Simulation simulation = new Simulation(SimulationConfig.of(1, 1));
    private final SimulatedStore simulated = SimulatedStore.in(simulation, StoreFaults.NONE);
    private final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("housekeeper-test", 64 << 20));
    private final UpkeepLink link = new UpkeepLink();
    private final List<Report> reports = new ArrayList<>();
    private ObjectStore store;
    private StoreSession session;
    private Housekeeper housekeeper;

    @BeforeEach
    void start() {
        store = SessionStore.over(simulated.backend(), SystemClock.INSTANCE, SystemRandom.seeded(1));
        session = store.openSession();
        final UpkeepConfig usual = UpkeepConfig.DEFAULT;
        housekeeper = new Housekeeper(
                link,
                new UpkeepConfig(
                        LayerConfig.DEFAULT,
                        new ObjectWriter.Shape(store.limits().minPartBytes(), 2, CALLS),
                        CALLS,
                        usual.mergeRuns(),
                        usual.growth(),
                        usual.imageMinBytes(),
                        usual.imageSharePercent(),
                        usual.imageReads(),
                        usual.imageLayers(),
                        usual.maxDeltas(),
                        usual.maxRuns(),
                        usual.historyNs(),
                        usual.scanBytes(),
                        usual.heldBytes(),
                        usual.stepsACycle(),
                        RETRY_NS,
                        usual.sweepNs()),
                SystemClock.INSTANCE,
                SystemRandom.seeded(2),
                memory,
                store);
    }

    @AfterEach
    void stop() {
        housekeeper.onClose();
        session.close();
        store.close();
        memory.close();
        simulation.close();
    }

    @Test
    void shouldTakeATimelineOverWhenTheStoreIsBack() {
        simulated.inject(StoreFaultRule.on(StoreOperation.GET)
                .key(ManifestStore.keyOf("one"))
                .times(6)
                .failing(StoreFault.ERROR_WITHOUT_EFFECT));
        open(FIRST, "one");
        await(() -> reported(Report.Troubled.class) > 0, "it says what is wrong");
        final String sentence = ((Report.Troubled) reports.getFirst()).sentence();
        assertThat(sentence)
                .startsWith("the manifest of one could not be read: ")
                .doesNotContain("\n");
        await(() -> reported(Report.Opened.class) == 1, "the timeline is taken over");
        assertThat(reports).doesNotHaveAnyElementsOfTypes(Report.Refused.class);
        assertThat(reports.get(reports.size() - 2)).isEqualTo(new Report.Troubled(FIRST, ""));
    }

    @Test
    void shouldGoOnWithTheOthersWhenAManifestIsGone() {
        open(FIRST, "one");
        open(SECOND, "two");
        await(() -> reported(Report.Opened.class) == 2, "both are open");
        final List<Boolean> gone = new ArrayList<>();
        session.delete(ManifestStore.keyOf("one"), CALLS, outcome -> gone.add(true));
        await(() -> !gone.isEmpty(), "the manifest is gone");
        reports.clear();
        hold(FIRST);
        await(() -> reported(Report.Refused.class) == 1, "the timeline is lost");
        assertThat(reports.getFirst())
                .isEqualTo(
                        new Report.Refused(
                                FIRST,
                                "the manifest of one is gone from the store: the timeline was deleted, or the store has lost it"));
        await(() -> reported(Report.Closed.class) == 1, "nothing of it is used any more");
        hold(SECOND);
        await(() -> reported(Report.Held.class) == 1, "the other goes on");
        assertThat(simulated.contentOf(ManifestStore.keyOf("one"))).isNull();
    }

    @Test
    void shouldRefuseADamagedManifestAndLeaveItAlone() {
        final byte[] bytes =
                ManifestCodec.encode(new Manifest("one", 1, 2, 3, 50, "", 0, "backup", 40, List.of(), List.of()));
        bytes[bytes.length / 2] ^= 0x10;
        put(ManifestStore.keyOf("one"), bytes);
        put(ManifestStore.keyOf("two"), new byte[0]);
        open(FIRST, "one");
        open(SECOND, "two");
        await(() -> reported(Report.Refused.class) == 2, "both are refused");
        assertThat(reports.toString())
                .contains("timeline one can't be taken over: the manifest of one is damaged: ")
                .contains("timeline two can't be taken over: the manifest of two is damaged: it is empty");
        assertThat(simulated.contentOf(ManifestStore.keyOf("one"))).isEqualTo(bytes);
    }

    private void put(final String key, final byte[] bytes) {
        final MemorySegment body = memory.allocate(Math.max(1, bytes.length), MemoryTag.of("housekeeper-test"));
        MemorySegment.copy(bytes, 0, body, ValueLayout.JAVA_BYTE, 0, bytes.length);
        final List<Boolean> stored = new ArrayList<>();
        session.put(
                key,
                bytes.length == 0 ? List.of() : List.of(body),
                WriteCondition.ALWAYS,
                CALLS,
                outcome -> stored.add(true));
        await(() -> !stored.isEmpty(), key + " is stored");
        memory.free(body);
    }

    private void open(final int number, final String timeline) {
        assertThat(link.order(new Order.Open(
                        number,
                        new Manifest(timeline, 0, 0, 0, 0, "", 0, "backup", 100, List.of(), List.of()),
                        true,
                        PostgresVersion.V17)))
                .isTrue();
    }

    /** A change of the manifest. */
    @Test
    void shouldEndALeaseWhenItsTimeIsOver() {
        open(FIRST, "one");
        await(() -> reported(Report.Opened.class) == 1, "it is open");
        hold(FIRST);
        final long soonMs = TimeUnit.NANOSECONDS.toMillis(SystemClock.INSTANCE.epochNs()) + 300;
        assertThat(link.order(new Order.Hold(FIRST, new Manifest.Hold("reader", 300, soonMs), 8)))
                .isTrue();
        await(() -> reported(Report.Held.class) == 2, "both are held");
        assertThat(holders()).containsExactlyInAnyOrder("somebody", "reader");
        await(() -> holders().equals(List.of("somebody")), "the reader's ends");
    }

    @Test
    void shouldRenewALeaseWhereThereIsNoRoomForAnother() {
        open(FIRST, "one");
        await(() -> reported(Report.Opened.class) == 1, "it is open");
        for (int i = 0; i < TimelineUpkeep.MAX_HOLDS; i++) {
            final Order.Hold order = new Order.Hold(FIRST, new Manifest.Hold("reader " + i, 300 + i, LATER_MS), i + 1);
            await(() -> link.order(order), "there is room for an order");
        }
        await(() -> reported(Report.Held.class) == TimelineUpkeep.MAX_HOLDS, "all are held");
        reports.clear();
        link.order(new Order.Hold(FIRST, new Manifest.Hold("one more", 200, LATER_MS), 7));
        link.order(new Order.Hold(FIRST, new Manifest.Hold("reader 5", 305, LATER_MS + 1), 8));
        await(() -> reported(Report.Held.class) == 2, "both are answered");
        assertThat(reports)
                .contains(
                        new Report.Held(FIRST, 7, "so many as 4096 readers and branches keep LSNs of one"),
                        new Report.Held(FIRST, 8, null));
    }

    private List<String> holders() {
        final byte[] stored = simulated.contentOf(ManifestStore.keyOf("one"));
        return ManifestCodec.decode(stored).holds().stream()
                .map(Manifest.Hold::holder)
                .toList();
    }

    private void hold(final int number) {
        assertThat(link.order(new Order.Hold(number, new Manifest.Hold("somebody", 200, Long.MAX_VALUE), 7)))
                .isTrue();
    }

    private long reported(final Class<? extends Report> type) {
        return reports.stream().filter(type::isInstance).count();
    }

    private void await(final BooleanSupplier condition, final String what) {
        for (long turn = 0; turn < TURNS; turn++) {
            if (condition.getAsBoolean()) {
                return;
            }
            session.poll(16);
            housekeeper.doWork();
            for (Report report = link.nextReport(); report != null; report = link.nextReport()) {
                reports.add(report);
            }
        }
        throw new AssertionError("it did not come about that " + what + ": " + reports);
    }
}
