package dev.firn.transport.aeron;

import io.aeron.CncFileDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The process of a media driver that others use: whether it is there says its host's kernel. A driver's own sign of life tells as
 * little of a slow one as of a dead one, so it may be long in coming; see {@link AeronNetwork#DRIVER_TIMEOUT_MS}.
 */
final class DriverProcess implements AutoCloseable {
    private final CompletableFuture<Void> told;

    private DriverProcess(final CompletableFuture<Void> told) {
        this.told = told;
    }

    /**
     * The process that serves in a directory; empty when none does, or none that this process can see.
     *
     * @param directory as Aeron knows it.
     */
    static Optional<ProcessHandle> in(final Path directory) {
        final ByteBuffer head =
                ByteBuffer.allocate(CncFileDescriptor.META_DATA_LENGTH).order(ByteOrder.nativeOrder());
        try (FileChannel file =
                FileChannel.open(directory.resolve(CncFileDescriptor.CNC_FILE), StandardOpenOption.READ)) {
            file.read(head, 0);
        } catch (final IOException e) {
            // No driver has been here, or it is about to be removed.
            return Optional.empty();
        }
        return head.hasRemaining()
                ? Optional.empty()
                : ProcessHandle.of(head.getLong(CncFileDescriptor.pidOffset(0))).filter(ProcessHandle::isAlive);
    }

    /**
     * Tells when it ends, at most five seconds later: that is how seldom the JDK looks for long.
     *
     * @param onExit called on a thread of the JDK's; not for this very process.
     */
    static DriverProcess watch(final ProcessHandle process, final Runnable onExit) {
        if (process.equals(ProcessHandle.current())) {
            return new DriverProcess(new CompletableFuture<>());
        }
        return new DriverProcess(process.onExit().thenRun(onExit));
    }

    /** Nobody wants to know any more. */
    @Override
    public void close() {
        told.cancel(false);
    }
}
