package dev.firn.walquorum.archive;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.simulation.AgentTiming;
import dev.firn.nativeio.simulation.DiskFaults;
import dev.firn.nativeio.simulation.FaultKind;
import dev.firn.nativeio.simulation.FaultProfile;
import dev.firn.nativeio.simulation.HostFaults;
import dev.firn.nativeio.simulation.NetworkFaults;
import dev.firn.nativeio.simulation.SimulatedHost;
import dev.firn.nativeio.simulation.Simulation;
import dev.firn.nativeio.simulation.SimulationConfig;
import dev.firn.s3tier.session.SessionStore;
import dev.firn.s3tier.simulation.SimulatedStore;
import dev.firn.s3tier.simulation.StoreFaults;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.walquorum.catalog.HistoryFile;
import dev.firn.walquorum.catalog.PostgresTimelines;
import dev.firn.walquorum.catalog.TimelineEntry;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.agrona.concurrent.Agent;

/** One seed's run: a log that grows and is promoted, three nodes that archive it, and what must hold after each step. */
final class ArchiverRun {
    private static final int NODES = 3;
    private static final long START_SEGMENT = 5;
    private static final int SEGMENTS = 24;
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long PATIENCE_NS = 1_200 * SECOND_NS;
    private static final int SEGMENT = SyntheticWal.SEGMENT;

    /** Crashes of any number of hosts, stalls, and clocks that are wrong. */
    private static final HostFaults HOST_FAULTS = new HostFaults(
            new AgentTiming(1_000, 5_000_000, 50_000_000, 0.000_2, SECOND_NS / 2),
            30 * SECOND_NS,
            SECOND_NS / 1_000,
            10 * SECOND_NS,
            0.5,
            0,
            0,
            Integer.MAX_VALUE,
            50_000,
            10 * SECOND_NS,
            10 * SECOND_NS,
            3_600 * SECOND_NS);

    private static final StoreLimits LIMITS = new StoreLimits(
            10,
            8L << 20,
            64,
            10,
            16L << 20,
            8L << 20,
            SEGMENT / 2,
            8L << 20,
            5 * SECOND_NS,
            6,
            SECOND_NS / 100,
            SECOND_NS / 2,
            200,
            25,
            SECOND_NS / 3,
            32);

    record Result(long crashes, long puts, long takenOver) {}

    private final long seed;
    private final Simulation simulation;
    private final SimulatedStore store;
    private final TimelineEntry timeline = SyntheticWal.timeline(START_SEGMENT);
    private final long switchLsn;
    private final HistoryFile history;
    private final Map<Long, byte[]> segments = new HashMap<>();
    private final Map<String, byte[]> checked = new HashMap<>();
    private final Node[] nodes = new Node[NODES];
    private final long[] trimmed = new long[NODES];
    private long committed = START_SEGMENT * SEGMENT;
    private boolean historyPut;
    private long puts;
    private long takenOver;

    private ArchiverRun(final long seed, final StoreFaults faults) {
        this.seed = seed;
        this.simulation = new Simulation(SimulationConfig.of(seed, NODES)
                .withProfile(new FaultProfile(DiskFaults.NONE, NetworkFaults.NONE, HOST_FAULTS)));
        this.store = SimulatedStore.in(simulation, 0, faults, LIMITS);
        // Somewhere within a segment's last page now and then: there, no page header tells.
        final long inSegment = seed % 3 == 0 ? SEGMENT - 100 : Math.floorMod(seed * 7919 * 8, SEGMENT);
        this.switchLsn = (START_SEGMENT + 9) * SEGMENT + inSegment;
        this.history = HistoryFile.promoted(null, 1, 2, switchLsn, "test");
        Arrays.fill(trimmed, START_SEGMENT * SEGMENT);
    }

    /** @throws AssertionError that names the seed. */
    static Result of(final long seed, final StoreFaults faults) {
        final ArchiverRun run = new ArchiverRun(seed, faults);
        try {
            return run.run();
        } catch (final RuntimeException | AssertionError violation) {
            throw new AssertionError("seed " + seed + ": " + violation.getMessage(), violation);
        } finally {
            run.simulation.close();
            for (final Node node : run.nodes) {
                if (node != null) {
                    node.bury();
                }
            }
        }
    }

