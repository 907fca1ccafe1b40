package dev.firn.server.quorum;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.server.CommandException;
import dev.firn.server.home.ProcessIdentity;
import dev.firn.server.home.RoleDirectory;
import dev.firn.server.home.RoleIdentity;
import dev.firn.server.home.RoleRecord;
import dev.firn.transport.aeron.DriverChoice;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which media driver a role takes, when there is one, and when there is none yet. */
@Timeout(60)
final class DriverSourceTest {
    private static final String ROLE = "media-driver";

    @TempDir
    private Path folder;

    @Test
    void shouldWaitForADriverThatIsBeingStarted() throws Exception {
        try (RoleDirectory directory =
                RoleDirectory.open(folder, new RoleIdentity(ROLE, 0, "test"), HostStorage::new)) {
            directory.publish(record(""));
            final Thread driver = new Thread(() -> directory.publish(record("/dev/shm/driver")));
            final Clock startingIt = new Clock() {
                private int calls;

                @Override
                public long nanoTime() {
                    // The second look at the clock comes when nothing was found.
                    if (++calls == 2) {
                        driver.start();
                    }
                    return SystemClock.INSTANCE.nanoTime();
                }

                @Override
                public long epochNs() {
                    return SystemClock.INSTANCE.epochNs();
                }
            };
            assertThat(DriverSource.ofRole(folder).choose(startingIt))
                    .isEqualTo(new DriverChoice.External(Path.of("/dev/shm/driver")));
            driver.join();
        }
    }

    @Test
    void shouldSayWhereNoneServesWhenTheTimeIsOver() {
        final Clock leaping = new Clock() {
            private long ns;

            @Override
            public long nanoTime() {
                ns += TimeUnit.SECONDS.toNanos(15);
                return ns;
            }

            @Override
            public long epochNs() {
                return nanoTime();
            }
        };
        assertThatThrownBy(() -> DriverSource.ofRole(folder).choose(leaping))
                .isInstanceOf(CommandException.class)
                .hasMessageStartingWith("no media driver serves on " + folder + ": start one with");
    }

    private static RoleRecord record(final String aeronDirectory) {
        return new RoleRecord(ProcessIdentity.current(), ROLE, "http://127.0.0.1:1/", "test", aeronDirectory);
    }
}
