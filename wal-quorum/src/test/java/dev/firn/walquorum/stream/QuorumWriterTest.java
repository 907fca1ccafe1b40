package dev.firn.walquorum.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.simulation.FaultProfile;
import dev.firn.nativeio.simulation.NetworkFaults;
import dev.firn.nativeio.simulation.SimulatedHost;
import dev.firn.nativeio.simulation.Simulation;
import dev.firn.nativeio.simulation.SimulationConfig;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.wire.AcceptorIds;
import dev.firn.walquorum.wire.LogSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class QuorumWriterTest {
    private static final long MILLISECOND_NS = 1_000_000L;
    private static final long SECOND_NS = 1_000 * MILLISECOND_NS;
    private static final long START_LSN = 0x1_0000_0000L;
    private static final LogSpec SPEC = new LogSpec(4711, "main", 42, 17, 1 << 24, START_LSN);
    private static final WriterConfig CONFIG =
            WriterConfig.DEFAULT.withWindowBytes(1 << 20).withChangeIntervalNs(SECOND_NS);
    private static final long TRAIL_NS = 20 * MILLISECOND_NS;
    private static final int FIRST_WRITER = 4;
    private static final int HOSTS = 6;

    private final OffHeapMemory memory = OffHeapMemory.open(OffHeapConfig.of("quorum-writer-test", 64 << 20));
    private final TestDisk[] disks = new TestDisk[FIRST_WRITER];
    private final TestWalNode[] walNodes = new TestWalNode[FIRST_WRITER];
    private final List<TestWriter> writers = new ArrayList<>();
    private long flushNs = 200_000;
    private int roomBytes = 16 << 20;
    private WriterConfig config = CONFIG;
    private Simulation simulation = simulation(1, FaultProfile.NONE);

    @AfterEach
    void closeAll() {
        writers.forEach(writer -> writer.writer.close());
        simulation.close();
        memory.close();
    }

    @Test
    void shouldMakeTheLogBeElectedAndCommit() {
        startNodes(0, 1, 2);
        final TestWriter writer = startWriter(0, Membership.NONE, 0, 1, 2);

        until(() -> writer.writer.isLeading());
        assertThat(writer.created.generation()).isEqualTo(1);
        assertThat(writer.created.members()).extracting(AcceptorIds::node).containsExactlyInAnyOrder(0, 1, 2);
        assertThat(writer.writer.sentence()).isEmpty();

        write(writer, 3_000_000);
        assertThat(writer.writer.committedLsn()).isEqualTo(START_LSN + 3_000_000);
        assertThat(writer.writer.receivedLsn()).isEqualTo(START_LSN + 3_000_000);
        assertThat(writer.writer.isOutstanding()).isFalse();
        assertThat(writer.writer.commitLatency(null).getTotalCount()).isPositive();
        requireCommittedOnMajority(writer);
    }

    @Test
    void shouldMakeTheLogWithAMajorityAndBringTheOthersInLater() {
        startNodes(0, 2);
        final TestWriter writer = startWriter(0, Membership.NONE, 0, 1, 2);

        until(() -> writer.writer.isLeading());
        assertThat(writer.created.members()).extracting(AcceptorIds::node).containsExactlyInAnyOrder(0, 2);
        write(writer, 2_500_000);

        startNodes(1);
        until(() -> writer.writer
                        .membership()
                        .equals(new Membership(3, writer.writer.membership().members(), List.of()))
                && writer.writer.membership().members().size() == 3);
        until(() -> disks[1].flushedLsn == writer.endLsn);
        requireCommittedOnMajority(writer);
    }

    @Test
    void shouldReplaceALostDiskWhileItWrites() {
        startNodes(0, 1, 2);
        final TestWriter writer = startWriter(0, Membership.NONE, 0, 1, 2);
        write(writer, 2_000_000);
        final long before = disks[1].acceptorId;

        simulation.host(1).kill();
        disks[1].wipe();
        write(writer, 2_000_000);
        simulation.host(1).start();
        writer.endLsn += 1_000_000;

        until(() -> !writer.writer.membership().isTransitional()
                && writer.writer.membership().generation() == 3
                && writer.writer.isLeading());
        assertThat(writer.writer.membership().members()).doesNotContain(before).contains(disks[1].acceptorId);
        until(() -> disks[1].flushedLsn == writer.endLsn && writer.writer.committedLsn() == writer.endLsn);
        requireCommittedOnMajority(writer);
    }

    @Test
    void shouldSayWhoIsMissingAndGoOnWhenTheyAreBack() {
        startNodes(0, 1, 2);
        final TestWriter writer = startWriter(0, Membership.NONE, 0, 1, 2);
        write(writer, 100_000);

        simulation.host(1).kill();
        simulation.host(2).kill();
        writer.endLsn += 50_000;
        until(() -> writer.writer.state() == WriterState.NO_MAJORITY);
        simulation.runFor(5 * SECOND_NS);
        assertThat(writer.writer.sentence())
                .startsWith("no majority of the WAL nodes 0, 1, 2 takes WAL; missing: 1 (silent for ")
                .contains(", 2 (silent for ");
        assertThat(writer.writer.committedLsn()).isEqualTo(START_LSN + 100_000);

        simulation.host(2).start();
        until(() -> writer.writer.committedLsn() == writer.endLsn && writer.writer.isLeading());
        requireCommittedOnMajority(writer);
    }

    @Test
    void shouldDoNothingButSaySoWhenMostDisksAreLost() {
        startNodes(0, 1, 2);
        final TestWriter first = startWriter(0, Membership.NONE, 0, 1, 2);
        write(first, 100_000);
        final Membership membership = first.writer.membership();
        simulation.host(FIRST_WRITER).stop();
        for (final int lost : new int[] {1, 2}) {
            simulation.host(lost).kill();
            disks[lost].wipe();
            simulation.host(lost).start();
        }

        final TestWriter second = startWriter(1, membership, 0, 1, 2);
        simulation.runFor(10 * SECOND_NS);

        assertThat(second.writer.state()).isEqualTo(WriterState.NO_MAJORITY);
        assertThat(second.writer.sentence())
                .contains("1 (has lost the log), 2 (has lost the log)")
                .contains("bring a disk back");
        assertThat(disks[1].spec).as("made anew without a majority").isNull();
    }

    @Test
    void shouldDeposeTheOtherWriterAndHaveOneLeadInTheEnd() {
        startNodes(0, 1, 2);
        final TestWriter first = startWriter(0, Membership.NONE, 0, 1, 2);
        write(first, 500_000);

        final TestWriter second = startWriter(1, first.created, 0, 1, 2);
        first.endLsn += 500_000;
        until(() -> second.writer.isLeading() && first.writer.state() == WriterState.DEPOSED);
        assertThat(first.writer.sentence()).contains("another writer has taken over from term");
        assertThat(first.writer.wantedFromLsn()).isEqualTo(QuorumWriter.NOTHING);
        assertThat(second.writer.committedLsn()).isGreaterThanOrEqualTo(first.writer.committedLsn());

        second.endLsn = START_LSN + 2_000_000;
        until(() -> second.writer.committedLsn() == second.endLsn);
        first.writer.campaignAgain();
        until(() -> first.writer.isLeading());
        assertThat(first.writer.committedLsn()).isEqualTo(second.endLsn);
        until(() -> second.writer.state() == WriterState.DEPOSED);
        requireCommittedOnMajority(first);
    }

    @Test
    void shouldNotBeSlowedByOneSlowNodeAndBringItUpThroughItsPeers() {
        startNodes(0, 1, 2);
        final TestWriter writer = startWriter(0, Membership.NONE, 0, 1, 2);
        write(writer, 100_000);

        simulation.network().isolate(2);
        // Many windows go by.
        write(writer, 8 * CONFIG.windowBytes());
        assertThat(disks[2].flushedLsn).isLessThan(writer.endLsn - CONFIG.windowBytes());
        simulation.network().healAll();
        until(() -> disks[2].flushedLsn == writer.endLsn);
        requireCommittedOnMajority(writer);
    }

    @Test
    void shouldTakeNoMoreThanItsWindowWithoutAMajority() {
        startNodes(0, 1, 2);
        final TestWriter writer = startWriter(0, Membership.NONE, 0, 1, 2);
        write(writer, 300_000);
        simulation.network().isolate(1);
        simulation.network().isolate(2);

        writer.endLsn += 4 * CONFIG.windowBytes();
        simulation.runFor(3 * SECOND_NS);
        assertThat(writer.writer.room()).isZero();
        assertThat(writer.writer.appendedLsn() - writer.writer.committedLsn()).isEqualTo(CONFIG.windowBytes());
        assertThat(writer.refusedBytes).isPositive();

        simulation.network().healAll();
        until(() -> writer.writer.committedLsn() == writer.endLsn);
        requireCommittedOnMajority(writer);
    }

    @Test
    void shouldSoonSendAgainWhatNodesHadNoRoomFor() {
        roomBytes = 64 << 10;
        startNodes(0, 1, 2);
        final TestWriter writer = startWriter(0, Membership.NONE, 0, 1, 2);
        until(() -> writer.writer.isLeading());
        final long before = simulation.scheduler().nowNs();

        write(writer, 4_000_000);
        // Some 60 flushes with as many overflows: each would cost half a second if it were found out by silence.
        assertThat(simulation.scheduler().nowNs() - before).isLessThan(3 * SECOND_NS);
        requireCommittedOnMajority(writer);
    }

    @Test
    void shouldCoalesceSmallPiecesWhileBytesAreOnTheWay() {
        flushNs = 20 * MILLISECOND_NS;
        startNodes(0, 1, 2);
        final TestWriter writer = startWriter(0, Membership.NONE, 0, 1, 2);
        until(() -> writer.writer.isLeading());
        final long before = writer.writer.sentMessages();

        final int pieces = 2_000;
        for (int i = 0; i < pieces; i++) {
            writer.endLsn += 10;
            simulation.runFor(5_000);
        }
        until(() -> writer.writer.committedLsn() == writer.endLsn);
        assertThat(writer.writer.sentMessages() - before).isLessThan(3L * pieces / 4);
    }

    @Test
    void shouldKeepEveryCommittedByteWhateverTheNetworkDoesAndWhoeverWrites() {
        for (int seed = 100; seed < 112; seed++) {
            simulation.close();
            simulation = simulation(seed, FaultProfile.NONE.withNetwork(NetworkFaults.HARSH));
            for (int node = 0; node < FIRST_WRITER; node++) {
                disks[node] = new TestDisk();
            }
            try {
                race(seed);
            } catch (final AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private void race(final int seed) {
        startNodes(0, 1, 2);
        final TestWriter first = startWriter(0, Membership.NONE, 0, 1, 2);
        first.isStubborn = true;
        until(() -> first.created.generation() > 0);
        final TestWriter second = startWriter(1, first.created, 0, 1, 2);
        second.isStubborn = seed % 2 == 0;
        first.endLsn = START_LSN + 400_000;
        second.endLsn = START_LSN + 600_000;
        for (int round = 0; round < 6; round++) {
            final int node = simulation.host(0).random().nextInt(3);
            simulation.runFor(simulation.host(0).random().nextLong(SECOND_NS));
            simulation.host(node).kill();
            simulation.runFor(simulation.host(0).random().nextLong(SECOND_NS));
            simulation.host(node).start();
        }
        simulation.calm();
        first.isStubborn = false;
        second.isStubborn = false;
        until(() -> first.writer.state() == WriterState.DEPOSED || second.writer.state() == WriterState.DEPOSED);
        if (first.writer.state() == WriterState.DEPOSED && second.writer.state() == WriterState.DEPOSED) {
            second.writer.campaignAgain();
        }
        until(() -> first.writer.isLeading() || second.writer.isLeading());
        final TestWriter last = first.writer.isLeading() ? first : second;
        final TestWriter other = last == first ? second : first;
        last.endLsn = START_LSN + 700_000;
        until(() -> last.writer.committedLsn() == last.endLsn);
        assertThat(last.writer.committedLsn()).isGreaterThanOrEqualTo(other.writer.committedLsn());
        requireCommittedOnMajority(last);
    }

    @Test
    void shouldLetTheAcceptorTrailThatNoMajorityNeeds() {
        config = CONFIG.withTrailNs(TRAIL_NS);
        startNodes(0, 1, 2);
        final TestWriter writer = startWriter(0, Membership.NONE, 0, 1, 2);
        write(writer, 100_000);
        until(() -> isKnownOfAll(writer));

        for (int i = 0; i < 20; i++) {
            write(writer, 500);
            assertThat(holders(writer))
                    .as("that hold write %d when it is committed", i)
                    .isEqualTo(2);
        }
        simulation.runFor(2 * TRAIL_NS);
        assertThat(holders(writer)).isEqualTo(3);

        // A long piece waits for nothing: one that is far behind would be of little help.
        write(writer, 60_000);
        simulation.runFor(TRAIL_NS / 10);
        assertThat(holders(writer)).isEqualTo(3);
    }

    @Test
    void shouldTurnToTheOneThatTrailsWhenAnotherIsLate() {
        config = CONFIG.withTrailNs(TRAIL_NS);
        startNodes(0, 1, 2);
        final TestWriter writer = startWriter(0, Membership.NONE, 0, 1, 2);
        write(writer, 100_000);
        until(() -> isKnownOfAll(writer));
        write(writer, 500);
        int ahead = 0;
        while (disks[ahead].flushedLsn < writer.endLsn) {
            ahead++;
        }
        simulation.host(ahead).kill();

        writer.endLsn += 500;
        simulation.runFor(TRAIL_NS / 2);
        assertThat(writer.writer.committedLsn()).isLessThan(writer.endLsn);
        simulation.runFor(TRAIL_NS);
        assertThat(writer.writer.committedLsn()).isEqualTo(writer.endLsn);

        // From then on it is one of the majority.
        writer.endLsn += 500;
        simulation.runFor(TRAIL_NS / 2);
        assertThat(writer.writer.committedLsn()).isEqualTo(writer.endLsn);
    }

    /** Whether all have all, and have said so. */
    private static boolean isKnownOfAll(final TestWriter writer) {
        return writer.writer.acceptors().stream().allMatch(lag -> lag.lagBytes() == 0);
    }

    private int holders(final TestWriter writer) {
        int holders = 0;
        for (final TestDisk disk : disks) {
            holders += disk != null && disk.flushedLsn == writer.endLsn ? 1 : 0;
        }
        return holders;
    }

    // --- steps ----------------------------------------------------------------------------------------------------

    private static Simulation simulation(final long seed, final FaultProfile profile) {
        return new Simulation(SimulationConfig.of(seed, HOSTS).withProfile(profile));
    }

    private void startNodes(final int... ids) {
        for (final int id : ids) {
            disks[id] = disks[id] == null ? new TestDisk() : disks[id];
            simulation.host(id).setProgram(host -> List.of(node(host)));
            simulation.host(id).start();
        }
    }

    private TestWalNode node(final SimulatedHost host) {
        walNodes[host.id()] = new TestWalNode(
                host.network().open(host.id()), disks[host.id()], host.clock(), host.random(), flushNs, roomBytes);
        return walNodes[host.id()];
    }

    private TestWriter startWriter(final int number, final Membership membership, final int... nodes) {
        final Set<Integer> configured = new TreeSet<>();
        for (final int node : nodes) {
            configured.add(node);
        }
        final SimulatedHost host = simulation.host(FIRST_WRITER + number);
        final int before = writers.size();
        host.setProgram(started -> {
            final TestWriter writer = new TestWriter(
                    started.network().open(started.id()),
                    SPEC,
                    configured,
                    membership,
                    config,
                    memory,
                    started.clock(),
                    started.random());
            writers.add(writer);
            return List.of(writer);
        });
        host.start();
        until(() -> writers.size() > before);
        return writers.getLast();
    }

    private void write(final TestWriter writer, final int bytes) {
        writer.endLsn += bytes;
        until(() -> writer.writer.committedLsn() == writer.endLsn);
    }

    private void until(final BooleanSupplier condition) {
        assertThat(simulation.runUntil(condition, 60 * SECOND_NS))
                .as(() -> "within a minute, at "
                        + writers.stream()
                                .map(writer -> writer.writer.state() + " term " + writer.writer.term() + " committed "
                                        + Long.toHexString(writer.writer.committedLsn()) + " of "
                                        + Long.toHexString(writer.writer.appendedLsn()) + " wanted "
                                        + Long.toHexString(writer.endLsn) + " " + writer.writer.membership() + " "
                                        + writer.writer.sentence() + writer.writer.acceptors())
                                .toList())
                .isTrue();
    }

    private void requireCommittedOnMajority(final TestWriter writer) {
        final long committed = writer.writer.committedLsn();
        int holders = 0;
        for (final TestDisk disk : disks) {
            if (disk == null
                    || disk.spec == null
                    || !writer.writer.membership().contains(disk.acceptorId)
                    || disk.flushedLsn < committed) {
                continue;
            }
            holders++;
            for (long lsn = START_LSN; lsn < committed; lsn++) {
                if (disk.at(lsn) != TestWriter.byteAt(lsn)) {
                    throw new AssertionError("byte at " + Long.toHexString(lsn) + " is another");
                }
            }
        }
        assertThat(2 * holders)
                .as("nodes that hold all that is committed")
                .isGreaterThan(writer.writer.membership().members().size());
    }
}
