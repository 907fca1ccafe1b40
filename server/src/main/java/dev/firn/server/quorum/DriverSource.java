package dev.firn.server.quorum;

import dev.firn.nativeio.seam.Clock;
import dev.firn.server.CommandException;
import dev.firn.server.home.RoleRecord;
import dev.firn.transport.aeron.DriverChoice;
import dev.firn.transport.aeron.DriverProfile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Which media driver a role uses: decided anew at each start, for the last one may be gone. */
@FunctionalInterface
public interface DriverSource {
    /** How long a role waits for its host's driver: it may be starting at the same time, or again. */
    Duration LIMIT = Duration.ofSeconds(20);

    long POLL_MS = 50;

    /** May block for as long as {@link #LIMIT}. */
    DriverChoice choose(Clock clock) throws InterruptedException;

    /** One inside the process. */
    static DriverSource embedded(final DriverProfile profile) {
        return clock -> DriverChoice.embedded(profile);
    }

    /** That of the {@code media-driver} role on a directory. */
    static DriverSource ofRole(final Path directory) {
        return clock -> {
            final CountDownLatch never = new CountDownLatch(1);
            final long begunNs = clock.nanoTime();
            do {
                final Optional<String> found = RoleRecord.read(directory)
                        .filter(role -> role.process().alive())
                        .map(RoleRecord::aeronDirectory)
                        .filter(aeron -> !aeron.isEmpty());
                if (found.isPresent()) {
                    return new DriverChoice.External(Path.of(found.get()));
                }
            } while (!never.await(POLL_MS, TimeUnit.MILLISECONDS) && clock.nanoTime() - begunNs < LIMIT.toNanos());
            throw new CommandException("no media driver serves on " + directory
                    + ": start one with ./firn run media-driver, or leave \"mediaDriver\" out of the configuration");
        };
    }
}
