package dev.firn.server.quorum;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.Agent;

/** An agent of which others can tell when its start is over, and why it has ended. */
public final class StartedAgent implements Agent {
    private final Agent agent;
    private final CountDownLatch decided = new CountDownLatch(1);
    private volatile Throwable failure;

    public StartedAgent(final Agent agent) {
        this.agent = agent;
    }

    @Override
    public String roleName() {
        return agent.roleName();
    }

    @Override
    public void onStart() {
        agent.onStart();
        decided.countDown();
    }

    @Override
    public int doWork() throws Exception {
        return agent.doWork();
    }

    @Override
    public void onClose() {
        agent.onClose();
    }

    /** For the agent thread's handler. */
    public void onFailure(final String name, final Throwable cause) {
        failure = cause;
        decided.countDown();
    }

    /** Waits for the end of the start; what it threw is thrown here. */
    public void awaitStart(final Duration limit) throws InterruptedException {
        if (!decided.await(limit.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new IllegalStateException(agent.roleName() + " has not started within " + limit.toSeconds() + " s");
        }
        if (failure instanceof final RuntimeException e) {
            throw e;
        }
        if (failure != null) {
            throw new IllegalStateException(failure);
        }
    }

    /** Why it ended; null while it runs. */
    public Throwable failure() {
        return failure;
    }

    public static String sentence(final Throwable cause) {
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
}
