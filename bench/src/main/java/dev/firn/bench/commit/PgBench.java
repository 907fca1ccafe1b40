package dev.firn.bench.commit;

import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.RunResources;
import dev.firn.compute.binaries.PostgresBinaries;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.process.ShortCommand;
import dev.firn.compute.process.UnprivilegedUser;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Postgres' own load generator, of the server's package or of the host. */
public final class PgBench {
    private static final String PROGRAM = "pgbench";

    private final Path program;
    private final int threads;

    private PgBench(final Path program, final int threads) {
        this.program = program;
        this.threads = threads;
    }

    /**
     * Looks for pgbench: one of another major version does as well.
     *
     * @param searchPath directories with the platform's separator, as in PATH; null for none.
     * @throws BenchmarkException when there is none: says how to get it.
     */
    public static PgBench find(final PostgresBinaries binaries, final String searchPath) throws BenchmarkException {
        final int threads = Runtime.getRuntime().availableProcessors();
        if (binaries.has(PROGRAM)) {
            return new PgBench(binaries.program(PROGRAM), threads);
        }
        for (final String directory :
                (searchPath == null ? "" : searchPath).split(Pattern.quote(File.pathSeparator), -1)) {
            final Path candidate = Path.of(directory, PROGRAM);
            if (!directory.isEmpty() && Files.isExecutable(candidate)) {
                return new PgBench(candidate, threads);
            }
        }
        throw new BenchmarkException(
                "pgbench makes the load, and is not here: install it (Debian, Ubuntu: apt-get install" + " postgresql-"
                        + binaries.major() + "), or put its directory into PATH");
    }

    /** As pgbench counts them: whole ones. */
    static long seconds(final Duration duration) {
        return Math.max(1, duration.plusMillis(999).toSeconds());
    }

    /** Makes pgbench's tables, of 100 000 accounts to a branch. */
    public void initialise(final PostgresServer server, final int branches) throws BenchmarkException {
        run(server, List.of("--initialize", "--quiet", "--scale=" + branches));
    }

    /** Runs a load for some seconds. */
    PgBenchRun measure(final PostgresServer server, final CommitLoad load, final int clients, final long seconds)
            throws BenchmarkException {
        return measure(server, load::arguments, clients, seconds);
    }

    /** Runs a script for some seconds, over the server's Unix socket. */
    public PgBenchRun measure(final PostgresServer server, final String script, final int clients, final long seconds)
            throws BenchmarkException {
        return measure(
                server,
                directory -> {
                    final Path file = directory.resolve("script.sql");
                    Files.writeString(file, script);
                    return List.of("--file=" + file);
                },
                clients,
                seconds);
    }

    /** What tells pgbench of its load; may write files into the directory. */
    private interface Arguments {
        List<String> in(Path directory) throws IOException;
    }

    private PgBenchRun measure(final PostgresServer server, final Arguments load, final int clients, final long seconds)
            throws BenchmarkException {
        final Path directory = server.config().directory().resolve(PROGRAM);
        try {
            UnprivilegedUser.find().makePrivateDirectory(directory);
            final List<String> arguments = new ArrayList<>(List.of(
                    "--no-vacuum",
                    "--protocol=prepared",
                    "--client=" + clients,
                    "--jobs=" + Math.min(clients, threads),
                    "--time=" + seconds,
                    "--log",
                    "--log-prefix=" + directory.resolve("log")));
            arguments.addAll(load.in(directory));
            final PgBenchRun result = PgBenchRun.of(run(server, arguments), directory);
            RunResources.delete(directory);
            return result;
        } catch (final IOException e) {
            throw new BenchmarkException("cannot use " + directory + " for pgbench: " + e.getMessage(), e);
        }
    }

    private String run(final PostgresServer server, final List<String> arguments) throws BenchmarkException {
        final ShortCommand.Result result = server.run(program, arguments.toArray(String[]::new));
        if (!result.succeeded()) {
            throw new BenchmarkException("pgbench ended with " + result.exitCode() + ": "
                    + result.output().strip());
        }
        return result.output();
    }
}
