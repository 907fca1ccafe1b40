package dev.firn.nativeio.agent;

import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;

/**
 * An agent on a thread of its own: Agrona's {@link AgentRunner} with a place, a rule for failures and a close that ends.
 *
 * <p>Several agents share a thread as an {@code org.agrona.concurrent.CompositeAgent} when they live and fail together; those that
 * come and go by themselves share a {@link dev.firn.nativeio.wakeup.SharedThread}.
 */
public final class AgentThread implements RunningAgent {
    private final AgentThreadConfig config;
    private final SupervisedAgent supervised;
    private final AgentRunner runner;
    private final Thread thread;
    private final CpuSet cpus;

    private AgentThread(final Agent agent, final AgentThreadConfig config, final FailureHandler handler) {
        this.config = config;
        this.supervised = new SupervisedAgent(agent, config.cpus(), handler);
        this.runner = new AgentRunner(config.newIdleStrategy(), supervised, null, supervised);
        this.thread = AgentRunner.startOnThread(runner, Thread::new);
        this.cpus = awaitPlace();
    }

    /**
     * Starts the agent's thread, and returns when it is on its CPUs. The agent's {@code onStart} may still be running: what
     * it throws goes to the handler.
     *
     * @throws IllegalArgumentException when the thread cannot be pinned where the configuration says; nothing runs then.
     */
    public static AgentThread start(final Agent agent, final AgentThreadConfig config, final FailureHandler handler) {
        config.cpus().ifPresent(CpuAffinity::requireOnline);
        return new AgentThread(agent, config, handler);
    }

    @Override
    public String roleName() {
        return supervised.roleName();
    }

    /** The CPUs that the thread may run on, as the kernel said after pinning. */
    public CpuSet cpus() {
        return cpus;
    }

    public DutyCycleCounters counters() {
        return supervised.counters();
    }

    @Override
    public boolean isRunning() {
        return !runner.isClosed();
    }

    /** What made the agent fail, when it has. */
    public Optional<Throwable> failure() {
        return Optional.ofNullable(supervised.failure());
    }

    /** As said there; a thread that is stuck has been interrupted. */
    @Override
    public void close() {
        supervised.stop();
        LockSupport.unpark(thread);
        if (Thread.currentThread().equals(thread)) {
            return;
        }
        final boolean ended;
        try {
            ended = thread.join(config.closeDeadline());
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw stuck("was still stopping when its closer was interrupted", e);
        }
        if (!ended) {
            final AgentStuckException stuck = stuck("did not stop within " + config.closeDeadline(), null);
            thread.interrupt();
            throw stuck;
        }
    }

    private AgentStuckException stuck(final String what, final Throwable cause) {
        return new AgentStuckException("agent " + roleName() + " " + what, cause, thread.getStackTrace());
    }

    private CpuSet awaitPlace() {
        try {
            return supervised.placed().join();
        } catch (final CompletionException e) {
            if (e.getCause() instanceof final RuntimeException cannotPin) {
                throw cannotPin;
            }
            throw e;
        }
    }
}
