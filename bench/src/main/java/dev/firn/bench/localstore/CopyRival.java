package dev.firn.bench.localstore;

import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.RunResources;
import dev.firn.nativeio.seam.Clock;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * The host's own {@code cp}, then {@code sync} of the copy and of its directory: a durable file as a person makes one. Told to move the
 * bytes, because on some file systems it would only note that two files share them.
 */
final class CopyRival {
    static final String NAME = "cp and sync";
    static final String MISSING = "cp and sync (not installed: apt-get install coreutils)";

    private static final Duration LIMIT = Duration.ofMinutes(10);

    private final Path copyProgram;
    private final Path syncProgram;
    private final RunResources resources;
    private final Clock clock;

    private CopyRival(final Path copyProgram, final Path syncProgram, final RunResources resources, final Clock clock) {
        this.copyProgram = copyProgram;
        this.syncProgram = syncProgram;
        this.resources = resources;
        this.clock = clock;
    }

    /** Looks for the two programs in the directories of a PATH; null for none. */
    static Optional<CopyRival> find(final String searchPath, final RunResources resources, final Clock clock) {
        final Optional<Path> copy = program(searchPath, "cp");
        final Optional<Path> sync = program(searchPath, "sync");
        return copy.isPresent() && sync.isPresent()
                ? Optional.of(new CopyRival(copy.get(), sync.get(), resources, clock))
                : Optional.empty();
    }

    private static Optional<Path> program(final String searchPath, final String name) {
        for (final String directory :
                (searchPath == null ? "" : searchPath).split(Pattern.quote(File.pathSeparator), -1)) {
            final Path candidate = Path.of(directory, name);
            if (!directory.isEmpty() && Files.isExecutable(candidate) && Files.isRegularFile(candidate)) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    /** Copies durably, and removes the copy; returns the nanoseconds that the copying took. */
    long run(final Path source, final Path target) throws BenchmarkException, InterruptedException {
        try {
            final long startNs = clock.nanoTime();
            carryOut(List.of(copyProgram.toString(), "--reflink=never", source.toString(), target.toString()));
            carryOut(List.of(
                    syncProgram.toString(),
                    target.toString(),
                    target.getParent().toString()));
            final long elapsedNs = clock.nanoTime() - startNs;
            if (Files.size(target) != Files.size(source)) {
                throw new BenchmarkException("cp left a copy of another length: " + target);
            }
            Files.delete(target);
            return elapsedNs;
        } catch (final IOException e) {
            throw new BenchmarkException("cannot copy " + source + " to " + target + ": " + e.getMessage(), e);
        }
    }

    private void carryOut(final List<String> command) throws IOException, BenchmarkException, InterruptedException {
        final Process process = resources.own(new ProcessBuilder(new ArrayList<>(command))
                .redirectErrorStream(true)
                .start());
        final String complaint = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new BenchmarkException(command.getFirst() + " failed: " + complaint.strip());
        }
    }
}
