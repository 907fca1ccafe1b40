package dev.firn.walquorum.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.simulation.AgentTiming;
import dev.firn.nativeio.simulation.FaultProfile;
import dev.firn.nativeio.simulation.HostFaults;
import dev.firn.nativeio.simulation.Simulation;
import dev.firn.nativeio.simulation.SimulationConfig;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class WalLogSimulationTest {
    private static final long SECOND_NS = 1_000_000_000L;

    /** A host that hardly comes to work. */
    private static final HostFaults RESTLESS = new HostFaults(
            AgentTiming.STEADY.withStalls(0.001, 50_000_000),
            150_000_000L,
            1_000_000,
            10_000_000L,
            0.7,
            0.7,
            0.5,
            Integer.MAX_VALUE,
            0,
            0,
            0,
            0);

    private static final List<FaultProfile> PROFILES =
            List.of(FaultProfile.GENTLE, FaultProfile.HARSH, FaultProfile.HARSH.withHost(RESTLESS));
    private static final int SEEDS = 42;
    private static final int MANY_SEEDS = 2_000;

    @Test
    void shouldFindAfterEachCrashAllThatItTold() {
        run(0, SEEDS);
    }

    @Test
    @Tag("long")
    void shouldFindAfterEachCrashAllThatItToldInManyRuns() {
        run(SEEDS, SEEDS + MANY_SEEDS);
    }

    static void run(final int from, final int to) {
        final Totals totals = new Totals();
        for (int seed = from; seed < to; seed++) {
            totals.add(run(seed));
        }
        System.out.println((to - from) + " seeds: " + totals);
        assertThat(totals.recoveries).isGreaterThan(2L * (to - from));
        assertThat(totals.read).isPositive();
        assertThat(totals.recent).isPositive();
        assertThat(totals.promises).isPositive();
        assertThat(totals.trims).isPositive();
        assertThat(totals.beginnings).isPositive();
        assertThat(totals.timesFull).isPositive();
    }

    private static LogLedger run(final int seed) {
        final LogLedger ledger = new LogLedger();
        final SimulationConfig config = SimulationConfig.of(seed, 1).withProfile(PROFILES.get(seed % PROFILES.size()));
        try (Simulation simulation = new Simulation(config)) {
            simulation.startAll(host -> List.of(new LogDriver(host, ledger)));
            simulation.startFaults();
            simulation.runFor(5 * SECOND_NS);
            ledger.isCalm = true;
            simulation.calm();
            final long before = ledger.toldBytes;
            assertThat(simulation.runUntil(() -> ledger.toldBytes > before + 100, 60 * SECOND_NS))
                    .as("seed %d goes on when faults stop", seed)
                    .isTrue();
        } catch (final RuntimeException e) {
            throw new AssertionError("seed " + seed, e);
        }
        return ledger;
    }

    private static final class Totals {
        private long recoveries;
        private long told;
        private long read;
        private long recent;
        private long promises;
        private long trims;
        private long beginnings;
        private long timesFull;

        void add(final LogLedger ledger) {
            recoveries += ledger.recoveries;
            told += ledger.toldBytes;
            read += ledger.readBytes;
            recent += ledger.recentBytes;
            promises += ledger.promises;
            trims += ledger.trims;
            beginnings += ledger.beginnings;
            timesFull += ledger.timesFull;
        }

        @Override
        public String toString() {
            return recoveries + " recoveries, " + told + " bytes told, " + read + " read, " + recent
                    + " read from memory, " + promises + " promises, " + trims + " trims, " + beginnings
                    + " beginnings anew, " + timesFull + " times full";
        }
    }
}
