package dev.firn.nativeio.agent;

import org.agrona.concurrent.IdleStrategy;

/**
 * Looks for work once more, then sleeps until it is signalled. For one thread.
 *
 * <p>Between arming and sleeping lies a whole duty cycle, which is what makes no signal get lost: see {@link WorkSignal}.
 *
 * <p>It looks no further: on a host whose threads share CPUs, whoever was just sent work is woken on the very CPU that a looking
 * thread keeps, and work that would come by itself in that time is rare.
 */
final class SignalledIdleStrategy implements IdleStrategy {
    private final WorkSignal signal;
    private boolean armed;

    SignalledIdleStrategy(final WorkSignal signal) {
        this.signal = signal;
    }

    @Override
    public void idle(final int workCount) {
        if (workCount > 0) {
            reset();
        } else {
            idle();
        }
    }

    @Override
    public void idle() {
        if (armed) {
            signal.await();
            signal.disarm();
            armed = false;
            return;
        }
        signal.arm();
        armed = true;
    }

    @Override
    public void reset() {
        if (armed) {
            signal.disarm();
            armed = false;
        }
    }

    @Override
    public String alias() {
        return "signalled";
    }
}
