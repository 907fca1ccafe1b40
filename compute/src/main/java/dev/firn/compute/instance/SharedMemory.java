package dev.firn.compute.instance;

import dev.firn.compute.process.ShortCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a server has outside of its directory: dynamic shared memory segments, and the System V segment by which Postgres guards a
 * data directory. A server that stops removes them. One that is killed leaves them to its next start, or for ever.
 *
 * @param segments files below /dev/shm
 * @param guardId  the System V segment's id
 */
record SharedMemory(Set<Path> segments, Optional<String> guardId) {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** Of a server that runs. */
    static SharedMemory of(final ServerProcesses processes, final Path dataDirectory) {
        return new SharedMemory(
                processes.sharedMemory(), PidFile.read(dataDirectory).flatMap(PidFile::sharedMemoryId));
    }

    /** To be called when no process of the server is left. */
    void remove() {
        for (final Path segment : segments) {
            try {
                Files.deleteIfExists(segment);
            } catch (final IOException e) {
                throw new UncheckedIOException("cannot delete " + segment, e);
            }
        }
        // One that is gone already is what is wanted: ipcrm's complaint about it says no more than that.
        guardId.ifPresent(id -> ShortCommand.run(List.of("ipcrm", "-m", id), LIMIT));
    }
}
