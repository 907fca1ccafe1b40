package dev.firn.compute.instance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What {@code postmaster.pid} says, by the line numbers of Postgres' {@code utils/pidfile.h}.
 *
 * @param pid            the postmaster's
 * @param sharedMemoryId of its System V segment; empty before it is made
 * @param status         starting, stopping, ready or standby; empty before it is written
 */
record PidFile(long pid, Optional<String> sharedMemoryId, Optional<String> status) {
    private static final int PID_LINE = 0;
    private static final int SHARED_MEMORY_LINE = 6;
    private static final int STATUS_LINE = 7;

    /** Empty when there is none, or only the first part of one. */
    static Optional<PidFile> read(final Path dataDirectory) {
        final List<String> lines;
        try {
            lines = Files.readAllLines(dataDirectory.resolve("postmaster.pid"));
        } catch (final IOException e) {
            return Optional.empty();
        }
        if (lines.isEmpty() || !lines.get(PID_LINE).strip().matches("\\d+")) {
            return Optional.empty();
        }
        // "key id", padded with blanks.
        final Optional<String> identifier =
                line(lines, SHARED_MEMORY_LINE).map(line -> line.substring(line.lastIndexOf(' ') + 1));
        return Optional.of(
                new PidFile(Long.parseLong(lines.get(PID_LINE).strip()), identifier, line(lines, STATUS_LINE)));
    }

    private static Optional<String> line(final List<String> lines, final int index) {
        return lines.size() > index && !lines.get(index).isBlank()
                ? Optional.of(lines.get(index).strip())
                : Optional.empty();
    }

    /** Recovering, and not taking sessions: {@code hot_standby} is off or the state is not consistent yet. */
    boolean standby() {
        return status.filter("standby"::equals).isPresent();
    }

    boolean ready() {
        return status.filter("ready"::equals).isPresent();
    }
}
