package dev.firn.compute.instance;

import dev.firn.compute.binaries.BinariesFinder;
import dev.firn.compute.binaries.PostgresBinaries;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A Postgres of each major version for tests, and a place where the unprivileged user can run it. */
public final class TestPostgres {
    private TestPostgres() {}

    /** The programs of a major version. */
    public static PostgresBinaries binaries(final int major) {
        return BinariesFinder.ofThisMachine(System.err::println).find(major);
    }

    /** A server's directory in a temporary one, which JUnit closes to others. */
    public static Path place(final Path temporary, final String name) {
        try {
            Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwx--x--x"));
        } catch (final IOException e) {
            throw new IllegalStateException(e);
        }
        return temporary.resolve(name);
    }
}
