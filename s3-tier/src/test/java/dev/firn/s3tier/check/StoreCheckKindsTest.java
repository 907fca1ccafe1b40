package dev.firn.s3tier.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.nativeio.simulation.SimulatedClock;
import dev.firn.nativeio.simulation.Simulation;
import dev.firn.nativeio.simulation.SimulationConfig;
import dev.firn.s3tier.backend.StoreBackend;
import dev.firn.s3tier.location.ObjectStores;
import dev.firn.s3tier.location.StoreLocation.DirectoryLocation;
import dev.firn.s3tier.simulation.SimulatedStore;
import dev.firn.s3tier.simulation.StoreFaults;
import dev.firn.s3tier.store.StoreLimits;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The check against the kinds of store that Firn has. */
@Timeout(120)
class StoreCheckKindsTest {
    private static final long SEED = 4;

    @Test
    void shouldCallADirectoryFit(@TempDir final Path folder) {
        try (StoreBackend backend = ObjectStores.openBackend(
                new DirectoryLocation(folder), StoreLimits.DEFAULT, SystemClock.INSTANCE, SystemRandom.create())) {
            final CheckReport report = new StoreCheck(
                            backend,
                            SystemClock.INSTANCE,
                            SystemRandom.create(),
                            StoreCheck.DEFAULT_LIMIT,
                            CheckListener.SILENT)
                    .run();
            assertThat(report.verdict()).as(report.toString()).isEqualTo(CheckVerdict.FIT);
        }
        assertThat(folder.toFile().list()).containsExactly(".firn");
    }

    @Test
    void shouldCallTheSimulatedStoreFit() {
        try (Simulation simulation = new Simulation(SimulationConfig.of(SEED, 1))) {
            final SimulatedStore store = SimulatedStore.in(simulation, StoreFaults.NONE);
            try (StoreBackend backend = store.backend()) {
                final CheckReport report = new StoreCheck(
                                backend,
                                new VirtualClock(simulation),
                                SystemRandom.seeded(SEED),
                                StoreCheck.DEFAULT_LIMIT,
                                CheckListener.SILENT)
                        .run();
                assertThat(report.verdict()).as(report.toString()).isEqualTo(CheckVerdict.FIT);
            }
            assertThat(store.keys()).isEmpty();
            assertThat(store.openUploads()).isZero();
        }
    }

    /** The time of a simulation, for a client on none of its hosts. */
    private record VirtualClock(Simulation simulation) implements Clock {
        @Override
        public long nanoTime() {
            return simulation.scheduler().nowNs();
        }

        @Override
        public long epochNs() {
            return SimulatedClock.EPOCH_START_NS + nanoTime();
        }
    }
}
