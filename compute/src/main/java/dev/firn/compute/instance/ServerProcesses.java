package dev.firn.compute.instance;

import dev.firn.nativeio.seam.Clock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The processes of one data directory, whoever started them: those whose working directory it is, by proc(5). Postmaster and
 * children all change into it. Parentage would not do: a child whose postmaster was killed belongs to init. A shell that somebody has
 * opened there is none of them: they run the program {@code postgres}.
 */
final class ServerProcesses {
    private static final Path PROC = Path.of("/proc");

    /** An upgrade may have deleted the file, which the kernel adds to its name. */
    private static final String PROGRAM = "postgres";

    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(5);

    private final Path dataDirectory;
    private final Clock clock;

    /** @param dataDirectory its real path */
    ServerProcesses(final Path dataDirectory, final Clock clock) {
        this.dataDirectory = dataDirectory;
        this.clock = clock;
    }

    List<Long> alive() {
        final List<Long> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[0-9]*")) {
            for (final Path entry : entries) {
                if (worksHere(entry)) {
                    found.add(Long.parseLong(entry.getFileName().toString()));
                }
            }
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot list " + PROC, e);
        }
        return found;
    }

    private boolean worksHere(final Path process) {
        try {
            return Files.readSymbolicLink(process.resolve("cwd")).equals(dataDirectory)
                    && program(process).startsWith(PROGRAM);
        } catch (final IOException e) {
            // It ended meanwhile, or it is somebody else's: neither is one of ours.
            return false;
        }
    }

    /**
     * By its file, or by its name when it has none: a process that is ending gives up its memory first, and its working directory only
     * when it has let go of all memory that it shared.
     */
    private static String program(final Path process) throws IOException {
        try {
            return Files.readSymbolicLink(process.resolve("exe")).getFileName().toString();
        } catch (final NoSuchFileException e) {
            return Files.readString(process.resolve("comm"), StandardCharsets.ISO_8859_1);
        }
    }

    /** Kills until none is left, since the postmaster may have made a child while the list was read. */
    boolean killAll(final Duration limit) {
        final long deadlineNs = clock.nanoTime() + limit.toNanos();
        List<Long> left = alive();
        while (!left.isEmpty() && clock.nanoTime() < deadlineNs) {
            for (final long pid : left) {
                ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
            }
            LockSupport.parkNanos(POLL_NS);
            left = alive();
        }
        return left.isEmpty();
    }

    /**
     * Waits until each of these has ended, or is a zombie that its parent has to reap. A process that is ending gives up its working directory
     * before it is gone: {@link #alive} does not see it any more, the kernel still has it.
     */
    boolean awaitEnd(final List<Long> pids, final Duration limit) {
        final long deadlineNs = clock.nanoTime() + limit.toNanos();
        for (final long pid : pids) {
            while (!hasEnded(pid)) {
                if (clock.nanoTime() > deadlineNs) {
                    return false;
                }
                LockSupport.parkNanos(POLL_NS);
            }
        }
        return true;
    }

    /** By the state in proc(5): it follows the name, which is in parentheses and may hold anything. */
    private static boolean hasEnded(final long pid) {
        try {
            final String stat = Files.readString(PROC.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1);
            final char state = stat.charAt(stat.lastIndexOf(')') + 2);
            return state == 'Z' || state == 'X';
        } catch (final IOException e) {
            return true;
        }
    }

    boolean awaitNone(final Duration limit) {
        final long deadlineNs = clock.nanoTime() + limit.toNanos();
        while (!alive().isEmpty()) {
            if (clock.nanoTime() > deadlineNs) {
                return false;
            }
            LockSupport.parkNanos(POLL_NS);
        }
        return true;
    }
}
