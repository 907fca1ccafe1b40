package dev.firn.server.role;

import dev.firn.nativeio.seam.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts roles in order, keeps them running, and stops them in reverse order. Thread-safe. */
public final class Supervisor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("supervisor");

    private final Clock clock;
    private final List<RoleRunner> runners = new CopyOnWriteArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean stopped;

    public Supervisor(final List<RoleSpec> specs, final Clock clock) {
        this.clock = clock;
        specs.forEach(this::runnerOf);
    }

    private RoleRunner runnerOf(final RoleSpec spec) {
        if (find(spec.name()).isPresent()) {
            throw new IllegalArgumentException("two roles are called " + spec.name());
        }
        final RoleRunner runner = new RoleRunner(spec, clock, this::signalChange);
        runners.add(runner);
        return runner;
    }

    private Optional<RoleRunner> find(final String name) {
        return runners.stream()
                .filter(runner -> runner.spec().name().equals(name))
                .findFirst();
    }

    /** Starts one more role, and does not wait for it. It is stopped before those that were there. */
    public void add(final RoleSpec spec) {
        lock.lock();
        try {
            if (stopped) {
                throw new IllegalStateException("the supervisor is closed");
            }
            runnerOf(spec).start();
        } finally {
            lock.unlock();
        }
    }

    /** Stops a role for good, and forgets it; false when its stop takes too long, and it is left to itself. */
    public boolean remove(final String name) throws InterruptedException {
        final Optional<RoleRunner> found = find(name);
        if (found.isEmpty()) {
            return true;
        }
        found.get().requestStop();
        final boolean ended = found.get().join(found.get().spec().policy().stopLimit());
        runners.remove(found.get());
        return ended;
    }

    /** Waits until each of these roles has either come up or failed for the first time; false when the time is over. */
    public boolean awaitFirstStarts(final List<String> names, final Duration limit) throws InterruptedException {
        return await(
                statuses -> statuses.stream()
                        .filter(status -> names.contains(status.name()))
                        .noneMatch(status -> status.phase() == RoleStatus.Phase.STARTING && status.restarts() == 0),
                limit);
    }

    /** Waits until this holds of all roles; false when the time is over. */
    public boolean await(final Predicate<List<RoleStatus>> condition, final Duration limit)
            throws InterruptedException {
        return await(() -> condition.test(statuses()), limit.toNanos());
    }

    /**
     * Starts each role and waits until it runs before the next one starts.
     *
     * @throws RoleStartException when one does not come up; those before it have been stopped.
     */
    public void start() throws InterruptedException {
        for (final RoleRunner runner : runners) {
            runner.start();
            final Duration limit = runner.spec().policy().startLimit();
            final boolean decided = await(() -> runner.status().phase() != RoleStatus.Phase.STARTING, limit.toNanos());
            final RoleStatus status = runner.status();
            if (status.phase() != RoleStatus.Phase.RUNNING) {
                final String reason = decided ? status.detail() : "it was not ready after " + limit.toSeconds() + " s";
                close();
                throw new RoleStartException(status.name(), reason, runner.firstFailure());
            }
        }
    }

    /** All roles, in the order of their start. */
    public List<RoleStatus> statuses() {
        return runners.stream().map(RoleRunner::status).toList();
    }

    /** Waits until an essential role stays down and returns it, or empty when the time is over. */
    public Optional<RoleStatus> awaitLoss(final Duration limit) throws InterruptedException {
        await(() -> loss().isPresent(), limit.toNanos());
        return loss();
    }

    private Optional<RoleStatus> loss() {
        return runners.stream()
                .filter(runner -> runner.spec().essential())
                .map(RoleRunner::status)
                .filter(status -> status.phase() == RoleStatus.Phase.GIVEN_UP)
                .findFirst();
    }

    /** Stops all roles, the last started first, each within its policy's limit. Idempotent. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (stopped) {
                return;
            }
            stopped = true;
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        for (final RoleRunner runner : runners.reversed()) {
            runner.requestStop();
            try {
                if (!interrupted && !runner.join(runner.spec().policy().stopLimit())) {
                    LOG.warn(
                            "{} did not stop within {} s: going on without it",
                            runner.spec().name(),
                            runner.spec().policy().stopLimit().toSeconds());
                }
            } catch (final InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** After {@link #close}: whether every role has ended. What one that has not still uses must not be given back. */
    public boolean isOver() {
        return runners.stream().allMatch(RoleRunner::isOver);
    }

    private boolean await(final BooleanSupplier condition, final long limitNs) throws InterruptedException {
        final long deadlineNs = clock.nanoTime() + limitNs;
        lock.lock();
        try {
            while (!condition.getAsBoolean()) {
                final long leftNs = deadlineNs - clock.nanoTime();
                if (leftNs <= 0) {
                    return false;
                }
                changed.await(leftNs, TimeUnit.NANOSECONDS);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void signalChange() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
