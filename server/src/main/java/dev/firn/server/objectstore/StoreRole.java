package dev.firn.server.objectstore;

import dev.firn.nativeio.agent.AgentStuckException;
import dev.firn.nativeio.agent.AgentThread;
import dev.firn.nativeio.agent.AgentThreadConfig;
import dev.firn.nativeio.agent.IdleProfile;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.Clock;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.server.role.Role;
import dev.firn.server.role.RoleHealth;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * Answers for the object store. Its first start admits the store or refuses it; from then on a store that fails makes the role
 * degraded, with the last failure's sentence, until a proof holds again.
 *
 * <p>The session and all that uses it belong to the {@link StoreAgent}.
 */
public final class StoreRole implements Role {
    public static final String NAME = "store";

    private static final double NANOS_A_MILLISECOND = 1e6;

    private final SystemStore system;
    private final OffHeapMemory memory;
    private final StoreProbeConfig config;
    private final Clock clock;
    private final StoreProbeListener listener;
    private final RandomGenerator random;
    private final CountDownLatch decided = new CountDownLatch(1);
    private volatile Throwable failure;
    private StoreAgent agent;
    private AgentThread thread;

    /**
     * @param memory borrowed until {@link #stop} has returned, and for good when {@link SystemStore#isReleased} says no.
     * @param random names the object of this role's proofs; no two systems on one store may draw the same.
     */
    public StoreRole(
            final SystemStore system,
            final OffHeapMemory memory,
            final StoreProbeConfig config,
            final Clock clock,
            final StoreProbeListener listener,
            final RandomGenerator random) {
        this.system = system;
        this.memory = memory;
        this.config = config;
        this.clock = clock;
        this.listener = listener;
        this.random = random;
    }

    @Override
    public void start() throws InterruptedException {
        final ObjectStore store = system.open();
        final boolean admits = !system.isAdmitted();
        final String key = StoreAgent.PROBE_PREFIX + String.format("%016x", random.nextLong());
        agent = new StoreAgent(store, memory, config, clock, listener, key, admits, decided::countDown);
        thread = AgentThread.start(
                agent,
                AgentThreadConfig.of(IdleProfile.BACKGROUND).withCloseDeadline(config.stopLimit()),
                (name, cause) -> {
                    failure = cause;
                    decided.countDown();
                });
        final boolean answered = decided.await(config.startLimit().toNanos(), TimeUnit.NANOSECONDS);
        if (failure != null) {
            throw new StoreProofException(sentence(failure), failure);
        }
        if (!admits) {
            // How the store is now, health tells.
            return;
        }
        if (!answered) {
            throw new StoreProofException(system.url() + " did not answer within "
                    + config.startLimit().toSeconds() + " s");
        }
        final String defect = agent.report().failure();
        if (defect != null) {
            throw new StoreProofException(defect);
        }
        system.admit();
    }

    @Override
    public RoleHealth health() {
        if (failure != null) {
            return RoleHealth.failed(sentence(failure));
        }
        final StoreReport report = agent.report();
        if (report.failure() != null) {
            return RoleHealth.degraded(report.failure());
        }
        if (agent.underWayNs() > config.stall().toNanos()) {
            return RoleHealth.degraded("a put, get and delete of 4 KiB has not ended after "
                    + config.stall().toSeconds() + " s");
        }
        return RoleHealth.healthy(String.format(
                Locale.ROOT, "puts, gets and deletes 4 KiB in %.2f ms", report.durationNs() / NANOS_A_MILLISECOND));
    }

    @Override
    public void stop() {
        if (thread == null) {
            return;
        }
        final Throwable before = failure;
        try {
            thread.close();
            if (failure != null && !failure.equals(before)) {
                system.abandon();
                throw new StoreProofException("the session was not closed: " + sentence(failure), failure);
            }
        } catch (final AgentStuckException e) {
            system.abandon();
            throw e;
        }
    }

    private static String sentence(final Throwable cause) {
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
}
