package dev.firn.nativeio.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.storage.Access;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.Agent;
import org.junit.jupiter.api.Test;

/** The whole: programs on hosts, crashes, and what a run of one seed is worth. */
class SimulationTest {
    private static final long MILLISECOND = 1_000_000;

    /** Crashes every few milliseconds of virtual time, EIO and short transfers often. */
    private static final FaultProfile ROUGH = new FaultProfile(
            DiskFaults.HARSH.withErrors(0, 0.01, 0.01, 0.01),
            NetworkFaults.HARSH,
            new HostFaults(
                    AgentTiming.STEADY.withStalls(0.001, 5 * MILLISECOND),
                    8 * MILLISECOND,
                    10_000,
                    MILLISECOND,
                    0.7,
                    0.5,
                    0.2,
                    Integer.MAX_VALUE,
                    500_000,
                    MILLISECOND,
                    20 * MILLISECOND,
                    3_600_000 * MILLISECOND));

    private record Outcome(int acknowledged, int recoveries, long hash) {}

    private static Outcome runLog(final long seed, final AppendLog.Bug bug, final Set<FaultKind> met) {
        final AppendLog.Ledger ledger = new AppendLog.Ledger();
        try (Simulation simulation = new Simulation(SimulationConfig.of(seed, 1).withProfile(ROUGH))) {
            simulation.startAll(host -> List.of(new AppendLog(host, ledger, bug)));
            simulation.startFaults();
            simulation.runFor(60 * MILLISECOND);
            simulation.calm();
            final int before = ledger.size();
            assertThat(simulation.runUntil(() -> ledger.size() > before, 10_000 * MILLISECOND))
                    .as("seed %d: appends go on after the faults are over", seed)
                    .isTrue();
            simulation.host(0).crash();
            simulation.host(0).start();
            simulation.runFor(MILLISECOND);
            for (final FaultKind kind : FaultKind.values()) {
                if (simulation.trace().count(kind) > 0) {
                    met.add(kind);
                }
            }
            return new Outcome(
                    ledger.size(), ledger.recoveries, simulation.trace().hash());
        }
    }

    @Test
    void shouldLoseNoAcknowledgedRecordOverManySeeds() {
        final Set<FaultKind> met = EnumSet.noneOf(FaultKind.class);
        int acknowledged = 0;
        int recoveries = 0;
        for (long seed = 1; seed <= 500; seed++) {
            final Outcome outcome = runLog(seed, AppendLog.Bug.NONE, met);
            acknowledged += outcome.acknowledged();
            recoveries += outcome.recoveries();
        }
        assertThat(acknowledged).isGreaterThan(5_000);
        assertThat(recoveries).isGreaterThan(2_000);
        assertThat(met)
                .contains(
                        FaultKind.SECTOR_LOST,
                        FaultKind.SECTOR_SURVIVED,
                        FaultKind.SECTOR_TORN,
                        FaultKind.SECTOR_INTERMEDIATE,
                        FaultKind.LENGTH_LOST,
                        FaultKind.ENTRY_LOST,
                        FaultKind.ENTRY_SURVIVED,
                        FaultKind.WRITE_CUT,
                        FaultKind.WRITE_ERROR,
                        FaultKind.SYNC_ERROR,
                        FaultKind.DIRECTORY_SYNC_ERROR,
                        FaultKind.SHORT_WRITE,
                        FaultKind.POWER_LOSS,
                        FaultKind.PROCESS_KILL,
                        FaultKind.AGENT_STALL,
                        FaultKind.CLOCK_JUMP);
    }

    @Test
    void shouldFindThePlantedBugsWithinFewSeeds() {
        for (final AppendLog.Bug bug : AppendLog.Bug.values()) {
            if (bug != AppendLog.Bug.NONE) {
                final long seed = firstFailingSeed(bug, 30);
                assertThat(seed).as("%s is found within 30 seeds", bug).isPositive();
                // The same seed fails in the same way.
                final String once = failureOf(seed, bug);
                assertThat(failureOf(seed, bug)).isEqualTo(once).contains("seed " + seed + " fails at");
            }
        }
    }

    private static long firstFailingSeed(final AppendLog.Bug bug, final int seeds) {
        for (long seed = 1; seed <= seeds; seed++) {
            if (failureOf(seed, bug) != null) {
                return seed;
            }
        }
        return -1;
    }

    private static String failureOf(final long seed, final AppendLog.Bug bug) {
        try {
            runLog(seed, bug, EnumSet.noneOf(FaultKind.class));
            return null;
        } catch (final SimulationFailure failure) {
            assertThat(failure.seed()).isEqualTo(seed);
            return failure.getMessage();
        }
    }

    @Test
    void shouldRunTheSameSeedTheSameWayAndOthersOtherwise() {
        final Set<FaultKind> met = EnumSet.noneOf(FaultKind.class);
        final List<Long> hashes = new ArrayList<>();
        for (long seed = 1; seed <= 20; seed++) {
            final Outcome once = runLog(seed, AppendLog.Bug.NONE, met);
            assertThat(runLog(seed, AppendLog.Bug.NONE, met))
                    .as("seed %d", seed)
                    .isEqualTo(once);
            hashes.add(once.hash());
        }
        assertThat(hashes).doesNotHaveDuplicates();
    }

