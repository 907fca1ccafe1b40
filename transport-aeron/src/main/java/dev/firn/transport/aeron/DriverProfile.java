package dev.firn.transport.aeron;

import io.aeron.driver.MediaDriver;
import io.aeron.driver.ThreadingMode;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.agrona.concurrent.BackoffIdleStrategy;
import org.agrona.concurrent.BusySpinIdleStrategy;

/**
 * How much of a host an embedded media driver takes, in return for which latency.
 *
 * <p>Every profile carries the same longest message, so that nodes with different profiles understand each other. The MTU
 * is one for all too: 8 960 bytes hold an 8 KiB page with its headers in one datagram, fit a jumbo frame, and pass the
 * loopback interface whole.
 */
public enum DriverProfile {
    /** Three cores spin: conductor, sender, receiver. For hosts that have cores to give away. */
    LOWEST_LATENCY("lowest-latency", 16 << 20, 4 << 20, 2 << 20) {
        @Override
        void applyThreads(final MediaDriver.Context context) {
            context.threadingMode(ThreadingMode.DEDICATED)
                    .conductorIdleStrategy(backoff(1_000))
                    .senderIdleStrategy(BusySpinIdleStrategy.INSTANCE)
                    .receiverIdleStrategy(BusySpinIdleStrategy.INSTANCE);
        }
    },
    /** One thread that backs off to 100 µs sleeps: for a host that others use as well. The default. */
    SHARED_MACHINE("shared-machine", 8 << 20, 2 << 20, 1 << 20) {
        @Override
        void applyThreads(final MediaDriver.Context context) {
            context.threadingMode(ThreadingMode.SHARED).sharedIdleStrategy(backoff(100));
        }
    },
    /**
     * One thread that sleeps whenever there is nothing to do: for 1 ms, and for up to 8 ms when nothing comes. What goes over shared
     * memory alone does not wait for it: it moves senders' limits on, which leave room for more than comes in that time.
     */
    POWER_SAVING("power-saving", 8 << 20, 512 << 10, 256 << 10) {
        @Override
        void applyThreads(final MediaDriver.Context context) {
            context.threadingMode(ThreadingMode.SHARED)
                    .sharedIdleStrategy(new BackoffIdleStrategy(
                            0, 0, TimeUnit.MILLISECONDS.toNanos(1), TimeUnit.MILLISECONDS.toNanos(8)));
        }
    };

    /** Bytes of a datagram, its headers included. A multiple of Aeron's 32-byte frame alignment. */
    static final int MTU_LENGTH = 8_960;

    /**
     * Bytes of a frame in shared memory, its headers included: the longest that Aeron has. What fits one is read where it lies, what
     * does not is put together by its reader in a buffer of its own. A multiple of 32 as well.
     */
    static final int IPC_MTU_LENGTH = 65_504;

    private static final int BACKOFF_SPINS = 100;
    private static final int BACKOFF_YIELDS = 10;

    private final String configName;
    private final int termLength;
    private final int socketBufferLength;
    private final int receiverWindowLength;

    DriverProfile(
            final String configName,
            final int termLength,
            final int socketBufferLength,
            final int receiverWindowLength) {
        this.configName = configName;
        this.termLength = termLength;
        this.socketBufferLength = socketBufferLength;
        this.receiverWindowLength = receiverWindowLength;
    }

    /** The profile of this name, as configurations write it. */
    public static DriverProfile of(final String configName) {
        return Arrays.stream(values())
                .filter(profile -> profile.configName.equals(configName))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("transport profile \"" + configName
                        + "\" is not one of "
                        + Arrays.stream(values()).map(DriverProfile::configName).collect(Collectors.joining(", "))));
    }

    /** The name that configurations use. */
    public String configName() {
        return configName;
    }

    /** Length of one of the three terms of a log buffer. */
    public int termLength() {
        return termLength;
    }

    /** Wanted SO_RCVBUF and SO_SNDBUF. */
    public int socketBufferLength() {
        return socketBufferLength;
    }

    /** How much a receiver lets a sender have on the way. */
    public int receiverWindowLength() {
        return receiverWindowLength;
    }

    abstract void applyThreads(MediaDriver.Context context);

    /** Spins, yields, then parks for at most {@code maxParkUs}. */
    private static BackoffIdleStrategy backoff(final long maxParkUs) {
        return new BackoffIdleStrategy(
                BACKOFF_SPINS,
                BACKOFF_YIELDS,
                TimeUnit.MICROSECONDS.toNanos(1),
                TimeUnit.MICROSECONDS.toNanos(maxParkUs));
    }
}
