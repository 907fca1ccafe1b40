package dev.firn.server.role;

import dev.firn.nativeio.seam.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts roles in order, keeps them running, and stops them in reverse order. Thread-safe. */
public final class Supervisor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger("supervisor");

    private final Clock clock;
    private final List<RoleRunner> runners = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean stopped;

    public Supervisor(final List<RoleSpec> specs, final Clock clock) {
        this.clock = clock;
        for (final RoleSpec spec : specs) {
            if (runners.stream().anyMatch(runner -> runner.spec().name().equals(spec.name()))) {
                throw new IllegalArgumentException("two roles are called " + spec.name());
            }
            runners.add(new RoleRunner(spec, clock, this::signalChange));
        }
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
