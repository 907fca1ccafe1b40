package dev.firn.nativeio.agent;

/**
 * How an agent's thread sleeps until there may be work. For that thread only.
 *
 * <p>The order is: {@link #arm}, one more duty cycle, and only when that found nothing, {@link #await}; then {@link #disarm} in each
 * case.
 */
public interface WorkSignal {
    /** From now on, who has work for the thread will signal. What came before may not have been signalled. */
    void arm();

    /** Waits for a signal since {@link #arm}, or as long as there is to wait at most. */
    void await();

    /** The thread is awake: nobody need signal. */
    void disarm();
}
