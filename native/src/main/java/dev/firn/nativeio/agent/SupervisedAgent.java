package dev.firn.nativeio.agent;

import dev.firn.nativeio.posix.WaitCalls;
import dev.firn.nativeio.storage.Errno;
import java.nio.channels.ClosedByInterruptException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentTerminationException;

/**
 * Stands between Agrona's runner and an agent: pins the thread, counts duty cycles, and makes of whatever the agent throws
 * one call of the handler and the end of the thread.
 *
 * <p>The runner itself would call its error handler and go on. It is stopped by an {@link AgentTerminationException} of
 * ours, which is already handled when the runner sees it.
 */
final class SupervisedAgent implements Agent, ErrorHandler {
    private final Agent agent;
    private final Optional<CpuSet> cpus;
    private final FailureHandler handler;
    private final DutyCycleCounters counters = new DutyCycleCounters();
    private final CompletableFuture<CpuSet> placed = new CompletableFuture<>();

    /** No more work: set by who closes, and by the agent's thread when it has failed. */
    private volatile boolean isStopping;

    /** Set by the agent's thread. */
    private volatile Throwable failure;

    private boolean isStarted;

    SupervisedAgent(final Agent agent, final Optional<CpuSet> cpus, final FailureHandler handler) {
        this.agent = Objects.requireNonNull(agent, "agent");
        this.cpus = cpus;
        this.handler = Objects.requireNonNull(handler, "handler");
    }

    /** Done when the thread is where it belongs; the CPUs that it may run on. Failed when it cannot be pinned. */
    CompletableFuture<CpuSet> placed() {
        return placed;
    }

    DutyCycleCounters counters() {
        return counters;
    }

    Throwable failure() {
        return failure;
    }

    /** Ends the duty cycle before its next turn. From any thread. */
    void stop() {
        isStopping = true;
    }

    @Override
    public String roleName() {
        return agent.roleName();
    }

    @Override
    public void onStart() {
        try {
            cpus.ifPresent(CpuAffinity::pin);
            requireExactTimers();
            placed.complete(CpuAffinity.current());
        } catch (final Throwable t) {
            // Told to the one who starts the thread, who has no agent then.
            placed.completeExceptionally(t);
            throw handled();
        }
        isStarted = true;
        try {
            agent.onStart();
        } catch (final Throwable t) {
            throw failed(t);
        }
    }

    /** Parked threads are woken up to 50 µs late unless the kernel is told otherwise: longer than most of what they wait for. */
    private static void requireExactTimers() {
        final int result = WaitCalls.setTimerSlack(1);
        if (result != 0) {
            throw new IllegalStateException("prctl(PR_SET_TIMERSLACK): " + Errno.describe(-result));
        }
    }

    @Override
    public int doWork() {
        if (isStopping) {
            throw handled();
        }
        try {
            final int workCount = agent.doWork();
            counters.cycle(workCount);
            return workCount;
        } catch (final AgentTerminationException e) {
            if (e.isExpected()) {
                isStopping = true;
                throw e;
            }
            throw failed(e);
        } catch (final Throwable t) {
            if (isStopping && isInterrupt(t)) {
                throw handled();
            }
            throw failed(t);
        }
    }

    @Override
    public void onClose() {
        if (!isStarted) {
            return;
        }
        if (!isStopping) {
            // The runner ends quietly when its thread is interrupted.
            tell(new InterruptedException("the thread of " + roleName() + " was interrupted, but not closed"));
        }
        try {
            agent.onClose();
        } catch (final Throwable t) {
            throw failed(t);
        }
    }

    /** From the runner: what this class did not throw comes from the idle strategy. */
    @Override
    public void onError(final Throwable thrown) {
        if (!(thrown instanceof Handled)) {
            tell(thrown);
        }
    }

    private AgentTerminationException failed(final Throwable cause) {
        tell(cause);
        return handled();
    }

    private void tell(final Throwable cause) {
        isStopping = true;
        final Throwable first = failure;
        if (first != null) {
            // The handler knows that this agent has failed. A second failure, while it closes, goes to the last resort.
            if (!first.equals(cause)) {
                first.addSuppressed(cause);
            }
            lastResort(cause);
            return;
        }
        failure = cause;
        try {
            handler.onFailure(roleName(), cause);
        } catch (final Throwable inHandler) {
            if (!inHandler.equals(cause)) {
                inHandler.addSuppressed(cause);
            }
            lastResort(inHandler);
        }
    }

    private static void lastResort(final Throwable cause) {
        final Thread thread = Thread.currentThread();
        thread.getUncaughtExceptionHandler().uncaughtException(thread, cause);
    }

    private static boolean isInterrupt(final Throwable t) {
        return t instanceof InterruptedException || t instanceof ClosedByInterruptException;
    }

    private static AgentTerminationException handled() {
        return new Handled();
    }

    /** Ends the runner; carries nothing, as it has been dealt with. */
    private static final class Handled extends AgentTerminationException {
        private static final long serialVersionUID = 1L;

        Handled() {
            super(true);
        }
    }
}
