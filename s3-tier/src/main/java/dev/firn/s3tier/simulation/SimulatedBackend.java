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
    private static final long LONGEST_STEP_NS = 100_000;

    /** A session takes one turn in each of its agent's duty cycles, or a few. */
    private static final int MOST_TURNS_OF_INSTANT = 40;

    private final SimulatedStore store;
    private final SimulatedHost host;
    private final StoreLimits limits;
    private final int life;
    private final Set<Journey> open = new LinkedHashSet<>();

    /** Cancelled, and to be completed in the next turn unless their answers come before. */
    private final ArrayDeque<Journey> cancelled = new ArrayDeque<>();

    private long instantNs = -1;
    private int turnsOfInstant;

    /**
     * @param host null for a client on no host.
     */
    SimulatedBackend(final SimulatedStore store, final SimulatedHost host, final StoreLimits limits) {
        this.store = store;
        this.host = host;
        this.limits = limits;
        this.life = host == null ? 0 : host.lives();
    }

    @Override
    public String describe() {
        return "simulated store " + store.index() + (host == null ? "" : " of host " + host.id());
    }

    @Override
    public StoreLimits limits() {
        return limits;
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
        if (open.isEmpty()) {
            return done;
        }
        if (host == null && !store.scheduler().insideTask()) {
            final long nowNs = store.scheduler().nowNs();
            return done + (store.scheduler().stepUntil(nowNs + LONGEST_STEP_NS) ? 1 : 0);
        }
        return done + giveUpWaiting();
    }

    /**
     * A session that is closed waits for its backend. On a host that cannot be: no time passes inside a task. So when turn
     * after turn comes in one instant, what is open breaks off.
     */
    private int giveUpWaiting() {
        final long nowNs = store.scheduler().nowNs();
        turnsOfInstant = nowNs == instantNs ? turnsOfInstant + 1 : 1;
        instantNs = nowNs;
        if (turnsOfInstant < MOST_TURNS_OF_INSTANT) {
            return 0;
        }
        final List<Journey> all = List.copyOf(open);
        all.forEach(Journey::completeCancelled);
        return all.size();
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
