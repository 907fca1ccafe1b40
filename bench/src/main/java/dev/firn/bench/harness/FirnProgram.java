package dev.firn.bench.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The firn program that this process is part of: each command a process of its own, as a user starts it. */
public final class FirnProgram {
    private static final String MAIN = "dev.firn.server.Main";
    private static final List<String> FLAGS = List.of("-Xmx512m");

    private final BenchContext context;
    private final Class<?> main;

    private FirnProgram(final BenchContext context, final Class<?> main) {
        this.context = context;
        this.main = main;
    }

    /** @throws BenchmarkException when this process has no firn on its class path. */
    public static FirnProgram of(final BenchContext context) throws BenchmarkException {
        try {
            return new FirnProgram(context, Class.forName(MAIN));
        } catch (final ClassNotFoundException e) {
            throw new BenchmarkException("the firn program is not on this process' class path: run ./firn bench", e);
        }
    }

    /**
     * Runs a command to its end; what it wrote to its standard output.
     *
     * @throws BenchmarkException when it fails, with what it said of that.
     */
    public String run(final Duration limit, final String... arguments) throws BenchmarkException, InterruptedException {
        final String name = "firn " + arguments[0];
        try {
            final Path output = Files.createTempFile(context.workDirectory(), "firn", ".out");
            final Path errors = Files.createTempFile(context.workDirectory(), "firn", ".err");
            try {
                final ProcessBuilder builder = new ProcessBuilder(
                                context.forkedJvm().startingSoon().command(main, FLAGS))
                        .redirectOutput(output.toFile())
                        .redirectError(errors.toFile());
                builder.command().addAll(List.of(arguments));
                final Process process = context.resources().own(builder.start());
                if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                    process.destroyForcibly();
                    throw new BenchmarkException(name + " was not done after " + limit.toSeconds() + " s: "
                            + Files.readString(errors).strip());
                }
                if (process.exitValue() != 0) {
                    throw new BenchmarkException(name + " ended with " + process.exitValue() + ": "
                            + Files.readString(errors).strip());
                }
                return Files.readString(output);
            } finally {
                Files.deleteIfExists(output);
                Files.deleteIfExists(errors);
            }
        } catch (final IOException e) {
            throw new BenchmarkException("cannot run " + name + ": " + e.getMessage(), e);
        }
    }
}
