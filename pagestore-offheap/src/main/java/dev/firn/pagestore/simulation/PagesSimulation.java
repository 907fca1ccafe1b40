package dev.firn.pagestore.simulation;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.simulation.SimulatedHost;
import dev.firn.nativeio.simulation.Simulation;
import dev.firn.nativeio.simulation.SimulationConfig;
import dev.firn.pagestore.layer.LayerDescription;
import dev.firn.pagestore.manifest.Manifest;
import dev.firn.pagestore.manifest.ManifestCodec;
import dev.firn.pagestore.manifest.ManifestStore;
import dev.firn.s3tier.session.SessionStore;
import dev.firn.s3tier.simulation.SimulatedStore;
import dev.firn.s3tier.store.ObjectStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.Agent;

/**
 * One seed: page servers that contend for a timeline and its branches, while the log grows, reads are made at random, processes end, and the store
 * does what its faults say.
 *
 * <p>Checked all the while: each answer is the model's; what is in layers never becomes less; no log is wanted that was said to be in layers. Once
 * faults stop: all is applied, every key reads right at many LSNs, and no layer that a manifest names is missing.
 */
public final class PagesSimulation implements AutoCloseable {
    private static final long MILLISECOND_NS = 1_000_000L;
    private static final long MEMORY_BYTES = 96L << 20;
    private static final int MAX_BRANCHES = 3;

    /** In virtual time, of which there is plenty. */
    private static final long PATIENCE_NS = 300_000 * MILLISECOND_NS;

    private static final int CHECKED_LSNS = 6;

    private final RandomGenerator random;
    private final PageSwarm swarm;
    private final PageWorld world;
    private final Simulation simulation;
    private final SimulatedStore store;
    private final PageServer[] servers;
    private final OffHeapMemory[] memories;
    private long records;

    private PagesSimulation(final long seed, final Flaw flaw, final Consumer<String> trace) {
        this.random = SystemRandom.seeded(seed);
        this.swarm = PageSwarm.draw(random);
        this.world = new PageWorld(swarm, flaw);
        this.servers = new PageServer[swarm.hosts()];
        this.memories = new OffHeapMemory[swarm.hosts()];
        this.simulation = new Simulation(SimulationConfig.of(seed, swarm.hosts())
                .withProfile(swarm.faults())
                .withTrace(trace));
        this.store = SimulatedStore.in(simulation, swarm.store());
        world.stored(this::storedManifest);
    }

    /**
     * Runs a seed to its end.
     *
     * @param trace gets a line for each event; null for none.
     */
    public static PageSeedResult run(final long seed, final Flaw flaw, final Consumer<String> trace) {
        try (PagesSimulation run = new PagesSimulation(seed, flaw, trace)) {
            Throwable violation = null;
            try {
                run.go();
            } catch (final RuntimeException | AssertionError e) {
                violation = e;
            }
            return run.result(seed, violation);
        }
    }

    private PageSeedResult result(final long seed, final Throwable violation) {
        long crashes = 0;
        for (final SimulatedHost host : simulation.hosts()) {
            crashes += host.lives() - 1;
        }
        return new PageSeedResult(seed, violation, records, crashes, world.answers(), world.ownerChanges());
    }

    private void go() {
        simulation.startAll(this::program);
        simulation.startFaults();
        for (int round = 0; round < swarm.rounds(); round++) {
            grow();
            if (random.nextInt(8) == 0 && world.logs().size() <= MAX_BRANCHES) {
                branch();
            }
            if (random.nextInt(10) == 0) {
                simulation.host(random.nextInt(swarm.hosts())).kill();
            }
            simulation.runFor((20 + random.nextLong(1_500)) * MILLISECOND_NS);
            restart();
        }
        settle();
        checkAll();
    }

    private void grow() {
        for (final ModelLog log : world.logs()) {
            for (int left = random.nextInt(swarm.records() + 1); left > 0; left--) {
                log.append(random);
                records++;
            }
        }
    }

    /** At an LSN that is surely kept: branches of older ones are refused, which is tested elsewhere. */
    private void branch() {
        final ModelLog parent = world.logs().get(random.nextInt(world.logs().size()));
        world.branch(parent, parent.endLsn());
    }

    private void restart() {
        for (final SimulatedHost host : simulation.hosts()) {
            if (!host.up() && random.nextInt(3) == 0) {
                host.start();
            }
        }
    }

    private List<Agent> program(final SimulatedHost host) {
        final OffHeapMemory memory = OffHeapMemory.open(
                OffHeapConfig.of("simulated-pages", MEMORY_BYTES).withChecked(false));
        if (memories[host.id()] != null) {
            memories[host.id()].close();
        }
        memories[host.id()] = memory;
        final ObjectStore objects =
                Sabotage.of(world, SessionStore.over(store.backendFor(host), host.clock(), host.random()));
        final PageServer server = new PageServer(world, host, memory, objects);
        servers[host.id()] = server;
        return server.agents();
    }

    /** Nothing goes wrong any more, and only one server is left: it comes to have all. */
    private void settle() {
        world.stopReads();
        simulation.calm();
        for (int id = 1; id < swarm.hosts(); id++) {
            simulation.host(id).kill();
        }
        simulation.host(0).start();
        world.calm();
        await("all timelines are open and have all of their log", () -> servers[0] != null && servers[0].isCaughtUp());
    }

    private void checkAll() {
        for (final ModelLog log : List.copyOf(world.logs())) {
            checkLayers(log);
            for (int i = 0; i < CHECKED_LSNS; i++) {
                await("the timelines stay open", () -> servers[0].isCaughtUp());
                final long oldest = servers[0].historyLsn(log);
                final long lsn = i == 0 ? log.endLsn() : oldest + random.nextLong(log.endLsn() - oldest + 1);
                final List<ModelKey> left = new ArrayList<>(ModelKey.all());
                await(
                        "all keys are read",
                        () -> servers[0].isCaughtUp() && servers[0].askAll(log, lsn, left) && servers[0].isIdle());
            }
        }
    }

    private Manifest storedManifest(final String timeline) {
        final byte[] bytes = store.contentOf(ManifestStore.keyOf(timeline));
        return bytes == null ? null : ManifestCodec.decode(bytes);
    }

    private void checkLayers(final ModelLog log) {
        // A branch that was made a moment ago answers while its first manifest is on its way.
        await("the manifest of " + log.name() + " is stored", () -> storedManifest(log.name()) != null);
        final Set<String> keys = Set.copyOf(store.keys());
        for (final LayerDescription layer : storedManifest(log.name()).layers()) {
            if (!keys.contains(layer.name().key(log.name()))) {
                throw new AssertionError(
                        "the manifest of " + log.name() + " names " + layer.name() + ", which is not there");
            }
        }
    }

    private void await(final String what, final BooleanSupplier condition) {
        if (!simulation.runUntil(condition, PATIENCE_NS)) {
            throw new AssertionError("once faults had stopped, it did not come about that " + what + ": "
                    + (servers[0] == null ? "the server does not start" : servers[0].describe()));
        }
    }

    @Override
    public void close() {
        simulation.close();
        for (final OffHeapMemory memory : memories) {
            if (memory != null) {
                memory.close();
            }
        }
    }
}
