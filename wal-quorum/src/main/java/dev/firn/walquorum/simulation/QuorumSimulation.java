package dev.firn.walquorum.simulation;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.simulation.SimulatedDisk;
import dev.firn.nativeio.simulation.SimulatedHost;
import dev.firn.nativeio.simulation.Simulation;
import dev.firn.nativeio.simulation.SimulationConfig;
import dev.firn.nativeio.storage.FileKind;
import dev.firn.nativeio.storage.Storage;
import dev.firn.walquorum.log.LogConfig;
import dev.firn.walquorum.node.CompletionWaits;
import dev.firn.walquorum.node.LogStatus;
import dev.firn.walquorum.node.WalNode;
import dev.firn.walquorum.node.WalNodeConfig;
import dev.firn.walquorum.node.WalNodeStatus;
import dev.firn.walquorum.stream.WriterConfig;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.wire.LogSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.Agent;

/**
 * One seed: WAL nodes, writers that contend for the log, and readers, under the faults of its {@link Swarm}.
 *
 * <p>Checked all the while: what the {@link Oracle} says. Once faults stop: that more is committed, and every node has it.
 */
public final class QuorumSimulation implements AutoCloseable {
    private static final long MILLISECOND_NS = 1_000_000L;
    private static final long CLUSTER = 0xF1;
    private static final LogSpec SPEC = new LogSpec(7, "main", 4711, 17, 16 << 20, Oracle.START_LSN);
    private static final long MEMORY_BYTES = 1L << 30;
    private static final int FRAME_BYTES = 12_288;

    /** Until the log is made, and once faults stop until all is well; in virtual time, of which there is plenty. */
    private static final long PATIENCE_NS = 120_000 * MILLISECOND_NS;

    private static final long PROGRESS_BYTES = 20_000;

    private final Swarm swarm;
    private final Flaw flaw;
    private final RandomGenerator random;
    private final Simulation simulation;
    private final Oracle oracle = new Oracle();
    private final List<Integer> nodeIds = new ArrayList<>();
    private final WalNode[] nodes;
    private final boolean[] isToBeWiped;
    private final WriterHost[] writers;
    private final long[] readerLsns;
    private final OffHeapMemory memory;
    private long disksLost;

    private QuorumSimulation(final long seed, final Flaw flaw, final Consumer<String> trace) {
        this.flaw = flaw;
        this.random = SystemRandom.seeded(seed);
        this.swarm = Swarm.draw(random);
        for (int i = 0; i < swarm.nodes(); i++) {
            nodeIds.add(i);
        }
        this.nodes = new WalNode[swarm.nodes()];
        this.isToBeWiped = new boolean[swarm.nodes()];
        this.writers = new WriterHost[swarm.writers()];
        this.readerLsns = new long[swarm.nodes() + 1];
        Arrays.fill(readerLsns, Oracle.START_LSN);
        // What a life that was cut off held is not given back before the end.
        this.memory = OffHeapMemory.open(
                OffHeapConfig.of("simulated-quorum", MEMORY_BYTES).withChecked(false));
        this.simulation = new Simulation(SimulationConfig.of(seed, swarm.nodes() + swarm.writers() + 1)
                .withProfile(swarm.faults())
                .withTrace(trace));
    }

    /**
     * Runs a seed to its end.
     *
     * @param trace gets a line for each event; null for none.
     */
    public static SeedResult run(final long seed, final Flaw flaw, final Consumer<String> trace) {
        try (QuorumSimulation run = new QuorumSimulation(seed, flaw, trace)) {
            Throwable violation = null;
            try {
                run.go();
            } catch (final RuntimeException | AssertionError e) {
                violation = e;
            }
            return run.result(seed, violation);
        }
    }

    private SeedResult result(final long seed, final Throwable violation) {
        long crashes = 0;
        for (final SimulatedHost host : simulation.hosts()) {
            crashes += host.lives() - 1;
        }
        return new SeedResult(
                seed, violation, oracle.commits(), crashes, oracle.committedLsn() - Oracle.START_LSN, disksLost);
    }

    private void go() {
        simulation.startAll(this::program);
        simulation.startFaults();
        for (int i = 0; i < swarm.acts(); i++) {
            simulation.runFor((50 + random.nextLong(500)) * MILLISECOND_NS);
            act();
        }
        calm();
        requireProgress();
    }

    private void act() {
        final double dice = random.nextDouble();
        if (dice < swarm.wipes()) {
            loseDisk();
        } else if (dice < swarm.wipes() + swarm.fullDisks()) {
            final SimulatedDisk disk =
                    simulation.host(random.nextInt(nodes.length)).disk();
            disk.setCapacity(disk.usedBytes() + random.nextInt(100_000));
        } else if (random.nextBoolean()) {
            simulation.host(random.nextInt(nodes.length)).stall((1 + random.nextLong(2_000)) * MILLISECOND_NS);
        } else {
            simulation.network().isolate(random.nextInt(simulation.hosts().size()));
        }
    }

    /** Only when the last one that was lost is replaced: who loses two of three disks at once has lost what is on them. */
    private void loseDisk() {
        if (isWhole()) {
            final int node = random.nextInt(nodes.length);
            isToBeWiped[node] = true;
            disksLost++;
            simulation.host(node).crash();
            simulation.host(node).startAfter((1 + random.nextLong(500)) * MILLISECOND_NS);
        }
    }

