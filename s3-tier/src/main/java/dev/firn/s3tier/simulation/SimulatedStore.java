package dev.firn.s3tier.simulation;

import dev.firn.nativeio.simulation.FaultSource;
import dev.firn.nativeio.simulation.Scheduler;
import dev.firn.nativeio.simulation.Seeds;
import dev.firn.nativeio.simulation.SimulatedClock;
import dev.firn.nativeio.simulation.SimulatedHost;
import dev.firn.nativeio.simulation.Simulation;
import dev.firn.nativeio.simulation.Trace;
import dev.firn.s3tier.backend.AttemptRequest;
import dev.firn.s3tier.backend.StoreBackend;
import dev.firn.s3tier.store.ObjectVersion;
import dev.firn.s3tier.store.StoreLimits;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * An object store inside a simulation, shared by its hosts, which it outlives: what S3 promises, and nothing more.
 *
 * <pre>{@code
 * SimulatedStore store = SimulatedStore.in(simulation, StoreFaults.HARSH);
 * simulation.startAll(host -> List.of(new Uploader(
 *         SessionStore.over(store.backendFor(host), host.clock(), host.random()))));
 * }</pre>
 *
 * <h2>The fault model</h2>
 *
 * <p><b>One instant.</b> A request is sent, takes effect as a whole at one virtual instant, and is answered; requests of one
 * client and of many overtake each other freely between these ({@link StoreFaults#latency()}; keys may be slow). From the
 * instant on every get, head and list sees the effect, and conditions are decided at it. A get reads one version. Each page
 * of a list shows one instant, different pages different ones. A batch of deletes that fails may have removed any of its keys.
 *
 * <p><b>Names of versions.</b> An ETag is a hash of the content (of the parts' hashes, for an upload): the same content has the
 * same ETag, whoever wrote it and whenever. Times are in whole seconds.
 *
 * <p><b>Lost.</b> A request may be lost before it took effect, and an answer after; the client sees a broken connection, or
 * nothing at all until its own time-out. An answer 500 may come with or without the effect; 503 comes without, but the client
 * cannot know. 409 comes without effect, whether or not the condition holds, and may take the upload with it.
 *
 * <p><b>Late.</b> A write may take effect up to {@link StoreFaults#maxLateNs()} after its connection broke, and a write may be
 * delivered twice: the second time so much later, even after its answer, or soon after the first, and the answer is that to
 * the second, which its own first copy may have refused. So a proxy that repeats does, or a packet that lingers. So an unconditional put may undo a later one, and a delete may be undone by a write of what it deleted: no client can
 * prevent either, and who stands on the store must live with it. A condition on a version whose content never comes back
 * keeps a late write out for ever.
 *
 * <p><b>Cancelled.</b> What is cancelled before it was sent has no effect; afterwards it may still have. The cancelled attempt is
 * completed at once, or in the backend's next turn, or by its answer when that comes first. A cancelled read may have filled
 * any beginning of its buffer.
 *
 * <p><b>Bits.</b> A flipped bit in a body or in an answer is found by its checksum, always; the buffer of a read then holds
 * garbage. A read may end in the middle.
 *
 * <p><b>Uploads</b> stay until they are completed or aborted, also those whose id nobody got to know. An upload that is completed
 * once more is answered as the first time, or 404. Parts keep the least length.
 *
 * <p><b>Outages and throttling</b> come over the store, or over one host's way to it, for a while, from
 * {@link Simulation#startFaults} on. In an outage connections are refused, and what is on its way is lost.
 *
 * <p><b>Crashes.</b> What a host's process had not sent when it ended never arrives; what it had sent goes on; answers vanish.
 * {@link Simulation#calm} ends what strikes by chance, here too; late writes that are on their way still arrive.
 *
 * <p><b>Not modelled:</b> bandwidth, credentials, loss of what was stored, and a server that lies.
 *
 * <p>Belongs to the simulation's thread.
 */
public final class SimulatedStore {
    private static final long NANOS_A_SECOND = 1_000_000_000L;
    private static final long MILLIS_A_SECOND = 1_000L;

    private record Armed(StoreFaultRule rule, int[] toSkip, int[] left) {}

    private final Simulation simulation;
    private final int index;
    private final StoreLimits limits;
    private final ObjectServer server;
    private final StoreWeather weather;
    private final RandomGenerator random;
    private final List<Armed> rules = new ArrayList<>();
    private final long[] counts = new long[StoreFault.values().length];
    private StoreFaults faults;
    private long requests;

    private SimulatedStore(
            final Simulation simulation, final int index, final StoreFaults faults, final StoreLimits limits) {
        this.simulation = simulation;
        this.index = index;
        this.limits = limits;
        this.faults = faults;
        this.server = new ObjectServer(limits.minPartBytes());
        this.random = Seeds.generator(simulation.seed(), "store", index);
        this.weather = new StoreWeather(
                this,
                simulation.scheduler(),
                simulation.seed(),
                simulation.config().hosts());
        simulation.add(new FaultSource() {
            @Override
            public void startFaults() {
                weather.start();
            }

            @Override
            public void calm() {
                weather.stop();
                rules.clear();
                setFaults(StoreFaults.NONE);
            }
        });
    }

    /** A store with the limits of every store. */
    public static SimulatedStore in(final Simulation simulation, final StoreFaults faults) {
        return in(simulation, 0, faults, StoreLimits.DEFAULT);
    }

    /**
     * @param index which store of the simulation it is: each has its own randomness.
     */
    public static SimulatedStore in(
            final Simulation simulation, final int index, final StoreFaults faults, final StoreLimits limits) {
        return new SimulatedStore(simulation, index, faults, limits);
    }

    /** A host's way to the store, for this life of the host: ask anew in each {@code HostProgram.start}. */
    public StoreBackend backendFor(final SimulatedHost host) {
        return new SimulatedBackend(this, host, limits);
    }

    /**
     * A way to the store for a client that stands on none of the hosts, such as a test. Time passes while it waits: whenever
     * its turn comes outside of the simulation's tasks, the next task is run.
     */
    public StoreBackend backend() {
        return backend(limits);
    }

    /** As {@link #backend()}, with limits of its own. */
    public StoreBackend backend(final StoreLimits ownLimits) {
        return new SimulatedBackend(this, null, ownLimits);
    }

    public StoreFaults faults() {
        return faults;
    }

    /** Replaces what goes wrong by chance. */
    public void setFaults(final StoreFaults replacement) {
        faults = replacement;
    }

    /** Aims a fault. */
    public void inject(final StoreFaultRule rule) {
        rules.add(new Armed(rule, new int[] {rule.skip()}, new int[] {rule.times()}));
    }

    /** How often this has happened. */
    public long count(final StoreFault fault) {
        return counts[fault.ordinal()];
    }

    /** How many requests have been begun. */
    public long requests() {
        return requests;
    }

    /** Nobody reaches the store for so long. */
    public void outage(final long durationNs) {
        weather.outage(durationNs);
        struck(StoreFault.OUTAGE, Trace.NO_NODE, "", durationNs);
    }

    /** A host does not reach the store for so long; clients on no host when it is as large as the number of hosts. */
    public void cutOff(final int host, final long durationNs) {
        final int node = host >= simulation.config().hosts() ? Trace.NO_NODE : host;
        weather.outageOf(node, durationNs);
        struck(StoreFault.OUTAGE, node, "", durationNs);
    }

    /** The store refuses most requests for so long. */
    public void throttle(final long durationNs) {
        weather.throttle(durationNs);
        struck(StoreFault.THROTTLING, Trace.NO_NODE, "", durationNs);
    }

    /** The keys that there are now, in the order of their UTF-8 bytes: the truth, for checks. */
    public List<String> keys() {
        return List.copyOf(server.objects().keySet());
    }

    /** What stands under a key now, or null: the truth, for checks. */
    public byte[] contentOf(final String key) {
        final StoredObject object = server.objects().get(key);
        return object == null ? null : object.content().bytes();
    }

    /** The version that stands under a key now, or null: the truth, for checks. */
    public ObjectVersion versionOf(final String key) {
        final StoredObject object = server.objects().get(key);
        return object == null ? null : new ObjectVersion(object.etag(), object.stamp());
    }

    /** Uploads that were begun and neither completed nor aborted: the truth, for checks. */
    public int openUploads() {
        return server.uploads().size();
    }

    int index() {
        return index;
    }

    Scheduler scheduler() {
        return simulation.scheduler();
    }

    ObjectServer server() {
        return server;
    }

    StoreWeather weather() {
        return weather;
    }

    RandomGenerator random() {
        return random;
    }

    long nextRequest() {
        return ++requests;
    }

    /** The store's own clock, in milliseconds that are whole seconds. */
    long epochMs() {
        return (SimulatedClock.EPOCH_START_NS + scheduler().nowNs()) / NANOS_A_SECOND * MILLIS_A_SECOND;
    }

    /** A slow key is slow for as long as the share of slow keys does not change. */
    boolean isSlow(final String key) {
        return faults.slowKeys() > 0
                && Math.floorMod(Seeds.derive(simulation.seed(), key, index), 1_000) < faults.slowKeys() * 1_000;
    }

    /** What strikes a request: the first aimed fault that matches, else chance; null for nothing. */
    StoreFault fateOf(final AttemptRequest request) {
        final StoreFault aimed = aimedAt(request);
        if (aimed != null) {
            return aimed;
        }
        for (final StoreFault fault : faults.chances().keySet()) {
            if (fault.canStrike(request) && Seeds.happens(random, faults.chance(fault))) {
                return fault;
            }
        }
        return null;
    }

    void struck(final StoreFault fault, final int node, final String subject, final long detail) {
        counts[fault.ordinal()]++;
        simulation.trace().record(node, "store: " + fault.text() + " {}", subject, detail, 0);
    }

    void traced(final int node, final String event, final String subject, final long first, final long second) {
        simulation.trace().record(node, event, subject, first, second);
    }

    private StoreFault aimedAt(final AttemptRequest request) {
        if (rules.isEmpty()) {
            return null;
        }
        final StoreOperation operation = StoreOperation.of(request);
        final String subject = StoreOperation.subjectOf(request);
        for (final Iterator<Armed> all = rules.iterator(); all.hasNext(); ) {
            final Armed armed = all.next();
            if (!armed.rule().matches(operation, subject)
                    || !armed.rule().fault().canStrike(request)) {
                continue;
            }
            if (armed.toSkip()[0] > 0) {
                armed.toSkip()[0]--;
                continue;
            }
            if (--armed.left()[0] <= 0) {
                all.remove();
            }
            return armed.rule().fault();
        }
        return null;
    }
}
