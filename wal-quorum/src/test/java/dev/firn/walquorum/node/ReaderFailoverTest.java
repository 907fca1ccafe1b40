package dev.firn.walquorum.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.simulation.SimulationConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Readers of a quorum of three, of which one goes away, or stays behind. The fast reader begins with node 0. */
class ReaderFailoverTest {
    private static final long SECOND_NS = 1_000_000_000L;

    private SimulatedQuorum quorum;
    private long changesBefore;

    @BeforeEach
    void start() {
        quorum = new SimulatedQuorum(SimulationConfig.of(11, SimulatedQuorum.HOSTS));
        quorum.isArchiving = false;
        quorum.start();
        reads(100_000);
        changesBefore = quorum.fast.changes + quorum.slow.changes;
    }

    @AfterEach
    void stop() {
        quorum.close();
    }

    /** Both readers come so much further. */
    private void reads(final long bytes) {
        final long goal = Math.max(quorum.fast.lsn, quorum.slow.lsn) + bytes;
        assertThat(quorum.simulation.runUntil(() -> quorum.fast.lsn >= goal && quorum.slow.lsn >= goal, 20 * SECOND_NS))
                .as("readers at %d and %d reach %d", quorum.fast.lsn, quorum.slow.lsn, goal)
                .isTrue();
    }

    @Test
    void shouldTurnToAnotherNodeWhenOneIsDown() {
        quorum.simulation.host(0).kill();
        reads(200_000);

        assertThat(quorum.fast.changes + quorum.slow.changes).isGreaterThan(changesBefore);
        assertThat(quorum.fast.skippedBytes + quorum.slow.skippedBytes).isZero();
    }

    @Test
    void shouldTurnToAnotherNodeWhenOneIsSilent() {
        quorum.simulation.network().partition(0, SimulatedQuorum.FAST_READER);
        reads(200_000);

        assertThat(quorum.fast.changes + quorum.slow.changes).isGreaterThan(changesBefore);
    }

    /** The node answers, but hears nothing of what is committed. */
    @Test
    void shouldTurnToAnotherNodeWhenOneIsBehind() {
        quorum.simulation.network().partition(0, SimulatedQuorum.PROPOSER);
        quorum.simulation.network().partition(0, 1);
        quorum.simulation.network().partition(0, 2);
        reads(200_000);

        assertThat(quorum.fast.changes + quorum.slow.changes).isGreaterThan(changesBefore);
        quorum.log(0);
        quorum.simulation.runFor(3 * SECOND_NS);
        assertThat(quorum.log(0).state()).isEqualTo(LogState.WAITING);
        assertThat(quorum.log(1).state()).isEqualTo(LogState.FOLLOWING);

        quorum.simulation.network().healAll();
        assertThat(quorum.simulation.runUntil(() -> quorum.log(0).flushedLsn() >= quorum.slow.lsn, 20 * SECOND_NS))
                .as("the node catches up from its peers")
                .isTrue();
    }

    @Test
    void shouldSayThatOnlyTheArchiveHasItWhenTheNodesWithMoreHaveTrimmed() {
        quorum.simulation.network().partition(0, SimulatedQuorum.PROPOSER);
        quorum.simulation.network().partition(0, 1);
        quorum.simulation.network().partition(0, 2);
        quorum.isArchiving = true;
        reads(300_000);

        assertThat(quorum.fast.skippedBytes).isPositive();
    }

    @Test
    void shouldStayWithItsNodeWhileThatServes() {
        reads(1_000_000);

        assertThat(quorum.fast.changes + quorum.slow.changes).isEqualTo(changesBefore);
        assertThat(quorum.fast.skippedBytes + quorum.slow.skippedBytes).isZero();
    }
}