    private boolean isWhole() {
        final Set<Long> acceptors = new LinkedHashSet<>();
        Membership newest = Membership.NONE;
        for (int i = 0; i < nodes.length; i++) {
            final LogStatus log = log(i);
            if (isToBeWiped[i] || !simulation.host(i).up() || log == null) {
                return false;
            }
            acceptors.add(log.acceptorId());
            if (log.membership().generation() >= newest.generation()) {
                newest = log.membership();
            }
        }
        return !newest.isTransitional() && acceptors.equals(new LinkedHashSet<>(newest.members())) && isTaken(newest);
    }

    /** Every node has taken this membership on. */
    private boolean isTaken(final Membership membership) {
        for (int i = 0; i < nodes.length; i++) {
            if (!log(i).membership().equals(membership)) {
                return false;
            }
        }
        return true;
    }

    private LogStatus log(final int node) {
        final WalNodeStatus status = nodes[node] == null ? null : nodes[node].status();
        return status == null || status.logs().isEmpty() ? null : status.logs().getFirst();
    }

    private void calm() {
        oracle.isCalm = true;
        for (int i = 0; i < nodes.length; i++) {
            simulation
                    .host(i)
                    .disk()
                    .setCapacity(simulation.host(i).disk().geometry().capacityBytes());
        }
        simulation.calm();
    }

    private void requireProgress() {
        final long goal = oracle.committedLsn() + PROGRESS_BYTES;
        oracle.limitLsn = goal + PROGRESS_BYTES;
        final boolean isReached = simulation.runUntil(
                () -> oracle.committedLsn() >= goal
                        && Arrays.stream(readerLsns).allMatch(lsn -> lsn >= goal)
                        && nodeIds.stream()
                                .allMatch(node -> log(node) != null && log(node).flushedLsn() >= goal),
                PATIENCE_NS);
        if (!isReached) {
            throw new AssertionError("no progress once faults stopped: committed to " + oracle.committedLsn() + " of "
                    + goal + ", readers at " + Arrays.toString(readerLsns) + describe());
        }
    }

    private String describe() {
        final StringBuilder text = new StringBuilder();
        for (final WriterHost writer : writers) {
            if (writer != null) {
                text.append("\n  writer ")
                        .append(writer.writer().state().word())
                        .append(" term ")
                        .append(writer.writer().term())
                        .append(' ')
                        .append(writer.writer().sentence());
            }
        }
        for (final int node : nodeIds) {
            text.append("\n  node ").append(node).append(' ').append(log(node));
        }
        return text.toString();
    }

    private List<Agent> program(final SimulatedHost host) {
        if (host.id() < nodes.length) {
            return startNode(host);
        }
        if (host.id() < nodes.length + writers.length) {
            final WriterHost writer = new WriterHost(
                    host,
                    flaw.onWriter(host.network().open(host.id())),
                    oracle,
                    SPEC,
                    Set.copyOf(nodeIds),
                    WriterConfig.DEFAULT
                            .withWindowBytes(WriterConfig.MIN_WINDOW_BYTES)
                            .withChangeIntervalNs(100 * MILLISECOND_NS)
                            .withTrailNs(swarm.trailNs()),
                    memory);
            writers[host.id() - nodes.length] = writer;
            return List.of(writer);
        }
        return List.of(new ReaderHost(host, oracle, SPEC, nodeIds, readerLsns, memory));
    }

    private List<Agent> startNode(final SimulatedHost host) {
        if (isToBeWiped[host.id()]) {
            // Again when power is lost half-way: a disk that is half empty is not another disk.
            removeAll(host.storage(), "");
            isToBeWiped[host.id()] = false;
        }
        final WalNode node = new WalNode(
                CLUSTER,
                flaw.onNode(host.network().open(host.id())),
                flaw.onDisk(host.storage()),
                memory,
                host.clock(),
                flaw.onDraw(host.random()),
                WalNodeConfig.DEFAULT
                        .withLog(new LogConfig(
                                64 << 10, FRAME_BYTES, (swarm.framesInBuffer() + 1) * FRAME_BYTES, 2, 2, 1))
                        .withLimits(3, 2 + nodes.length, 16 << 10),
                CompletionWaits.NONE,
                trouble -> {});
        nodes[host.id()] = node;
        return swarm.archives() ? List.of(node, new Archiver(host, node, oracle)) : List.of(node);
    }

    private static void removeAll(final Storage storage, final String directory) {
        for (final String entry : storage.list(directory)) {
            final String name = directory.isEmpty() ? entry : directory + "/" + entry;
            if (storage.status(name).kind() == FileKind.DIRECTORY) {
                removeAll(storage, name);
            }
            storage.deleteDurably(name);
        }
    }

    @Override
    public void close() {
        simulation.close();
        memory.abandon();
    }

    /** Says now and then that all that is committed is archived. */
    private static final class Archiver implements Agent {
        private final SimulatedHost host;
        private final WalNode node;
        private final Oracle oracle;
        private long toldNs;

        Archiver(final SimulatedHost host, final WalNode node, final Oracle oracle) {
            this.host = host;
            this.node = node;
            this.oracle = oracle;
        }

        @Override
        public int doWork() {
            final long nowNs = host.clock().nanoTime();
            if (nowNs - toldNs < 200 * MILLISECOND_NS) {
                return 0;
            }
            toldNs = nowNs;
            return node.archived(SPEC.logId(), oracle.committedLsn()) ? 1 : 0;
        }

        @Override
        public String roleName() {
            return "archiver";
        }
    }
}
