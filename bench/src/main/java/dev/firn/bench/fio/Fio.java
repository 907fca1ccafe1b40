package dev.firn.bench.fio;

import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.RunResources;
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
import java.util.stream.Stream;

/** The flexible I/O tester, from the host's package: the rival of what reads and writes files. */
public final class Fio {
    /** How a result names it when it is not there. */
    static final String MISSING = "fio (not installed: apt-get install fio)";

    private static final Duration GRACE = Duration.ofSeconds(30);

    private final Path executable;
    private final String version;
    private final Path workDirectory;
    private final RunResources resources;

    private Fio(final Path executable, final String version, final Path workDirectory, final RunResources resources) {
        this.executable = executable;
        this.version = version;
        this.workDirectory = workDirectory;
        this.resources = resources;
    }

    /**
     * Looks for fio.
     *
     * @param searchPath directories with the platform's separator, as in PATH; null for none.
     * @return empty when none of them has it, or it does not run.
     */
    public static Optional<Fio> find(final String searchPath, final Path workDirectory, final RunResources resources)
            throws InterruptedException {
        for (final String directory :
                (searchPath == null ? "" : searchPath).split(Pattern.quote(File.pathSeparator), -1)) {
            final Path candidate = Path.of(directory, "fio");
            if (!directory.isEmpty() && Files.isExecutable(candidate) && Files.isRegularFile(candidate)) {
                final Fio fio = new Fio(candidate, "", workDirectory, resources);
                try {
                    final String version =
                            fio.output(List.of("--version"), GRACE).strip();
                    return Optional.of(new Fio(candidate, version.replace("fio-", "fio "), workDirectory, resources));
                } catch (final BenchmarkException e) {
                    return Optional.empty();
                }
            }
        }
        return Optional.empty();
    }

    /** Name and version, as in {@code "fio 3.33"}. */
    String version() {
        return version;
    }

    FioReport run(final FioJob job) throws BenchmarkException, InterruptedException {
        return FioReport.parse(
                output(job.arguments(), job.warmup().plus(job.measured()).plus(GRACE)));
    }

    /**
     * Tries variants of a job in turns, twice each, and returns the one that was fastest at its best. Of a single variant,
     * this only shows that it works.
     */
    FioJob fastest(final FioJob job, final List<List<String>> variants)
            throws BenchmarkException, InterruptedException {
        final double[] best = new double[variants.size()];
        int fastest = 0;
        for (int turn = 0; turn < Math.min(2, best.length); turn++) {
            for (int i = 0; i < best.length; i++) {
                best[i] = Math.max(best[i], run(job.withExtra(variants.get(i))).operationsPerSecond());
                fastest = best[i] > best[fastest] ? i : fastest;
            }
        }
        return job.withExtra(variants.get(fastest));
    }

    private String output(final List<String> arguments, final Duration timeout)
            throws BenchmarkException, InterruptedException {
        try {
            final Path stdout = Files.createTempFile(workDirectory, "fio", ".out");
            final Path stderr = Files.createTempFile(workDirectory, "fio", ".err");
            try {
                return output(arguments, timeout, stdout, stderr);
            } finally {
                Files.deleteIfExists(stdout);
                Files.deleteIfExists(stderr);
            }
        } catch (final IOException e) {
            throw new BenchmarkException("cannot run " + executable + ": " + e.getMessage(), e);
        }
    }

    private String output(final List<String> arguments, final Duration timeout, final Path stdout, final Path stderr)
            throws IOException, BenchmarkException, InterruptedException {
        final Process process = resources.own(new ProcessBuilder(command(arguments))
                .directory(workDirectory.toFile())
                .redirectOutput(stdout.toFile())
                .redirectError(stderr.toFile())
                .start());
        if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
            throw new BenchmarkException("fio was not done after " + timeout.toSeconds() + " s");
        }
        if (process.exitValue() != 0) {
            throw new BenchmarkException(
                    "fio ended with " + process.exitValue() + ": " + firstComplaint(stdout, stderr));
        }
        return Files.readString(stdout, StandardCharsets.UTF_8);
    }

    private List<String> command(final List<String> arguments) {
        final List<String> command = new ArrayList<>();
        command.add(executable.toString());
        command.addAll(arguments);
        return command;
    }

    private static String firstComplaint(final Path stdout, final Path stderr) throws IOException {
        try (Stream<String> errors = Files.lines(stderr);
                Stream<String> outputs = Files.lines(stdout)) {
            return Stream.concat(errors, outputs)
                    .filter(line -> !line.isBlank())
                    .findFirst()
                    .orElse("no word of why");
        }
    }
}
