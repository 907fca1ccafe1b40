package dev.firn.compute.binaries;

import java.nio.file.Path;

/** Where the jar of a release comes from. What it brings is not trusted: the cache compares its checksum. */
interface ReleaseSource {
    /**
     * Brings the jar into an empty directory.
     *
     * @return the jar
     */
    Path fetch(PostgresRelease release, Path directory);
}
