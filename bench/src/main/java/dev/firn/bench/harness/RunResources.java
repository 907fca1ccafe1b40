package dev.firn.bench.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What a run must not leave behind: servers, child processes and data files. Given back when the run ends, in this order, and by
 * a shutdown hook when Ctrl-C or SIGTERM ends it.
 *
 * <p>Thread-safe: the hook runs in a thread of its own.
 */
public final class RunResources implements AutoCloseable {
    private static final long STOP_TIMEOUT_S = 5;

    private final Thread hook = new Thread(this::release, "bench-cleanup");
    private final Deque<AutoCloseable> servers = new ArrayDeque<>();
    private final Deque<Process> processes = new ArrayDeque<>();
    private final Deque<Path> files = new ArrayDeque<>();

    public RunResources() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Takes charge of a child: it is ended with the run unless it has ended by itself. */
    public synchronized Process own(final Process process) {
        processes.removeIf(known -> !known.isAlive());
        processes.push(process);
        return process;
    }

    /** Takes charge of a server, which writes files until it is closed: it is closed with the run, before any file is deleted. */
    public synchronized void ownServer(final AutoCloseable server) {
        servers.push(server);
    }

    /** Takes charge of a file, or of a directory with all that is in it: it is deleted with the run. */
    public synchronized Path own(final Path file) {
        if (!files.contains(file)) {
            files.push(file);
        }
        return file;
    }

    /** Deletes a file, or a directory with all that is in it, when there is one. */
    public static void delete(final Path path) throws IOException {
        if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            Files.deleteIfExists(path);
            return;
        }
        final List<Path> tree;
        try (Stream<Path> walk = Files.walk(path)) {
            tree = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (final Path entry : tree) {
            Files.deleteIfExists(entry);
        }
    }

    private synchronized void release() {
        for (final AutoCloseable server : servers) {
            try {
                server.close();
            } catch (final Exception e) {
                System.err.println("Could not stop what the run started: " + e.getMessage());
            }
        }
        servers.clear();
        for (final Process process : processes) {
            process.destroy();
        }
        for (final Process process : processes) {
            awaitEnd(process);
        }
        processes.clear();
        for (final Path file : files) {
            try {
                delete(file);
            } catch (final IOException e) {
                System.err.println("Could not delete " + file + ": " + e.getMessage() + "; delete it by hand.");
            }
        }
        files.clear();
    }

    private static void awaitEnd(final Process process) {
        try {
            if (!process.waitFor(STOP_TIMEOUT_S, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (final InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (final IllegalStateException e) {
            // The JVM is going down: the hook does the work.
            return;
        }
        release();
    }
}
