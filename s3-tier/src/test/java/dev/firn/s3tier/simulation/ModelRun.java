package dev.firn.s3tier.simulation;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.simulation.AgentTiming;
import dev.firn.nativeio.simulation.DiskFaults;
import dev.firn.nativeio.simulation.FaultKind;
import dev.firn.nativeio.simulation.FaultProfile;
import dev.firn.nativeio.simulation.HostFaults;
import dev.firn.nativeio.simulation.NetworkFaults;
import dev.firn.nativeio.simulation.SimulatedClock;
import dev.firn.nativeio.simulation.SimulatedHost;
import dev.firn.nativeio.simulation.Simulation;
import dev.firn.nativeio.simulation.SimulationConfig;
import dev.firn.s3tier.contract.Call;
import dev.firn.s3tier.session.SessionStore;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.ObjectVersion;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.StoreOutcome;
import dev.firn.s3tier.store.StoreSession;
import dev.firn.s3tier.store.SweepOutcome;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.agrona.concurrent.Agent;

/** One seed's run: random operations of clients on hosts that crash, on the simulated store, against the model. */
final class ModelRun {
    static final int MIN_PART_BYTES = 64;
    static final String FREE_KEYS = "free/";

    private static final long MILLISECOND_NS = 1_000_000L;
    private static final long SECOND_NS = 1_000 * MILLISECOND_NS;
    static final long STALE_NS = 60 * SECOND_NS;

    private static final int HOSTS = 6;
    private static final int CALLS_A_HOST = 12;
    private static final int CHAINS = 8;
    private static final int LONGEST_CHAIN = 24;
    private static final int FREE = 16;
    private static final long PATIENCE_NS = 600 * SECOND_NS;

    private static final StoreLimits LIMITS = new StoreLimits(
            10,
            8_000,
            64,
            10,
            1L << 20,
            4_096,
            MIN_PART_BYTES,
            4_096,
            5 * SECOND_NS,
            6,
            10 * MILLISECOND_NS,
            500 * MILLISECOND_NS,
            200,
            25,
            300 * MILLISECOND_NS,
            32);

    /** Crashes of any number of hosts, stalls, and clocks that are wrong. */
    private static final HostFaults HOST_FAULTS = new HostFaults(
            new AgentTiming(1_000, 100_000, 4 * MILLISECOND_NS, 0.000_2, 500 * MILLISECOND_NS),
            5 * SECOND_NS,
            MILLISECOND_NS,
            SECOND_NS,
            0.5,
            0,
            0,
            Integer.MAX_VALUE,
            50_000,
            10 * SECOND_NS,
            10 * SECOND_NS,
            3_600 * SECOND_NS);

    /** A version that a client has seen, and the write that it is. */
    record Seen(ModelWrite write, ObjectVersion version) {}

    /**
     * What a run came to.
     *
     * @param outcomes how often calls were answered what.
     */
    record Result(long operations, long crashes, long hash, Map<String, Long> outcomes, Map<StoreFault, Long> faults) {}

    private final long seed;
    private final long operations;
    private final PlantedBug bug;
    private final Simulation simulation;
    private final SimulatedStore store;
    private final long settleNs;
    private final StoreModel model;
    private final ModelClient[] clients = new ModelClient[HOSTS];
    private final List<Map<String, Seen>> seen = new ArrayList<>();
    private final int[] generations = new int[CHAINS];
    private final List<String> freeKeys = IntStream.range(0, FREE)
            .mapToObj(i -> String.format(Locale.ROOT, "%s%02d", FREE_KEYS, i))
            .toList();
    private final Map<String, Long> outcomes = new TreeMap<>();
    private long begun;
    private boolean calm;

    private ModelRun(final long seed, final StoreFaults faults, final long operations, final PlantedBug bug) {
        this.seed = seed;
        this.operations = operations;
        this.bug = bug;
        this.simulation = new Simulation(SimulationConfig.of(seed, HOSTS)
                .withProfile(new FaultProfile(DiskFaults.NONE, NetworkFaults.NONE, HOST_FAULTS)));
        this.store = SimulatedStore.in(simulation, 0, faults, LIMITS);
        final boolean repeats = faults.chances().getOrDefault(StoreFault.WRITE_LATE, 0.0) > 0
                || faults.chances().getOrDefault(StoreFault.WRITE_DUPLICATED, 0.0) > 0;
        final long longestNs =
                Math.max(faults.latency().maxNs(), faults.latency().maxTailNs()) + faults.maxSlowNs();
        this.settleNs = longestNs + (repeats ? faults.maxLateNs() : 0);
        this.model = new StoreModel(settleNs, repeats);
        for (int i = 0; i < HOSTS; i++) {
            seen.add(new HashMap<>());
        }
    }

