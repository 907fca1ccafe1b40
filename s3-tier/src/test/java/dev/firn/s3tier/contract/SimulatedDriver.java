package dev.firn.s3tier.contract;

import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.simulation.Simulation;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/** For the simulated store: runs the simulation between polls. Clients race by turns, in an order that the seed chooses. */
public final class SimulatedDriver implements StoreDriver {
    private static final int HANDLERS_A_POLL = 64;

    /** Virtual time is cheap: a limit means so many times more of it. */
    private static final int STRETCH = 20;

    private static final long LONGEST_TURN_NS = 1_000_000;

    private final Simulation simulation;
    private final RandomGenerator random;

    public SimulatedDriver(final Simulation simulation) {
        this.simulation = simulation;
        this.random = SystemRandom.seeded(simulation.seed());
    }

    @Override
    public boolean until(final StoreSession session, final BooleanSupplier condition, final Duration limit) {
        final long endNs = endNs(limit);
        while (!condition.getAsBoolean()) {
            if (session.poll(HANDLERS_A_POLL) == 0) {
                if (simulation.scheduler().nowNs() > endNs) {
                    return condition.getAsBoolean();
                }
                simulation.runFor(random.nextLong(1, LONGEST_TURN_NS));
            }
        }
        return true;
    }

    @Override
    public void race(final ObjectStore store, final List<? extends RaceClient> clients, final Duration limit) {
        final List<StoreSession> sessions = new ArrayList<>();
        try (Closing _ = () -> sessions.forEach(StoreSession::close)) {
            for (final RaceClient client : clients) {
                final StoreSession session = store.openSession();
                sessions.add(session);
                client.begin(session);
            }
            final long endNs = endNs(limit);
            while (!clients.stream().allMatch(RaceClient::isDone)) {
                if (simulation.scheduler().nowNs() > endNs) {
                    throw new AssertionError("seed " + simulation.seed() + ": the clients are not done after "
                            + simulation.scheduler().nowNs() + " ns of virtual time");
                }
                final int turns = random.nextInt(1, clients.size() + 1);
                for (int turn = 0; turn < turns; turn++) {
                    sessions.get(random.nextInt(sessions.size())).poll(1 + random.nextInt(HANDLERS_A_POLL));
                }
                simulation.runFor(random.nextLong(1, LONGEST_TURN_NS));
            }
        }
    }

    /** What is closed at the end, also when something was thrown, which is not lost then. */
    private interface Closing extends AutoCloseable {
        @Override
        void close();
    }

    private long endNs(final Duration limit) {
        return simulation.scheduler().nowNs() + STRETCH * limit.toNanos();
    }
}