    private Result run() {
        simulation.check("what is said to be archived is", this::checkArchived);
        simulation.startAll(this::start);
        simulation.startFaults();
        final long end = (START_SEGMENT + SEGMENTS) * SEGMENT + 5_000;
        while (committed < end) {
            simulation.runFor(SECOND_NS / 2);
            grow(end);
        }
        simulation.calm();
        final long whole = (START_SEGMENT + SEGMENTS) * SEGMENT;
        if (!simulation.runUntil(() -> allHave(whole), PATIENCE_NS)) {
            final StringBuilder text = new StringBuilder("not all is archived, though nothing goes wrong any more:");
            for (final Node node : nodes) {
                text.append(' ').append(node.archiver.archivedLsn() / SEGMENT);
                text.append(' ').append(node.archiver.trouble()).append(' ').append(node.archiver.failure());
            }
            throw new AssertionError(text.toString());
        }
        for (final Node node : nodes) {
            node.count();
        }
        final long crashes = simulation.trace().count(FaultKind.POWER_LOSS)
                + simulation.trace().count(FaultKind.PROCESS_KILL);
        return new Result(crashes, puts, takenOver);
    }

    /** In leaps of any length; the history of the second timeline is in the store before any byte of it. */
    private void grow(final long end) {
        final long next = Math.min(end, committed + Math.floorMod(committed * 31 + seed, 2L * SEGMENT) + 1);
        if (next > switchLsn && !historyPut) {
            committed = Math.min(next, switchLsn);
            historyPut = store.contentOf(timeline.keys().history(2)) != null;
            return;
        }
        committed = next;
    }

    private boolean allHave(final long lsn) {
        for (final SimulatedHost host : simulation.hosts()) {
            if (!host.up() || nodes[host.id()].archiver.archivedLsn() < lsn) {
                return false;
            }
        }
        return true;
    }

    private byte[] segment(final long number) {
        return segments.computeIfAbsent(number, n -> SyntheticWal.segment(n, lsn -> lsn < switchLsn ? 1 : 2));
    }

    /** Each segment below what a node says, under its right name, with its right bytes. */
    private void checkArchived() {
        for (final Node node : nodes) {
            if (node == null) {
                continue;
            }
            final long archived = node.archiver.archivedLsn();
            if (node.archiver.failure() != null) {
                throw new AssertionError(node.archiver.failure());
            }
            for (long number = node.checkedUpTo; number < archived / SEGMENT; number++) {
                checkSegment(number);
            }
            node.checkedUpTo = Math.max(node.checkedUpTo, archived / SEGMENT);
        }
    }

    private void checkSegment(final long number) {
        final PostgresTimelines timelines = PostgresTimelines.of(history);
        final String key = timeline.keys().segment(timelines.segmentName(number, SEGMENT));
        if (checked.containsKey(key)) {
            return;
        }
        final byte[] content = store.contentOf(key);
        if (!Arrays.equals(content, segment(number))) {
            throw new AssertionError(key + " is " + (content == null ? "missing" : "wrong"));
        }
        checked.put(key, content);
    }

    private List<Agent> start(final SimulatedHost host) {
        final int id = host.id();
        if (nodes[id] != null) {
            nodes[id].bury();
        }
        nodes[id] = new Node(host);
        return List.of(nodes[id]);
    }

    private final class Node implements Agent {
        private final int id;
        private final ObjectStore objects;
        private final OffHeapMemory memory;
        private final StoreSession session;
        private final SyntheticLog log;
        private final SegmentArchiver archiver;
        private final HistoryArchive histories;
        private long checkedUpTo = START_SEGMENT;
        private boolean puttingHistory;
        private boolean buried;

        Node(final SimulatedHost host) {
            id = host.id();
            objects = SessionStore.over(store.backendFor(host), host.clock(), host.random());
            session = objects.openSession();
            memory = OffHeapMemory.open(OffHeapConfig.of("archiver", 32L << 20));
            log = new SyntheticLog(ArchiverRun.this::segment, () -> committed, trimmed[id], host.random());
            archiver = new SegmentArchiver(
                    session,
                    LIMITS,
                    timeline,
                    trimmed[id],
                    log,
                    memory,
                    host.clock(),
                    host.random(),
                    ArchiveConfig.DEFAULT);
            archiver.turns(id, NODES);
            histories = new HistoryArchive(session, timeline.keys(), memory, ArchiveConfig.DEFAULT.options());
        }

        @Override
        public int doWork() {
            if (id == 0 && !historyPut && !puttingHistory && committed >= switchLsn) {
                puttingHistory = true;
                histories.put(history, outcome -> puttingHistory = false);
            }
            final int work = session.poll(16) + archiver.doWork();
            // As the log would be: up to what is archived.
            trimmed[id] = archiver.archivedLsn();
            log.trim(trimmed[id]);
            return work;
        }

        @Override
        public String roleName() {
            return "archiver-" + id;
        }

        void count() {
            puts += archiver.counters().segmentsPut();
            takenOver += archiver.counters().segmentsTakenOver();
        }

        /** The process has ended: its memory goes with it. */
        void bury() {
            if (!buried) {
                buried = true;
                count();
                archiver.close();
                session.close();
                objects.close();
                memory.close();
            }
        }
    }
}
