package dev.firn.walquorum.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.LeakCheck;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.simulation.SimulatedHost;
import dev.firn.nativeio.simulation.Simulation;
import dev.firn.nativeio.simulation.SimulationConfig;
import dev.firn.s3tier.session.SessionStore;
import dev.firn.s3tier.simulation.SimulatedStore;
import dev.firn.s3tier.simulation.StoreFaults;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.walquorum.catalog.CatalogOutcome;
import dev.firn.walquorum.catalog.TimelineCatalog;
import dev.firn.walquorum.catalog.TimelineEntry;
import dev.firn.walquorum.reader.CommittedWalReaders;
import dev.firn.walquorum.reader.ReaderConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.concurrent.Agent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** An archive agent that reads from a node over the network, in a simulation. */
class ArchiveAgentTest {
    private static final int SEGMENT = SyntheticWal.SEGMENT;
    private static final long START = 5;
    private static final int NODE = 0;
    private static final long SECOND_NS = 1_000_000_000L;

    private final LeakCheck leaks = LeakCheck.start();
    private final Simulation simulation = new Simulation(SimulationConfig.of(11, 2));
    private final SimulatedStore store = SimulatedStore.in(simulation, StoreFaults.GENTLE);
    private final TimelineEntry timeline = SyntheticWal.timeline(START);
    private final Map<Long, byte[]> segments = new HashMap<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private long committed = START * SEGMENT;
    private long toldLsn;
    private long keptFromLsn = START * SEGMENT;
    private long memoryBytes = 64L << 20;
    private ArchiveAgent agent;

    @AfterEach
    void everythingIsFreed() throws Exception {
        agent.onClose();
        simulation.close();
        for (final AutoCloseable resource : open) {
            resource.close();
        }
        leaks.close();
    }

    private byte[] segment(final long number) {
        return segments.computeIfAbsent(number, n -> SyntheticWal.segment(n, lsn -> 1));
    }

    private List<Agent> startNode(final SimulatedHost host) {
        return List.of(new ServedLog(
                host.network().open(host.id()), timeline.logId(), this::segment, () -> committed, () -> keptFromLsn));
    }

