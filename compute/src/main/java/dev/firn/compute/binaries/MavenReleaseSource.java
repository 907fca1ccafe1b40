package dev.firn.compute.binaries;

import dev.firn.compute.ComputeException;
import dev.firn.compute.process.ShortCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * Asks Maven, which built Firn and so is there: it looks into the local repository first, and knows the repositories, mirrors and
 * proxies of this machine, which is why Firn names none.
 */
final class MavenReleaseSource implements ReleaseSource {
    private static final Duration LIMIT = Duration.ofMinutes(15);
    private static final int SHOWN_ERRORS = 3;

    private final String maven;

    /** @param maven the program, usually {@code mvn} */
    MavenReleaseSource(final String maven) {
        this.maven = maven;
    }

    @Override
    public Path fetch(final PostgresRelease release, final Path directory) {
        final ShortCommand.Result result;
        try {
            result = ShortCommand.run(
                    List.of(
                            maven,
                            "--batch-mode",
                            "--no-transfer-progress",
                            PostgresRelease.fetcher(),
                            "-Dartifact=" + release.coordinates(),
                            "-DoutputDirectory=" + directory),
                    LIMIT);
        } catch (final ComputeException e) {
            throw new ComputeException(
                    "Postgres " + release.major() + " is not installed and cannot be fetched: " + e.getMessage()
                            + "; install it (Debian, Ubuntu: apt-get install postgresql-" + release.major()
                            + "), or what fetches it (apt-get install maven)",
                    e);
        }
        if (!result.succeeded()) {
            final List<String> errors = result.output()
                    .lines()
                    .filter(line -> line.startsWith("[ERROR]"))
                    .limit(SHOWN_ERRORS)
                    .toList();
            throw new ComputeException("Maven did not bring " + release.coordinates() + ":\n  "
                    + (errors.isEmpty() ? result.output().strip() : String.join("\n  ", errors)));
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .findFirst()
                    .orElseThrow(() -> new ComputeException(
                            "Maven put no jar of " + release.coordinates() + " into " + directory));
        } catch (final IOException e) {
            throw new ComputeException("cannot list " + directory + ": " + e, e);
        }
    }
}
