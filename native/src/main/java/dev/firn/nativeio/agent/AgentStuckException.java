package dev.firn.nativeio.agent;

/** An agent did not stop within its deadline. The suppressed throwable carries the stack of its thread. */
public final class AgentStuckException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public AgentStuckException(final String message, final Throwable cause, final StackTraceElement[] where) {
        super(message, cause);
        final Throwable stack = new Throwable("the agent's thread is here");
        stack.setStackTrace(where);
        addSuppressed(stack);
    }
}
