package dev.firn.pagestore.manifest;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.simulation.AgentTiming;
import dev.firn.nativeio.simulation.DiskFaults;
import dev.firn.nativeio.simulation.FaultProfile;
import dev.firn.nativeio.simulation.HostFaults;
import dev.firn.nativeio.simulation.NetworkFaults;
import dev.firn.nativeio.simulation.SimulatedHost;
import dev.firn.nativeio.simulation.Simulation;
import dev.firn.nativeio.simulation.SimulationConfig;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.layer.LayerDescription;
import dev.firn.pagestore.layer.LayerKind;
import dev.firn.pagestore.layer.LayerName;
import dev.firn.s3tier.session.SessionStore;
import dev.firn.s3tier.simulation.SimulatedStore;
import dev.firn.s3tier.simulation.StoreFaults;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.StoreSession;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.agrona.concurrent.Agent;

/**
 * Owners of one timeline that take it from each other at every step, crash, and lose answers: all manifests that were acknowledged to any of them are
 * one line.
 */
final class OwnersRun {
    static final String TIMELINE = "main";

    private static final long MILLISECOND_NS = 1_000_000L;
    private static final long SECOND_NS = 1_000 * MILLISECOND_NS;
    private static final int HOSTS = 3;
    private static final HostFaults HOST_FAULTS = new HostFaults(
            new AgentTiming(1_000, 100_000, 4 * MILLISECOND_NS, 0.000_5, 3 * SECOND_NS),
            10 * SECOND_NS,
            MILLISECOND_NS,
            3 * SECOND_NS,
            0.5,
            0,
            0,
            Integer.MAX_VALUE,
            50_000,
            SECOND_NS,
            10 * SECOND_NS,
            10 * SECOND_NS);

    private final long acknowledgements;
    private final Simulation simulation;
    private final SimulatedStore store;
    private final Owner[] owners = new Owner[HOSTS];

    /** By generation: all that were acknowledged. */
    private final TreeMap<Long, Manifest> line = new TreeMap<>();

    private final Map<String, Integer> outcomes = new TreeMap<>();
    private long acknowledged;
    private boolean calm;

    private OwnersRun(final long seed, final StoreFaults faults, final long acknowledgements) {
        this.acknowledgements = acknowledgements;
        this.simulation = new Simulation(SimulationConfig.of(seed, HOSTS)
                .withProfile(new FaultProfile(DiskFaults.NONE, NetworkFaults.NONE, HOST_FAULTS)));
        this.store = SimulatedStore.in(simulation, 0, faults, StoreLimits.DEFAULT);
    }

    /** Returns how often operations came to what. */
    static Map<String, Integer> of(final long seed, final StoreFaults faults, final long acknowledgements) {
        final OwnersRun run = new OwnersRun(seed, faults, acknowledgements);
        try {
            return run.run();
        } catch (final AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        } finally {
            for (final Owner owner : run.owners) {
                owner.bury();
            }
            run.simulation.close();
        }
    }

    private Map<String, Integer> run() {
        simulation.startAll(host -> {
            if (owners[host.id()] != null) {
                owners[host.id()].bury();
            }
            owners[host.id()] = new Owner(host);
            return List.of(owners[host.id()]);
        });
        simulation.startFaults();
        if (!simulation.runUntil(() -> acknowledged >= acknowledgements, acknowledgements * 100 * SECOND_NS)) {
            throw new AssertionError("only " + acknowledged + " manifests were acknowledged: " + outcomes);
        }
        simulation.calm();
        final long before = acknowledged;
        if (!simulation.runUntil(() -> acknowledged > before + 10, 600 * SECOND_NS)) {
            throw new AssertionError("nothing goes on though all is well");
        }
        calm = true;
        simulation.runFor(120 * SECOND_NS);
        final Manifest last = ManifestCodec.decode(store.contentOf(ManifestStore.keyOf(TIMELINE)));
        requireBefore(line.lastEntry().getValue(), last);
        return outcomes;
    }

    private void acknowledge(final Manifest manifest) {
        acknowledged++;
        if (line.put(manifest.generation(), manifest) != null) {
            throw new AssertionError("two manifests of generation " + manifest.generation());
        }
        final Map.Entry<Long, Manifest> before = line.lowerEntry(manifest.generation());
        if (before != null) {
            requireBefore(before.getValue(), manifest);
        }
        final Map.Entry<Long, Manifest> after = line.higherEntry(manifest.generation());
        if (after != null) {
            requireBefore(manifest, after.getValue());
        }
    }

