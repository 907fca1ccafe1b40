package dev.firn.compute.process;

import dev.firn.compute.ComputeException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A program that ends by itself: run to its end, with both of its outputs kept. */
public final class ShortCommand {
    /** What is kept of an output, from its end: enough for any message, and a bound. */
    private static final int OUTPUT_LIMIT_BYTES = 1 << 20;

    private static final long KILL_LIMIT_MS = 5_000;

    private ShortCommand() {}

    /** How it ended: output and errors in the order they were written. */
    public record Result(int exitCode, String output) {
        public boolean succeeded() {
            return exitCode == 0;
        }
    }

    /** Runs a program in the environment of this one. */
    public static Result run(final List<String> command, final Duration limit) {
        return run(command, environment -> {}, limit);
    }

    /**
     * Runs a program in an environment that starts as this one's and is edited.
     *
     * @throws ComputeException when it cannot be started, or has not ended within the limit: it is killed then
     */
    public static Result run(
            final List<String> command, final Consumer<Map<String, String>> environment, final Duration limit) {
        final ProcessBuilder builder = new ProcessBuilder(command)
                .directory(Path.of("/").toFile())
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        environment.accept(builder.environment());
        final Process process;
        try {
            process = builder.start();
        } catch (final IOException e) {
            throw new ComputeException("cannot run " + command.getFirst() + ": " + e.getMessage(), e);
        }
        final CompletableFuture<String> output = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> output.complete(lastOf(process.getInputStream())));
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor(KILL_LIMIT_MS, TimeUnit.MILLISECONDS);
                throw new ComputeException(
                        "killed after " + limit.toSeconds() + " s without an end: " + String.join(" ", command));
            }
        } catch (final InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new ComputeException("interrupted while it ran: " + String.join(" ", command), e);
        }
        return new Result(process.exitValue(), output.join());
    }

    /** Reads to the end, so that the program never waits for a full pipe, and keeps the last part. */
    private static String lastOf(final InputStream stream) {
        final byte[] kept = new byte[OUTPUT_LIMIT_BYTES];
        long total = 0;
        try (stream) {
            final byte[] chunk = new byte[8192];
            for (int read = stream.read(chunk); read >= 0; read = stream.read(chunk)) {
                for (int i = 0; i < read; i++) {
                    kept[(int) (total++ % OUTPUT_LIMIT_BYTES)] = chunk[i];
                }
            }
        } catch (final IOException e) {
            return text(kept, total) + "\n(reading its output failed: " + e.getMessage() + ")";
        }
        return text(kept, total);
    }

    private static String text(final byte[] ring, final long total) {
        if (total <= OUTPUT_LIMIT_BYTES) {
            return new String(ring, 0, (int) total, StandardCharsets.UTF_8);
        }
        final int start = (int) (total % OUTPUT_LIMIT_BYTES);
        return new String(ring, start, OUTPUT_LIMIT_BYTES - start, StandardCharsets.UTF_8)
                + new String(ring, 0, start, StandardCharsets.UTF_8);
    }
}