    /**
     * @throws AssertionError that names the seed, when an answer cannot be true; or the simulation's failure, which does too.
     */
    static Result of(final long seed, final StoreFaults faults, final long operations, final PlantedBug bug) {
        final ModelRun run = new ModelRun(seed, faults, operations, bug);
        try {
            return run.run();
        } catch (final AssertionError violation) {
            throw new AssertionError(
                    "seed " + seed + " (" + operations + " operations): " + violation.getMessage(), violation);
        } finally {
            run.simulation.close();
        }
    }

    private Result run() {
        simulation.startAll(this::start);
        simulation.startFaults();
        if (!simulation.runUntil(() -> !wantsMore(), operations * SECOND_NS)) {
            throw new AssertionError("only " + begun + " operations were begun");
        }
        calm = true;
        simulation.calm();
        if (!simulation.runUntil(this::allAreIdle, PATIENCE_NS)) {
            throw new AssertionError("some calls are not answered though nothing has gone wrong for "
                    + PATIENCE_NS / SECOND_NS + " s of virtual time");
        }
        simulation.runFor(settleNs);
        checkTheEnd();
        final Map<StoreFault, Long> faults = new TreeMap<>();
        for (final StoreFault fault : StoreFault.values()) {
            faults.put(fault, store.count(fault));
        }
        for (final ModelClient client : clients) {
            client.bury();
        }
        final long crashes = simulation.trace().count(FaultKind.POWER_LOSS)
                + simulation.trace().count(FaultKind.PROCESS_KILL);
        return new Result(begun, crashes, simulation.trace().hash(), outcomes, faults);
    }

    private List<Agent> start(final SimulatedHost host) {
        if (clients[host.id()] != null) {
            clients[host.id()].bury();
        }
        seen.get(host.id()).clear();
        final ObjectStore opened =
                SessionStore.over(bug.plantedIn(store.backendFor(host)), host.clock(), host.random());
        clients[host.id()] = new ModelClient(host, this, opened, CALLS_A_HOST);
        return List.of(clients[host.id()]);
    }

    private boolean allAreIdle() {
        for (final SimulatedHost host : simulation.hosts()) {
            if (!host.up() || !clients[host.id()].isIdle()) {
                return false;
            }
        }
        return true;
    }

    /** What stands in the store agrees with all answers, and the leftovers of crashes can be swept. */
    private void checkTheEnd() {
        for (final String key : model.keys()) {
            final byte[] content = store.contentOf(key);
            if (content == null) {
                model.sawNothing(key, model.knownOf(key));
            } else {
                final long id = MemorySegment.ofArray(content).get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
                model.saw(model.writeOf(id), key, model.knownOf(key), nowNs());
            }
        }
        final ObjectStore own = SessionStore.over(
                store.backend(), new SimulatedClock(simulation.scheduler(), 0, 0, 0), SystemRandom.seeded(seed));
        final StoreSession session = own.openSession();
        final Call<SweepOutcome> sweep =
                Call.begin(handler -> session.abortStaleUploads("", 0, CallOptions.DEFAULT, handler));
        while (!sweep.isAnswered()) {
            session.poll(1);
        }
        if (!(sweep.outcome() instanceof SweepOutcome.Swept) || store.openUploads() != 0) {
            throw new AssertionError(sweep.outcome() + " and " + store.openUploads() + " uploads are left");
        }
        session.close();
        own.close();
    }

    // For the clients.

    StoreModel model() {
        return model;
    }

    long nowNs() {
        return simulation.scheduler().nowNs();
    }

    boolean wantsMore() {
        return begun < operations && !calm;
    }

    void operationBegun() {
        begun++;
    }

    void answered(final StoreOutcome outcome) {
        final String name = outcome instanceof Failed failed
                ? "Failed " + failed.kind()
                : outcome.getClass().getSimpleName();
        outcomes.merge(name, 1L, Long::sum);
    }

    String chainKey(final RandomGenerator random) {
        final int slot = random.nextInt(CHAINS);
        return String.format(Locale.ROOT, "%s%02d/%05d", StoreModel.CHAINS, slot, generations[slot]);
    }

    String freeKey(final RandomGenerator random) {
        return freeKeys.get(random.nextInt(FREE));
    }

    List<String> freeKeys() {
        return freeKeys;
    }

    Seen seenBy(final int host, final String key) {
        return seen.get(host).get(key);
    }

    void forget(final int host, final String key) {
        seen.get(host).remove(key);
    }

    void saw(final int host, final ModelWrite write, final ObjectVersion version) {
        seen.get(host).put(write.key, new Seen(write, version));
        if (write.index >= LONGEST_CHAIN) {
            final String[] parts = write.key.split("/", -1);
            final int slot = Integer.parseInt(parts[1]);
            generations[slot] = Math.max(generations[slot], Integer.parseInt(parts[2]) + 1);
        }
    }
}
