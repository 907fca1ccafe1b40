package dev.firn.server.up;

import dev.firn.nativeio.seam.Clock;
import dev.firn.server.CommandException;
import dev.firn.server.home.ProcessIdentity;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Asks another process to stop (SIGTERM) and waits for its end. */
public final class ProcessStop {
    private static final long POLL_MS = 20;

    private final Clock clock;

    public ProcessStop(final Clock clock) {
        this.clock = clock;
    }

    /** Whether that process is gone within the limit. */
    public boolean stop(final ProcessIdentity process, final Duration limit) throws InterruptedException {
        final ProcessHandle handle = ProcessHandle.of(process.pid()).orElse(null);
        if (handle == null || !process.alive()) {
            return true;
        }
        if (!handle.destroy() && process.alive()) {
            throw new CommandException("process " + process.pid()
                    + " cannot be stopped by this user: run ./firn down as" + " the user who started it");
        }
        final long deadlineNs = clock.nanoTime() + limit.toNanos();
        final CompletableFuture<ProcessHandle> end = handle.onExit();
        while (process.alive()) {
            if (clock.nanoTime() > deadlineNs) {
                return false;
            }
            try {
                end.get(POLL_MS, TimeUnit.MILLISECONDS);
            } catch (final TimeoutException e) {
                continue;
            } catch (final ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
        return true;
    }
}
