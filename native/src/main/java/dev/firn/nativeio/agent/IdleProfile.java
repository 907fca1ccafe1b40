package dev.firn.nativeio.agent;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.agrona.concurrent.IdleStrategy;
import org.agrona.concurrent.SleepingIdleStrategy;

/** What an agent's thread does when there is nothing to do: the choice between latency and a CPU for others. */
public enum IdleProfile {
    /** Spins. A CPU for each agent, best isolated and pinned; reacts within nanoseconds. */
    LOWEST_LATENCY("lowest-latency") {
        @Override
        public IdleStrategy newIdleStrategy() {
            return BusySpinIdleStrategy.INSTANCE;
        }

        @Override
        public IdleStrategy newIdleStrategy(final WorkSignal signal) {
            return newIdleStrategy();
        }
    },

    /**
     * Sleeps until it is signalled. Without a signal: spins a little, yields a little, then parks for
     * 1 µs to 8 ms. For hosts where agents share CPUs.
     */
    SHARED_MACHINE("shared-machine") {
        @Override
        public IdleStrategy newIdleStrategy() {
            return new BackoffIdleStrategy(MAX_SPINS, MAX_YIELDS, MIN_PARK_NS, MAX_PARK_NS);
        }

        @Override
        public IdleStrategy newIdleStrategy(final WorkSignal signal) {
            return new SignalledIdleStrategy(signal);
        }
    },

    /** Sleeps at once until it is signalled; without a signal, 4 ms at a time: for laptops, tests and agents that nobody waits for. */
    POWER_SAVING("power-saving") {
        @Override
        public IdleStrategy newIdleStrategy() {
            return new SleepingIdleStrategy(SLEEP_NS);
        }

        @Override
        public IdleStrategy newIdleStrategy(final WorkSignal signal) {
            return new SignalledIdleStrategy(signal);
        }
    },

    /**
     * Sleeps at once until it is signalled; without a signal, 4 to 64 ms at a time, longer the longer nothing comes: for what goes
     * on behind everybody's back.
     */
    BACKGROUND("background") {
        @Override
        public IdleStrategy newIdleStrategy() {
            return new BackoffIdleStrategy(0, 0, SLEEP_NS, MAX_BACKGROUND_SLEEP_NS);
        }

        @Override
        public IdleStrategy newIdleStrategy(final WorkSignal signal) {
            return new SignalledIdleStrategy(signal);
        }
    };

    private static final long MAX_SPINS = 100;
    private static final long MAX_YIELDS = 10;
    private static final long MIN_PARK_NS = 1_000;

    /**
     * Looked at from a virtual machine, a wake-up takes 20 µs of processor time: 2 % of a CPU for each thread that wakes every
     * millisecond, and a process has a dozen that nobody has work for most of the time.
     */
    private static final long MAX_PARK_NS = 8_000_000;

    private static final long SLEEP_NS = 4_000_000;

    private static final long MAX_BACKGROUND_SLEEP_NS = 64_000_000;

    private final String configName;

    IdleProfile(final String configName) {
        this.configName = configName;
    }

    /** For one thread: a strategy may keep state. */
    public abstract IdleStrategy newIdleStrategy();

    /** For one thread, which others wake. */
    public abstract IdleStrategy newIdleStrategy(WorkSignal signal);

    /** The name that stands in configuration. */
    public String configName() {
        return configName;
    }

    /**
     * The profile of a name as it stands in configuration.
     *
     * @throws IllegalArgumentException that lists the names there are.
     */
    public static IdleProfile of(final String configName) {
        for (final IdleProfile profile : values()) {
            if (profile.configName.equals(configName)) {
                return profile;
            }
        }
        throw new IllegalArgumentException("no idle profile is called \"" + configName + "\"; there are "
                + Arrays.stream(values()).map(IdleProfile::configName).collect(Collectors.joining(", ")));
    }
}
