package dev.firn.transport.aeron;

import io.aeron.driver.MediaDriver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.ErrorHandler;

/** A media driver inside this process, with a directory of its own. */
final class EmbeddedDriver implements AutoCloseable {
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
    static EmbeddedDriver launch(final DriverProfile profile, final Path parent, final ErrorHandler errors) {
        final SocketBuffers buffers = SocketBuffers.plan(profile, SocketBuffers.KERNEL_LIMITS);
        final DriverDirectory directory = DriverDirectory.create(parent);
        try {
            final MediaDriver.Context context = new MediaDriver.Context()
                    .aeronDirectoryName(directory.driver().toString())
                    .dirDeleteOnStart(true)
                    .dirDeleteOnShutdown(true)
                    .warnIfDirectoryExists(false)
                    .publicationTermBufferLength(profile.termLength())
                    .ipcTermBufferLength(profile.termLength())
                    .termBufferSparseFile(false)
                    .mtuLength(DriverProfile.MTU_LENGTH)
                    .ipcMtuLength(DriverProfile.MTU_LENGTH)
                    .socketRcvbufLength(buffers.receiveLength())
                    .socketSndbufLength(buffers.sendLength())
                    .initialWindowLength(buffers.receiverWindowLength())
                    .errorHandler(errors);
            profile.applyThreads(context);
            final List<String> warnings = new ArrayList<>(buffers.warnings());
            DriverDirectory.warningAbout(parent).ifPresent(warnings::add);
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
