package dev.firn.server.role;

/**
 * One part of the running system. The supervisor makes an object for every start; one thread calls all methods here.
 */
public interface Role {
    /**
     * Returns when the role serves. A failure is an exception whose message says what is wrong and where; {@link #stop} is
     * called after it too.
     */
    void start() throws InterruptedException;

    /** How the role is now. Asked several times a second: reads fields, does no I/O, and never waits. */
    RoleHealth health();

    /** Ends all work and gives everything back, within a few seconds. Called exactly once. */
    void stop();
}