    private List<Agent> startArchive(final SimulatedHost host) {
        final ObjectStore objects = SessionStore.over(store.backendFor(host), host.clock(), host.random());
        final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("archive", memoryBytes));
        open.add(objects);
        open.add(memory);
        agent = new ArchiveAgent(
                objects,
                () -> new CommittedWalReaders(
                        host.network().open(host.id()),
                        memory,
                        host.clock(),
                        host.random(),
                        ReaderConfig.DEFAULT.withWindow(256 << 10)),
                memory,
                host.clock(),
                host.random(),
                ArchiveConfig.DEFAULT,
                (logId, lsn) -> {
                    assertThat(logId).isEqualTo(timeline.logId());
                    toldLsn = lsn;
                });
        return List.of(agent);
    }

    private void start() {
        simulation.host(NODE).setProgram(this::startNode);
        simulation.host(1).setProgram(this::startArchive);
        simulation.host(NODE).start();
        simulation.host(1).start();
        simulation.runFor(SECOND_NS);
    }

    private void enter(final TimelineEntry entry) {
        final ObjectStore objects = SessionStore.over(
                store.backend(), simulation.host(1).clock(), simulation.host(1).random());
        try (OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("entry", 1 << 20));
                objects;
                StoreSession session = objects.openSession()) {
            final List<CatalogOutcome> answers = new ArrayList<>();
            new TimelineCatalog(session, memory, CallOptions.DEFAULT).create(entry, answers::add);
            while (answers.isEmpty()) {
                session.poll(16);
                simulation.runFor(SECOND_NS / 1_000);
            }
        }
    }

    @Test
    void shouldArchiveWhatTheNodeHasCommittedOnceTheTimelineIsKnown() {
        start();
        assertThat(agent.archive(new ArchiveTask("main", timeline.logId(), START * SEGMENT, List.of(NODE), 0, 1)))
                .isTrue();
        committed += 6L * SEGMENT + 3_000;
        simulation.runFor(10 * SECOND_NS);
        assertThat(agent.status()).hasSize(1);
        assertThat(agent.status().getFirst().trouble()).isEqualTo("the timeline main is not in the catalogue yet");
        enter(timeline);
        final long whole = (START + 6) * SEGMENT;
        assertThat(simulation.runUntil(() -> toldLsn == whole, 300 * SECOND_NS)).isTrue();
        for (long number = START; number < START + 6; number++) {
            assertThat(store.contentOf("timelines/main/wal/00000001000000000000000"
                            + Long.toHexString(number).toUpperCase()))
                    .isEqualTo(segment(number));
        }
        keptFromLsn = whole;
        committed += 2L * SEGMENT;
        assertThat(simulation.runUntil(() -> toldLsn == whole + 2L * SEGMENT, 300 * SECOND_NS))
                .isTrue();
        simulation.runFor(SECOND_NS);
        assertThat(agent.status().getFirst().failure()).isNull();
        assertThat(agent.status().getFirst().segmentsPut()).isEqualTo(8);
        final List<String> answers = new ArrayList<>();
        agent.archiveTail(timeline.logId(), committed, sentence -> answers.add(String.valueOf(sentence)));
        agent.archiveTail(9, committed, answers::add);
        assertThat(simulation.runUntil(() -> answers.size() == 2, 300 * SECOND_NS))
                .isTrue();
        assertThat(answers).containsExactly("this log is not archived here", "null");
        assertThat(store.keys()).contains("timelines/main/wal/00000001000000000000000D.partial");
        assertThat(agent.forget(timeline.logId())).isTrue();
        simulation.runFor(SECOND_NS);
        assertThat(agent.status()).isEmpty();
    }

    @Test
    void shouldLookInTheArchiveForWhatNoNodeHasAnyMore() {
        start();
        enter(timeline);
        agent.archive(new ArchiveTask("main", timeline.logId(), START * SEGMENT, List.of(NODE), 0, 1));
        committed += 3L * SEGMENT + 3_000;
        assertThat(simulation.runUntil(() -> toldLsn == (START + 3) * SEGMENT, 300 * SECOND_NS))
                .isTrue();
        agent.forget(timeline.logId());
        simulation.runFor(SECOND_NS);
        keptFromLsn = (START + 3) * SEGMENT;
        toldLsn = 0;
        agent.archive(new ArchiveTask("main", timeline.logId(), START * SEGMENT, List.of(NODE), 0, 1));
        committed += SEGMENT;
        simulation.runFor(5 * SECOND_NS);
        agent.archive(new ArchiveTask("main", timeline.logId(), keptFromLsn, List.of(NODE), 0, 1));
        assertThat(simulation.runUntil(() -> toldLsn == (START + 4) * SEGMENT, 300 * SECOND_NS))
                .isTrue();
    }

    @Test
    void shouldSayWhenTheLogIsAnotherTimelines() {
        start();
        enter(timeline);
        agent.archive(new ArchiveTask("main", timeline.logId() + 1, START * SEGMENT, List.of(NODE), 0, 1));
        simulation.runFor(10 * SECOND_NS);
        assertThat(agent.status().getFirst().failure())
                .isEqualTo("the log 0000000000000002 is not that of the timeline main, which is 0000000000000001");
    }

    @Test
    void shouldRefuseALogForWhichThereIsNoMemoryAndGoOnWithTheOthers() {
        memoryBytes = 2L << 20;
        start();
        for (int log = 0; log < 10; log++) {
            agent.archive(new ArchiveTask("main", timeline.logId() + log, START * SEGMENT, List.of(NODE), 0, 1));
        }
        simulation.runFor(5 * SECOND_NS);
        assertThat(agent.status()).hasSize(10);
        assertThat(agent.status().getFirst().failure()).isNull();
        assertThat(agent.status().getFirst().trouble()).isNotNull();
        assertThat(agent.status().getLast().failure()).contains("wal-reader");
        agent.forget(timeline.logId() + 9);
        simulation.runFor(SECOND_NS);
        assertThat(agent.status()).hasSize(9);
    }
}
