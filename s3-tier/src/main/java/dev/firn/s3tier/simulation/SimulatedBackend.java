package dev.firn.s3tier.simulation;

import dev.firn.nativeio.simulation.SimulatedHost;
import dev.firn.nativeio.simulation.Trace;
import dev.firn.s3tier.backend.Attempt;
import dev.firn.s3tier.backend.StoreBackend;
import dev.firn.s3tier.store.StoreLimits;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** One client's way to the simulated store: of one life of a host, or of none. */
final class SimulatedBackend implements StoreBackend {
    private final SimulatedStore store;
    private final SimulatedHost host;
    private final int life;
    private final Set<Journey> open = new LinkedHashSet<>();

    /** Cancelled, and to be completed in the next turn unless their answers come before. */
    private final ArrayDeque<Journey> cancelled = new ArrayDeque<>();

    /**
     * @param host null for a client on no host.
     */
    SimulatedBackend(final SimulatedStore store, final SimulatedHost host) {
        this.store = store;
        this.host = host;
        this.life = host == null ? 0 : host.lives();
    }

    @Override
    public String describe() {
        return "simulated store " + store.index() + (host == null ? "" : " of host " + host.id());
    }

    @Override
    public StoreLimits limits() {
        return store.limits();
    }

    @Override
    public String addressOf(final String key) {
        return "s3://simulated-" + store.index() + '/' + key;
    }

    @Override
    public void begin(final Attempt attempt) {
        final Journey journey = new Journey(store, this, attempt);
        attempt.backendState(journey);
        open.add(journey);
        if (alive()) {
            journey.begin();
        } else {
            journey.completeCancelled();
        }
    }

    @Override
    public void cancel(final Attempt attempt) {
        if (attempt.backendState() instanceof Journey journey) {
            journey.cancel();
        }
    }

    @Override
    public int doWork() {
        int done = 0;
        for (Journey journey = cancelled.poll(); journey != null; journey = cancelled.poll()) {
            done += journey.completeCancelled() ? 1 : 0;
        }
        return done;
    }

    @Override
    public void close() {
        for (final Journey journey : List.copyOf(open)) {
            journey.completeCancelled();
        }
        cancelled.clear();
    }

    /** Whether the process that opened this is still there. */
    boolean alive() {
        return host == null || (host.up() && host.lives() == life);
    }

    /** The host's id, or {@link Trace#NO_NODE}. */
    int node() {
        return host == null ? Trace.NO_NODE : host.id();
    }

    void inNextTurn(final Journey journey) {
        cancelled.add(journey);
    }

    void onCompleted(final Journey journey) {
        open.remove(journey);
    }
}
