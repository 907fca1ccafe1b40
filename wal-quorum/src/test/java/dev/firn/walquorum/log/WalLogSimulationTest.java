package dev.firn.walquorum.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.simulation.FaultProfile;
import dev.firn.nativeio.simulation.Simulation;
import dev.firn.nativeio.simulation.SimulationConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

class WalLogSimulationTest {
    private static final long SECOND_NS = 1_000_000_000L;

    @Test
    void shouldFindAfterEachCrashAllThatItToldToBeFlushed() {
        long recoveries = 0;
        long told = 0;
        long read = 0;
        final int seeds = 30;
        for (int seed = 0; seed < seeds; seed++) {
            final LogLedger ledger = new LogLedger();
            final SimulationConfig config =
                    SimulationConfig.of(seed, 1).withProfile(FaultProfile.named(seed % 2 == 0 ? "gentle" : "harsh"));
            try (Simulation simulation = new Simulation(config)) {
                simulation.startAll(host -> List.of(new LogDriver(host, ledger)));
                simulation.startFaults();
                simulation.runFor(5 * SECOND_NS);
                simulation.calm();
                final long before = ledger.toldBytes();
                assertThat(simulation.runUntil(() -> ledger.toldBytes() > before + 100, 60 * SECOND_NS))
                        .as("seed %d goes on when faults stop", seed)
                        .isTrue();
            } catch (final RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
            recoveries += ledger.recoveries();
            told += ledger.toldBytes();
            read += ledger.readBytes();
        }
        System.out.println(seeds + " seeds, " + recoveries + " recoveries, " + told + " bytes told, " + read + " read");
        assertThat(recoveries).isGreaterThan(2L * seeds);
        assertThat(read).isPositive();
    }
}
