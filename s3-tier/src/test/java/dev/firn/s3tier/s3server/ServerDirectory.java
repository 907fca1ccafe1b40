package dev.firn.s3tier.s3server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A temporary directory and the servers that live in it, none of which outlives this JVM.
 *
 * <p>A watcher, a shell, reads from a pipe of which this JVM holds the other end. When the pipe closes (by {@link #close}, or because
 * this JVM is gone, killed or not) it kills every process that has the directory's mark in its environment, and removes the directory.
 */
final class ServerDirectory implements AutoCloseable {
    /** Servers and their children carry it; the value is the directory. */
    static final String MARK = "FIRN_S3_SERVER";

    /** {@code $1} is the directory, {@code $2} the mark. */
    private static final String WATCH = """
            trap '' HUP INT TERM
            read -r nothing
            marked() { grep -lzxF -- "$2=$1" /proc/[0-9]*/environ; }
            while found=$(marked "$1" "$2"); [ -n "$found" ]; do
                for environ in $found; do
                    process=${environ#/proc/}
                    kill -9 "${process%/environ}"
                done
                sleep 0.02
            done
            rm -rf -- "$1"
            """;

    private static final Duration END_WITHIN = Duration.ofSeconds(20);

    private final Path path;
    private final Process watcher;

    private ServerDirectory(final Path path, final Process watcher) {
        this.path = path;
        this.watcher = watcher;
    }

    static ServerDirectory create() throws IOException {
        final Path path = Files.createTempDirectory("firn-s3-");
        final Process watcher = new ProcessBuilder("sh", "-c", WATCH, "sh", path.toString(), MARK)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        return new ServerDirectory(path, watcher);
    }

    Path path() {
        return path;
    }

    /** Kills what runs in it, and waits until that and the directory are gone. */
    @Override
    public void close() {
        try {
            watcher.getOutputStream().close();
            if (!watcher.waitFor(END_WITHIN.toMillis(), TimeUnit.MILLISECONDS) || Files.exists(path)) {
                throw new IllegalStateException(path + " and its servers could not be removed");
            }
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
