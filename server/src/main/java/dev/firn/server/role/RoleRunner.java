package dev.firn.server.role;

import dev.firn.nativeio.seam.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread of one role: starts it, watches it, starts it again, stops it. All but {@link #requestStop}, {@link #join}
 * and {@link #status} happens on that thread.
 */
final class RoleRunner {
    private static final Logger LOG = LoggerFactory.getLogger("supervisor");

    /** How often health is asked for: bounds how long a failure stays unseen. */
    private static final long HEALTH_INTERVAL_MS = 200;

    private final RoleSpec spec;
    private final Clock clock;
    private final Runnable onChange;
    private final Thread thread;
    private final CountDownLatch stopRequested = new CountDownLatch(1);
    private volatile RoleStatus status;
    private volatile Throwable firstFailure;
    private boolean everRan;
    private int restarts;
    private int restartsInARow;

    /**
     * @param onChange called after each change of {@link #status}, on the role's thread.
     */
    RoleRunner(final RoleSpec spec, final Clock clock, final Runnable onChange) {
        this.spec = spec;
        this.clock = clock;
        this.onChange = onChange;
        this.thread = new Thread(this::run, "firn-role-" + spec.name());
        this.thread.setDaemon(true);
        this.status =
                new RoleStatus(spec.name(), RoleStatus.Phase.STOPPED, RoleHealth.State.HEALTHY, "", clock.epochNs(), 0);
    }

    RoleSpec spec() {
        return spec;
    }

    RoleStatus status() {
        return status;
    }

    /** What the first start failed with, or null. */
    Throwable firstFailure() {
        return firstFailure;
    }

    void start() {
        publish(RoleStatus.Phase.STARTING, RoleHealth.State.HEALTHY, "");
        thread.start();
    }

    void requestStop() {
        stopRequested.countDown();
        if (status.phase() == RoleStatus.Phase.STARTING) {
            thread.interrupt();
        }
    }

    /** Waits for the end of the role's thread; false when it did not end in time. */
    boolean join(final Duration limit) throws InterruptedException {
        return thread.getState() == Thread.State.NEW || thread.join(limit);
    }

    /** Its thread does nothing any more, or never did. */
    boolean isOver() {
        return !thread.isAlive();
    }

    private void run() {
        try {
            while (!stopping()) {
                final String failure = runOnce();
                if (failure == null || stopping()) {
                    break;
                }
                if ((!everRan && !spec.patient())
                        || restartsInARow >= spec.policy().maxRestarts()) {
                    giveUp(failure);
                    return;
                }
                backOff(failure);
            }
            publish(RoleStatus.Phase.STOPPED, RoleHealth.State.HEALTHY, "");
        } catch (final InterruptedException e) {
            publish(RoleStatus.Phase.STOPPED, RoleHealth.State.HEALTHY, "stopped while it was starting");
        } catch (final Throwable e) {
            // A broken invariant, in a role or here: nothing can be said about what still works, so nothing is
            // restarted.
            firstFailure = e;
            giveUp("an invariant is broken: " + e);
            LOG.error("{}: stack trace of the broken invariant", spec.name(), e);
        }
    }

    /** From start to stop of one object. Returns why it failed, or null when it was stopped. */
    private String runOnce() throws InterruptedException {
        final Role role = spec.factory().get();
        String failure;
        try {
            role.start();
            everRan = true;
            failure = watch(role);
        } catch (final RuntimeException e) {
            if (!everRan) {
                firstFailure = e;
            }
            failure = sentence(e);
        } finally {
            stopQuietly(role);
        }
        return failure;
    }

    private String watch(final Role role) throws InterruptedException {
        final long startedNs = clock.nanoTime();
        RoleHealth last = null;
        do {
            final RoleHealth health = role.health();
            if (health.state() == RoleHealth.State.FAILED) {
                return health.detail();
            }
            if (!health.equals(last)) {
                report(last, health);
                last = health;
            }
            if (clock.nanoTime() - startedNs > spec.policy().quietTime().toNanos()) {
                restartsInARow = 0;
            }
        } while (!stopRequested.await(HEALTH_INTERVAL_MS, TimeUnit.MILLISECONDS));
        return null;
    }

    private void report(final RoleHealth last, final RoleHealth health) {
        publish(RoleStatus.Phase.RUNNING, health.state(), health.detail());
        if (last == null || last.state() != health.state()) {
            if (health.state() == RoleHealth.State.HEALTHY) {
                LOG.info("{} is healthy: {}", spec.name(), health.detail());
            } else {
                LOG.warn("{} is {}: {}", spec.name(), health.state().name().toLowerCase(Locale.ROOT), health.detail());
            }
        }
    }

    private void backOff(final String failure) throws InterruptedException {
        restarts++;
        restartsInARow++;
        final Duration delay = spec.policy().delayBefore(restartsInARow);
        LOG.warn(
                "{} failed: {}; restart {}{} in {} ms",
                spec.name(),
                failure,
                restartsInARow,
                spec.policy().maxRestarts() == Integer.MAX_VALUE
                        ? ""
                        : " of " + spec.policy().maxRestarts(),
                delay.toMillis());
        publish(RoleStatus.Phase.BACKING_OFF, RoleHealth.State.FAILED, failure);
        if (!stopRequested.await(delay.toNanos(), TimeUnit.NANOSECONDS)) {
            publish(RoleStatus.Phase.STARTING, RoleHealth.State.FAILED, failure);
        }
    }

    private void giveUp(final String failure) {
        // A first start that fails is told to who asked for it: see Supervisor.start.
        if (everRan || spec.patient()) {
            LOG.error("{} stays down after {} restarts: {}", spec.name(), restartsInARow, failure);
        }
        publish(RoleStatus.Phase.GIVEN_UP, RoleHealth.State.FAILED, failure);
    }

    /** Without the interrupt that may have ended the start: what the role has begun is waited for all the same. */
    private void stopQuietly(final Role role) {
        final boolean interrupted = Thread.interrupted();
        try {
            role.stop();
        } catch (final RuntimeException e) {
            LOG.warn("{} did not stop cleanly: {}", spec.name(), sentence(e));
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private boolean stopping() {
        return stopRequested.getCount() == 0;
    }

    private void publish(final RoleStatus.Phase phase, final RoleHealth.State health, final String detail) {
        final RoleStatus before = status;
        final long sinceEpochNs = before.phase() == phase ? before.sinceEpochNs() : clock.epochNs();
        status = new RoleStatus(spec.name(), phase, health, detail, sinceEpochNs, restarts);
        onChange.run();
    }

    private static String sentence(final Throwable e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}
