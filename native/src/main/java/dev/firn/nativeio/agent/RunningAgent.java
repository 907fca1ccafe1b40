package dev.firn.nativeio.agent;

/** An agent that was started, and is stopped by whoever started it. */
public interface RunningAgent extends AutoCloseable {
    String roleName();

    /** False once the agent's {@code onClose} has returned. */
    boolean isRunning();

    /**
     * Stops the agent and waits until its {@code onClose} has returned. Called on the thread that runs it, it does not wait.
     * Idempotent.
     *
     * @throws AgentStuckException when it is not done within its deadline, and still runs: what it uses must not be given back.
     */
    @Override
    void close();
}
