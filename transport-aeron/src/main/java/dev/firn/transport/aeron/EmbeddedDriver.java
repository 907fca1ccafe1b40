package dev.firn.transport.aeron;

import io.aeron.driver.MediaDriver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.BackoffIdleStrategy;

/** A media driver inside this process, with a directory of its own. */
final class EmbeddedDriver implements AutoCloseable {
    /**
     * How long a process that uses the driver may be silent: paused, or on an overloaded host. A killed one holds up those that send
     * to it over IPC for so long, unless it is started again ({@link ClientRecord}): the log has no room while a reader seems to be
     * there that does not read.
     */
    static final long CLIENT_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(20);

    /** Aeron wants it longer. No client of ours leaves a gap in a log: an exclusive publication ends with its client. */
    private static final long UNBLOCK_TIMEOUT_NS = 2 * CLIENT_TIMEOUT_NS;

    /**
     * Senders that a stream takes, with those of former lives. Each costs a log buffer before anything of what it sends has been
     * looked at.
     */
    private static final int MAX_SESSIONS_PER_STREAM = 2 * AddressTable.MAX_NODES;

    /** The thread that resolves hosts' names, when channels are opened and seldom else. */
    private static final long EXECUTOR_SLEEP_NS = TimeUnit.MILLISECONDS.toNanos(1);

    private static final long LONGEST_EXECUTOR_SLEEP_NS = TimeUnit.MILLISECONDS.toNanos(32);

    private final DriverDirectory directory;
    private final MediaDriver driver;
    private final List<String> warnings;

    private EmbeddedDriver(final DriverDirectory directory, final MediaDriver driver, final List<String> warnings) {
        this.directory = directory;
        this.driver = driver;
        this.warnings = warnings;
    }

    /**
     * Log buffers are made whole, not sparse: a file system without room refuses one with an error, where a sparse one would
     * fault the thread that writes to it later; and no page fault comes in the way of a message.
     */
    static EmbeddedDriver launch(
            final DriverProfile profile, final DriverDirectory directory, final ErrorHandler errors) {
        try {
            final SocketBuffers buffers = SocketBuffers.plan(profile, SocketBuffers.KERNEL_LIMITS);
            final MediaDriver.Context context = new MediaDriver.Context()
                    .aeronDirectoryName(directory.driver().toString())
                    .dirDeleteOnStart(true)
                    .dirDeleteOnShutdown(true)
                    .warnIfDirectoryExists(false)
                    .publicationTermBufferLength(profile.termLength())
                    .ipcTermBufferLength(profile.termLength())
                    .termBufferSparseFile(false)
                    .mtuLength(DriverProfile.MTU_LENGTH)
                    .ipcMtuLength(DriverProfile.IPC_MTU_LENGTH)
                    .socketRcvbufLength(buffers.receiveLength())
                    .socketSndbufLength(buffers.sendLength())
                    .initialWindowLength(buffers.receiverWindowLength())
                    .streamSessionLimit(MAX_SESSIONS_PER_STREAM)
                    .asyncExecutorIdleStrategy(
                            new BackoffIdleStrategy(0, 0, EXECUTOR_SLEEP_NS, LONGEST_EXECUTOR_SLEEP_NS))
                    .clientLivenessTimeoutNs(CLIENT_TIMEOUT_NS)
                    .publicationUnblockTimeoutNs(UNBLOCK_TIMEOUT_NS)
                    .errorHandler(errors);
            profile.applyThreads(context);
            final List<String> warnings = new ArrayList<>(buffers.warnings());
            DriverDirectory.warningAbout(directory.driver().getParent()).ifPresent(warnings::add);
            return new EmbeddedDriver(directory, MediaDriver.launch(context), List.copyOf(warnings));
        } catch (final RuntimeException e) {
            directory.close();
            throw e;
        }
    }

    Path directory() {
        return directory.driver();
    }

    List<String> warnings() {
        return warnings;
    }

    @Override
    public void close() {
        try {
            driver.close();
        } finally {
            directory.close();
        }
    }
}
