package dev.firn.compute.instance;

import dev.firn.compute.ComputeException;
import dev.firn.compute.process.ShortCommand;
import dev.firn.compute.process.UnprivilegedUser;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * A running postmaster, bound to this JVM. The thread that starts it lives as long as it does, because the kernel sends the
 * parent-death signal when the starting <em>thread</em> ends.
 */
final class Postmaster {
    /** When the JVM is gone, so may be the storage under the data directory: no checkpoint is tried. */
    private static final String DEATH_SIGNAL = StopMode.IMMEDIATE.signal();

    private static final Duration SIGNAL_LIMIT = Duration.ofSeconds(10);

    private final Process process;
    private final UnprivilegedUser user;
    private final Path pgCtl;

    private Postmaster(final Process process, final UnprivilegedUser user, final Path pgCtl) {
        this.process = process;
        this.user = user;
        this.pgCtl = pgCtl;
    }

    /** Starts it; both of its outputs go to the end of the log. */
    static Postmaster start(
            final List<String> command, final ServerLog log, final UnprivilegedUser user, final Path pgCtl) {
        final ProcessBuilder builder = new ProcessBuilder(user.boundCommand(command, DEATH_SIGNAL))
                .directory(Path.of("/").toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.file().toFile()));
        PostgresEnvironment.cleanse(builder.environment());
        final CompletableFuture<Process> started = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("postmaster-keeper").start(() -> keep(builder, started));
        try {
            return new Postmaster(started.join(), user, pgCtl);
        } catch (final CompletionException e) {
            throw new ComputeException(
                    "cannot run " + command.getFirst() + ": " + e.getCause().getMessage(), e.getCause());
        }
    }

    private static void keep(final ProcessBuilder builder, final CompletableFuture<Process> started) {
        final Process process;
        try {
            process = builder.start();
        } catch (final IOException e) {
            started.completeExceptionally(e);
            return;
        }
        started.complete(process);
        process.onExit().join();
    }

    long pid() {
        return process.pid();
    }

    boolean alive() {
        return process.isAlive();
    }

    /** Only when it is not alive. */
    int exitCode() {
        return process.exitValue();
    }

    /** Waits for its end; whether that came within the limit. */
    boolean awaitEnd(final Duration limit) {
        try {
            return process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ComputeException("interrupted while Postgres was waited for", e);
        }
    }

    /** Sends a signal, through pg_ctl because the JDK knows only two of them. One that ended meanwhile is left in peace. */
    void signal(final StopMode mode) {
        final ShortCommand.Result result = ShortCommand.run(
                user.command(List.of(pgCtl.toString(), "kill", mode.signal(), Long.toString(pid()))), SIGNAL_LIMIT);
        if (!result.succeeded() && alive()) {
            throw new ComputeException("cannot signal the postmaster with process id " + pid() + ": "
                    + result.output().strip());
        }
    }

    void kill() {
        process.destroyForcibly();
    }
}