    /** Nothing that was acknowledged is lost in what comes after it, and no owner of before comes after. */
    private static void requireBefore(final Manifest before, final Manifest after) {
        final boolean sameOwner = before.epoch() == after.epoch() && before.owner() == after.owner();
        if (before.epoch() > after.epoch()
                || (before.epoch() == after.epoch() && !sameOwner)
                || !new HashSet<>(after.layers()).containsAll(before.layers())
                || after.uploadedLsn() < before.uploadedLsn()) {
            throw new AssertionError("generation " + after.generation() + " of epoch " + after.epoch()
                    + " does not follow from generation " + before.generation() + " of epoch " + before.epoch());
        }
    }

    private void count(final String outcome) {
        outcomes.merge(outcome, 1, Integer::sum);
    }

    /** One life of an owner: claims, adds layers, and claims again some time after it was deposed. */
    private final class Owner implements Agent {
        private static final long CALL_NS = 2 * SECOND_NS;

        private final SimulatedHost host;
        private final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("owners-run", 4 << 20));
        private final ObjectStore objects;
        private StoreSession session;
        private ManifestStore manifests;
        private long nextNumber;
        private boolean waiting;
        private long notBeforeNs;
        private boolean owns;
        private Set<LayerDescription> wanted = new HashSet<>();

        private Owner(final SimulatedHost host) {
            this.host = host;
            this.objects = SessionStore.over(store.backendFor(host), host.clock(), host.random());
        }

        @Override
        public int doWork() {
            if (session == null) {
                session = objects.openSession();
                pause();
            }
            int work = session.poll(10);
            if (!waiting && !calm && host.clock().nanoTime() - notBeforeNs >= 0) {
                begin();
                work++;
            }
            return work;
        }

        private void begin() {
            waiting = true;
            if (!owns) {
                manifests = new ManifestStore(session, TIMELINE, memory, new CallOptions(CALL_NS), host.random());
                nextNumber = 0;
                manifests.claim(first(), this::onClaim);
            } else if (host.random().nextInt(8) == 0) {
                manifests.read(outcome -> {
                    waiting = false;
                    count("read " + outcome.getClass().getSimpleName());
                });
            } else {
                replace();
            }
        }

        private void onClaim(final ManifestStore.Outcome outcome) {
            waiting = false;
            count("claim " + outcome.getClass().getSimpleName());
            if (outcome instanceof ManifestStore.Outcome.Held held) {
                owns = true;
                wanted = new HashSet<>(held.manifest().layers());
                acknowledge(held.manifest());
            } else if (outcome instanceof ManifestStore.Outcome.Failed) {
                pause();
            } else {
                throw new AssertionError("a claim ended with " + outcome);
            }
        }

        private void replace() {
            final Manifest from = manifests.current();
            wanted.add(layer(new LayerName(from.epoch(), nextNumber++)));
            final List<LayerDescription> layers = new ArrayList<>(wanted);
            layers.sort((one, other) -> one.name().compareTo(other.name()));
            final Manifest next =
                    new Manifest(TIMELINE, 0, 0, 0, from.uploadedLsn() + 1, "", 0, "", 0, List.of(), layers);
            manifests.replace(next, outcome -> {
                waiting = false;
                count("replace " + outcome.getClass().getSimpleName());
                switch (outcome) {
                    case ManifestStore.Outcome.Held held -> acknowledge(held.manifest());
                    case ManifestStore.Outcome.Deposed deposed -> {
                        owns = false;
                        pause();
                    }
                    case ManifestStore.Outcome.Failed failed -> pause();
                    default -> throw new AssertionError("a replacement ended with " + outcome);
                }
            });
        }

        private void pause() {
            notBeforeNs = host.clock().nanoTime() + host.random().nextLong(3 * SECOND_NS);
        }

        private void bury() {
            memory.abandon();
        }

        @Override
        public String roleName() {
            return "owner";
        }
    }

    private static Manifest first() {
        return new Manifest(TIMELINE, 0, 0, 0, 0, "", 0, "", 0, List.of(), List.of());
    }

    private static LayerDescription layer(final LayerName name) {
        return new LayerDescription(
                name, LayerKind.DELTA, KeyRange.of(KeyClass.PAGE), 1, 2, 1_000, 500, 10, 10_000, (int) name.number());
    }
}
