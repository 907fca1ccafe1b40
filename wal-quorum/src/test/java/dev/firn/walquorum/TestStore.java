package dev.firn.walquorum;

import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.simulation.Simulation;
import dev.firn.nativeio.simulation.SimulationConfig;
import dev.firn.s3tier.directory.DirectoryConfig;
import dev.firn.s3tier.directory.LocalDirectory;
import dev.firn.s3tier.session.SessionStore;
import dev.firn.s3tier.simulation.SimulatedStore;
import dev.firn.s3tier.simulation.StoreFaults;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreLimits;
import dev.firn.s3tier.store.StoreSession;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** A store with one session for a test, and the wait for its answers: simulated, or a directory. */
public final class TestStore implements AutoCloseable {
    private static final long LIMIT_NS = TimeUnit.MINUTES.toNanos(2);
    private static final long SIMULATED_LIMIT_NS = TimeUnit.HOURS.toNanos(20);
    private static final long TURN_NS = 1_000_000;
    private static final long PARK_NS = 50_000;

    private final Simulation simulation;
    private final SimulatedStore simulated;
    private final ObjectStore store;
    private final StoreSession session;

    private TestStore(final Simulation simulation, final SimulatedStore simulated, final ObjectStore store) {
        this.simulation = simulation;
        this.simulated = simulated;
        this.store = store;
        this.session = store.openSession();
    }

    public static TestStore simulated(final long seed, final StoreFaults faults) {
        final Simulation simulation = new Simulation(SimulationConfig.of(seed, 1));
        final SimulatedStore simulated = SimulatedStore.in(simulation, faults);
        return new TestStore(
                simulation,
                simulated,
                SessionStore.over(simulated.backend(), simulation.host(0).clock(), SystemRandom.seeded(seed)));
    }

    public static TestStore directory(final Path directory) {
        return new TestStore(
                null,
                null,
                SessionStore.over(
                        LocalDirectory.open(directory, DirectoryConfig.DEFAULT, StoreLimits.DEFAULT),
                        SystemClock.INSTANCE,
                        SystemRandom.create()));
    }

    public ObjectStore store() {
        return store;
    }

    public StoreSession session() {
        return session;
    }

    /** The truth about a simulated store. */
    public SimulatedStore truth() {
        return simulated;
    }

    public Simulation simulation() {
        return simulation;
    }

    /** One turn: polls, and lets time pass when nothing was done. */
    public void turn() {
        if (session.poll(64) == 0) {
            if (simulation == null) {
                LockSupport.parkNanos(PARK_NS);
            } else {
                simulation.runFor(TURN_NS);
            }
        }
    }

    public void until(final BooleanSupplier condition) {
        final long beginNs = nowNs();
        while (!condition.getAsBoolean()) {
            if (nowNs() - beginNs > (simulation == null ? LIMIT_NS : SIMULATED_LIMIT_NS)) {
                throw new AssertionError("it did not come about in time");
            }
            turn();
        }
    }

    private long nowNs() {
        return simulation == null
                ? SystemClock.INSTANCE.nanoTime()
                : simulation.scheduler().nowNs();
    }

    /** Asks and waits. */
    public <T> T ask(final Consumer<Consumer<T>> question) {
        final List<T> answers = new ArrayList<>(1);
        question.accept(answers::add);
        until(() -> !answers.isEmpty());
        return answers.getFirst();
    }

    @Override
    public void close() {
        session.close();
        store.close();
        if (simulation != null) {
            simulation.close();
        }
    }
}
