package dev.firn.walquorum.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.simulation.DiskFaults;
import dev.firn.nativeio.simulation.DiskOperation;
import dev.firn.nativeio.simulation.FaultProfile;
import dev.firn.nativeio.simulation.FaultRule;
import dev.firn.nativeio.simulation.HostDownError;
import dev.firn.nativeio.simulation.Simulation;
import dev.firn.nativeio.simulation.SimulationConfig;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import org.junit.jupiter.api.Test;

class LogCreationTest {
    private static final int SEEDS = 8;
    private static final int MAX_OPERATIONS = 60;

    @Test
    void shouldLeaveNoLogOrAWholeOneWhereverPowerIsLost() {
        int none = 0;
        int whole = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            for (int operations = 1; operations < MAX_OPERATIONS; operations++) {
                try (Simulation simulation = new Simulation(
                        SimulationConfig.of(seed, 1).withProfile(FaultProfile.NONE.withDisk(DiskFaults.GENTLE)))) {
                    simulation.host(0).disk().powerLossAfter(operations);
                    final boolean isMade = make(simulation);
                    simulation.host(0).disk().powerLossAfter(0);
                    simulation.host(0).disk().crash();
                    final boolean isFound = exists(simulation);
                    assertThat(isFound || !isMade)
                            .as("seed %d, power lost in operation %d: a log that was made is there", seed, operations)
                            .isTrue();
                    none += isFound ? 0 : 1;
                    whole += isFound ? 1 : 0;
                    useAndLosePower(simulation, isFound);
                    if (isMade) {
                        break;
                    }
                }
            }
        }
        assertThat(none).isPositive();
        assertThat(whole).isPositive();
    }

    @Test
    void shouldNotTrustANameWhoseSyncFailed() {
        for (int skipped = 0; skipped < 8; skipped++) {
            try (Simulation simulation = new Simulation(SimulationConfig.of(skipped, 1))) {
                simulation
                        .host(0)
                        .disk()
                        .inject(FaultRule.on(DiskOperation.SYNC_DIRECTORY)
                                .file(TestLog.DIRECTORY)
                                .skip(skipped));
                final boolean isMade = make(simulation);
                simulation.host(0).disk().clearInjected();
                simulation.host(0).disk().killProcess();
                useAndLosePower(simulation, exists(simulation));
                if (isMade) {
                    return;
                }
            }
        }
        throw new AssertionError("a log syncs its directory more often than this test thinks");
    }

    /** Makes a log and closes it; false when power was lost, or a sync failed, before it was there. */
    private static boolean make(final Simulation simulation) {
        final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("creation", 1 << 20));
        try {
            WalLog.create(
                            simulation.host(0).disk().mount(),
                            TestLog.DIRECTORY,
                            TestLog.identity(),
                            TestLog.SMALL,
                            memory,
                            null)
                    .close();
            return true;
        } catch (final HostDownError | StorageException e) {
            return false;
        } finally {
            memory.close();
        }
    }

    private static boolean exists(final Simulation simulation) {
        try (Storage storage = simulation.host(0).disk().mount()) {
            return WalLog.exists(storage, TestLog.DIRECTORY);
        }
    }

    /** What a log was told lasts, however it came about. */
    private static void useAndLosePower(final Simulation simulation, final boolean isFound) {
        final long flushed;
        try (TestLog log = isFound
                ? TestLog.open(simulation, TestLog.DIRECTORY, TestLog.SMALL)
                : TestLog.create(simulation, TestLog.SMALL)) {
            log.led().append(40_000);
            flushed = log.flushedLsn;
        }
        simulation.host(0).disk().crash();
        try (TestLog log = TestLog.open(simulation, TestLog.DIRECTORY, TestLog.SMALL)) {
            assertThat(log.log.identity()).isEqualTo(TestLog.identity());
            assertThat(log.log.found().promisedTerm()).isEqualTo(TestLog.TERM);
            assertThat(log.log.found().flushedLsn()).isEqualTo(flushed);
            log.readAll(TestLog.START_LSN);
        }
    }
}
