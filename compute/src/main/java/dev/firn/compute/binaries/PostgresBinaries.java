package dev.firn.compute.binaries;

import dev.firn.compute.ComputeException;
import dev.firn.compute.process.ShortCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The programs of one Postgres.
 *
 * @param major   15, 17
 * @param version as {@code postgres --version} says it: 15.18, 17.11
 * @param folder  where the programs are
 */
public record PostgresBinaries(int major, String version, Path folder) {
    private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) ((\\d+)(?:\\.\\d+|[a-z]+\\d*))");
    private static final List<String> SERVER_PROGRAMS = List.of("postgres", "initdb", "pg_ctl");
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /**
     * The programs in a folder, if a server's three are there and {@code postgres} tells its version. Its real folder counts: a
     * link, or a wrapper elsewhere, does not have the others beside it.
     */
    static Optional<PostgresBinaries> in(final Path folder) {
        for (final String program : SERVER_PROGRAMS) {
            if (!Files.isExecutable(folder.resolve(program))) {
                return Optional.empty();
            }
        }
        final ShortCommand.Result result =
                ShortCommand.run(List.of(folder.resolve("postgres").toString(), "--version"), LIMIT);
        final Matcher matcher = VERSION.matcher(result.output());
        if (!result.succeeded() || !matcher.find()) {
            return Optional.empty();
        }
        return Optional.of(new PostgresBinaries(Integer.parseInt(matcher.group(2)), matcher.group(1), folder));
    }

    /** Whether a program is there. A server's three always are; clients and tools are not in every package. */
    public boolean has(final String program) {
        return Files.isExecutable(folder.resolve(program));
    }

    /** The path of a program. */
    public Path program(final String name) {
        if (!has(name)) {
            throw new ComputeException("Postgres " + version + " in " + folder + " comes without " + name);
        }
        return folder.resolve(name);
    }
}
