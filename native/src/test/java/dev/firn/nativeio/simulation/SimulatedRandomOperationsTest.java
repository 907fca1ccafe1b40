package dev.firn.nativeio.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.storage.RandomOperations;
import dev.firn.nativeio.storage.RingBackend;
import dev.firn.nativeio.storage.RingConfig;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same random operations give the same results on the simulated ring and on a ring of this host. */
class SimulatedRandomOperationsTest {
    private static final long OPERATIONS = 60_000;
    private static final RingConfig CONFIG = RingConfig.ofCapacity(128).withBackend(RingBackend.PORTABLE);

    @TempDir
    Path directory;

    @Test
    void shouldGiveTheResultsOfARealRing() {
        final long seed = SystemRandom.create().nextLong();
        final long real =
                RandomOperations.run(new HostStorage(directory), CONFIG, SystemRandom.seeded(seed), OPERATIONS);
        try (TestDisk test = new TestDisk(seed, DiskFaults.NONE)) {
            final long simulated =
                    RandomOperations.run(test.disk.mount(), CONFIG, SystemRandom.seeded(seed), OPERATIONS);
            assertThat(simulated).as("digest of the results with seed " + seed).isEqualTo(real);
            assertThat(test.disk.openFiles() + test.disk.openRings()).isZero();
            assertThat(test.disk.usedBytes()).isZero();
        }
    }
}