    @Test
    void shouldTraceTheSameLinesForTheSameSeed() {
        final List<String> once = tracedLines();
        assertThat(once).hasSizeGreaterThan(200).isEqualTo(tracedLines());
        assertThat(String.join("\n", once))
                .contains("n0  starts, life 1")
                .contains("n1  gets from ")
                .contains("PARTITION")
                .doesNotContain("{}");
    }

    private static List<String> tracedLines() {
        final List<String> lines = new ArrayList<>();
        final SimulationConfig config =
                SimulationConfig.of(7, 3).withProfile(ROUGH).withTrace(lines::add);
        try (Simulation simulation = new Simulation(config)) {
            simulation.startAll(host -> List.of(new Gossip(host, new int[3])));
            simulation.network().partition(0, 2);
            simulation.startFaults();
            simulation.runFor(100 * MILLISECOND);
        }
        return lines;
    }

    @Test
    void shouldComeToAnEndOnceCalm() {
        for (long seed = 1; seed <= 20; seed++) {
            final int[] known = new int[5];
            try (Simulation simulation =
                    new Simulation(SimulationConfig.of(seed, 5).withProfile(ROUGH))) {
                simulation.startAll(host -> List.of(new Gossip(host, known)));
                simulation.startFaults();
                simulation.runFor(50 * MILLISECOND);
                simulation.calm();
                assertThat(simulation.runUntil(() -> Gossip.allKnow(known), 1_000 * MILLISECOND))
                        .as("seed %d: every host has heard of every other", seed)
                        .isTrue();
            }
        }
    }

    @Test
    void shouldNameTheSeedAndTheHostWhenAProgramThrows() {
        try (Simulation simulation = new Simulation(SimulationConfig.of(4711, 2))) {
            simulation.host(1).setProgram(host -> {
                throw new IllegalStateException("a defect");
            });
            simulation.host(1).start();
            assertThatThrownBy(() -> simulation.runFor(MILLISECOND))
                    .isInstanceOf(SimulationFailure.class)
                    .hasMessageContaining("seed 4711")
                    .hasMessageContaining("host 1")
                    .hasMessageContaining("a defect");
        }
    }

    @Test
    void shouldFailWhenACheckDoesNotHold() {
        try (Simulation simulation = new Simulation(SimulationConfig.of(1, 1))) {
            simulation.check("time stands still", () -> {
                if (simulation.scheduler().nowNs() > MILLISECOND) {
                    throw new AssertionError("it is " + simulation.scheduler().nowNs());
                }
            });
            simulation.scheduler().schedule(2 * MILLISECOND, () -> {});
            assertThatThrownBy(() -> simulation.runFor(5 * MILLISECOND))
                    .hasMessageContaining("check \"time stands still\"");
        }
    }

    @Test
    void shouldRestartAProgramThatEndsItselfAndCloseOneThatIsStopped() {
        final int[] closed = new int[1];
        try (Simulation simulation = new Simulation(SimulationConfig.of(1, 1))) {
            final SimulatedHost host = simulation.host(0);
            host.disk().inject(FaultRule.on(DiskOperation.CREATE).times(3));
            host.setProgram(self -> {
                self.storage().create("a", Access.BUFFERED).close();
                return List.of(new Agent() {
                    @Override
                    public int doWork() {
                        return 0;
                    }

                    @Override
                    public void onClose() {
                        closed[0]++;
                    }

                    @Override
                    public String roleName() {
                        return "idler";
                    }
                });
            });
            host.start();
            assertThat(simulation.runUntilIdle(1_000 * MILLISECOND)).isTrue();
            assertThat(host.lives()).as("three starts failed").isEqualTo(4);
            assertThat(host.up()).isTrue();
            host.stop();
            assertThat(closed[0]).isEqualTo(1);
            assertThat(host.up()).isFalse();
            assertThat(simulation.trace().count(FaultKind.PROCESS_KILL)).isZero();
        }
    }

    /** Tells every other host, again and again, whom it has heard of: anti-entropy in thirty lines. */
    private static final class Gossip implements Agent {
        private final Endpoint endpoint;
        private final ExpandableArrayBuffer message = new ExpandableArrayBuffer(4);
        private final int[] known;
        private final int self;
        private int peer;

        private Gossip(final SimulatedHost host, final int[] known) {
            this.endpoint = host.network().open(host.id());
            this.known = known;
            this.self = host.id();
            known[self] = 1 << self;
        }

        private static boolean allKnow(final int[] known) {
            for (final int one : known) {
                if (one != (1 << known.length) - 1) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public int doWork() {
            final int received = endpoint.poll(
                    (source, buffer, offset, length) -> {
                        assertThat(length).isEqualTo(Integer.BYTES);
                        known[self] |= buffer.getInt(offset);
                    },
                    4);
            peer = (peer + 1) % known.length;
            if (peer != self) {
                message.putInt(0, known[self]);
                endpoint.send(peer, message, 0, Integer.BYTES);
            }
            return received;
        }

        @Override
        public String roleName() {
            return "gossip";
        }
    }
}
