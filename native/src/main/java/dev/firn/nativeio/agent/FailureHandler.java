package dev.firn.nativeio.agent;

/** Hears of an agent that has failed: the one place that logs it and decides what becomes of the process. */
@FunctionalInterface
public interface FailureHandler {
    /**
     * Called exactly once for an agent thread that fails, on that thread, before the agent's {@code onClose}. It may call
     * {@link AgentThread#close()}, which then does not wait.
     *
     * @param roleName the agent's.
     * @param cause what it threw; an {@link InterruptedException} when it was interrupted but not closed.
     */
    void onFailure(String roleName, Throwable cause);
}
