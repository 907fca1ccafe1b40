package dev.firn.walquorum.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.simulation.FaultProfile;
import dev.firn.nativeio.simulation.SimulatedDisk;
import dev.firn.nativeio.simulation.SimulationConfig;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class WalNodeSimulationTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final int SEEDS = 12;
    private static final int MANY_SEEDS = 500;

    /** Crashes, lost messages, a disk that is full for a while, and one that is lost. */
    @Test
    void shouldShowReadersExactlyWhatIsCommittedThroughAllFaults() {
        run(0, SEEDS);
    }

    @Test
    @Tag("long")
    void shouldShowReadersExactlyWhatIsCommittedForManySeeds() {
        run(SEEDS, MANY_SEEDS);
    }

    private static void run(final int fromSeed, final int toSeed) {
        long committed = 0;
        long read = 0;
        long skipped = 0;
        long trimmed = 0;
        long memberChanges = 0;
        for (int seed = fromSeed; seed < toSeed; seed++) {
            final SimulationConfig config = SimulationConfig.of(seed, SimulatedQuorum.HOSTS)
                    .withProfile(FaultProfile.named(seed % 2 == 0 ? "gentle" : "harsh"));
            try (SimulatedQuorum quorum = new SimulatedQuorum(config)) {
                quorum.start();
                assertThat(quorum.simulation.runUntil(() -> quorum.ledger.membership != null, 60 * SECOND_NS))
                        .isTrue();
                quorum.simulation.startFaults();
                quorum.simulation.runFor(2 * SECOND_NS);
                fillDiskFor(quorum, seed % 3);
                if (seed % 3 == 0) {
                    quorum.wipe((seed + 1) % 3);
                }
                quorum.simulation.runFor(2 * SECOND_NS);
                quorum.simulation.calm();
                requireProgress(quorum);
                committed += quorum.ledger.endLsn() - WalLedger.START_LSN;
                read += quorum.fast.readBytes + quorum.slow.readBytes;
                skipped += quorum.fast.skippedBytes + quorum.slow.skippedBytes;
                trimmed += quorum.trimmedBytes();
                memberChanges += quorum.ledger.memberChanges;
                assertThat(quorum.troubles).isEmpty();
            } catch (final RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        System.out.println((toSeed - fromSeed) + " seeds, " + committed + " bytes committed, " + read + " read, "
                + skipped + " skipped, " + trimmed + " trimmed, " + memberChanges + " changes of members");
        assertThat(read).isGreaterThan(committed);
        assertThat(trimmed).isPositive();
        assertThat(memberChanges).isPositive();
    }

    private static void fillDiskFor(final SimulatedQuorum quorum, final int node) {
        final SimulatedDisk disk = quorum.simulation.host(node).disk();
        disk.setCapacity(disk.usedBytes());
        quorum.simulation.runFor(SECOND_NS);
        disk.setCapacity(1L << 30);
    }

    /** Every node's log and every reader come to what is committed, and beyond. */
    private static void requireProgress(final SimulatedQuorum quorum) {
        final long goal = quorum.ledger.endLsn() + 100_000;
        final boolean isReached = quorum.simulation.runUntil(
                () -> quorum.fast.lsn >= goal && quorum.slow.lsn >= goal && flushed(quorum) >= goal, 60 * SECOND_NS);
        assertThat(isReached)
                .as("goal %d, readers at %d and %d, logs %s", goal, quorum.fast.lsn, quorum.slow.lsn, describe(quorum))
                .isTrue();
    }

    private static long flushed(final SimulatedQuorum quorum) {
        long least = Long.MAX_VALUE;
        for (final int node : SimulatedQuorum.NODES) {
            final LogStatus log = quorum.log(node);
            least = Math.min(least, log == null ? 0 : log.flushedLsn());
        }
        return least;
    }

    private static List<String> describe(final SimulatedQuorum quorum) {
        final List<String> logs = new ArrayList<>();
        for (final int node : SimulatedQuorum.NODES) {
            logs.add(String.valueOf(quorum.log(node)));
        }
        return logs;
    }
}
