package dev.firn.walquorum.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.simulation.DiskOperation;
import dev.firn.nativeio.simulation.FaultRule;
import dev.firn.nativeio.simulation.SimulatedHost;
import dev.firn.nativeio.simulation.Simulation;
import dev.firn.nativeio.simulation.SimulationConfig;
import dev.firn.nativeio.simulation.SimulationFailure;
import dev.firn.nativeio.storage.Access;
import dev.firn.nativeio.storage.StorageFile;
import dev.firn.walquorum.acceptor.Vote;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.wire.LogDescription;
import dev.firn.walquorum.wire.LogSpec;
import dev.firn.walquorum.wire.Refusal;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One WAL node on a simulated host, with a client on another. */
class WalNodeTest {
    private static final int NODE = 0;
    private static final int CLIENT = 1;
    private static final long CLUSTER = 0xC1;
    private static final long SECOND_NS = 1_000_000_000L;
    private static final LogSpec SPEC = TestProposer.SPEC;
    private static final long LOG = SPEC.logId();
    private static final long READER = 9;

    private final OffHeapMemory memory =
            OffHeapMemory.open(OffHeapConfig.of("wal-node", 64L << 20).withChecked(false));
    private final List<String> troubles = new ArrayList<>();
    private Simulation simulation;
    private SimulatedHost host;
    private NodeClient client;
    private WalNode node;
    private int nodeId = NODE;
    private long clusterId = CLUSTER;

    @BeforeEach
    void start() {
        simulation = new Simulation(SimulationConfig.of(5, 3));
        host = simulation.host(NODE);
        simulation.startAll(starting -> starting.id() == NODE ? startNode(starting) : List.of());
        client = new NodeClient(
                simulation.network().open(CLIENT), NODE, condition -> simulation.runUntil(condition, 5 * SECOND_NS));
        run();
    }

    private List<Agent> startNode(final SimulatedHost starting) {
        node = new WalNode(
                clusterId,
                starting.network().open(nodeId),
                starting.storage(),
                memory,
                starting.clock(),
                starting.random(),
                SimulatedQuorum.CONFIG,
                CompletionWaits.NONE,
                troubles::add);
        return List.of(node);
    }

    @AfterEach
    void stop() {
        if (host.up()) {
            host.stop();
        }
        simulation.close();
    }

    private void run() {
        simulation.runFor(SECOND_NS / 10);
    }

    /** Power is lost, and comes back. */
    private void restart() {
        host.crash();
        host.start();
        run();
    }

    /** Many bits of one sector change. */
    private void damage(final String file, final long offset) {
        for (int i = 0; i < 500; i++) {
            assertThat(host.disk().flipBit(file, offset)).isTrue();
        }
    }

    private static LogSpec spec(final long logId, final String timeline) {
        return new LogSpec(logId, timeline, SPEC.systemIdentifier(), 17, SPEC.walSegmentBytes(), SPEC.startLsn());
    }

    private static String sentence(final NodeClient.Heard refused) {
        return new String(refused.bytes(), StandardCharsets.UTF_8);
    }

    @Test
    void shouldHaveMadeALogForGoodWhenItAnswers() {
        final LogDescription made = client.create(SPEC);
        restart();
        final LogDescription found = client.describe(LOG);

        assertThat(made.acceptorId()).isPositive();
        assertThat(made.acceptorId() & 0xFFFF).isEqualTo(NODE);
        assertThat(made.spec()).isEqualTo(SPEC);
        assertThat(made.flushedLsn()).isEqualTo(SPEC.startLsn());
        assertThat(found).isEqualTo(made);
        assertThat(client.create(SPEC)).as("made again").isEqualTo(made);
    }

    @Test
    void shouldRefuseALogThatContradictsOneThatIsThere() {
        client.create(SPEC);
        final NodeClient.Heard sameId = client.createRefused(spec(LOG, "other"));
        final NodeClient.Heard sameName = client.createRefused(spec(0xF2, SPEC.timeline()));

        assertThat(sameId.what()).isEqualTo(Refusal.ANOTHER_LOG);
        assertThat(sentence(sameId)).contains("timeline orders", "7000000001");
        assertThat(sameName.what()).isEqualTo(Refusal.ANOTHER_LOG);
        assertThat(sentence(sameName)).contains("00000000000000f1");
    }

    @Test
    void shouldRefuseWhatNoLogCanBe() {
        final long lsn = SPEC.startLsn();
        for (final LogSpec wrong : List.of(
                new LogSpec(0, "a", 1, 17, 1 << 20, lsn),
                new LogSpec(1, "../a", 1, 17, 1 << 20, lsn),
                new LogSpec(1, "", 1, 17, 1 << 20, lsn),
                new LogSpec(1, "a", 1, 12, 1 << 20, lsn),
                new LogSpec(1, "a", 1, 17, 3 << 20, lsn),
                new LogSpec(1, "a", 1, 17, 1 << 31, lsn),
                new LogSpec(1, "a", 1, 17, 1 << 20, 0),
                new LogSpec(1, "a", 1, 17, 1 << 20, lsn + 8))) {
            final NodeClient.Heard refused = client.createRefused(wrong);
            assertThat(refused.what()).as("%s", wrong).isEqualTo(Refusal.BAD_REQUEST);
            assertThat(sentence(refused)).isNotEmpty().doesNotContain("\n");
        }
        assertThat(client.createRefused(new LogSpec(1, "a", 1, 12, 1 << 20, lsn))
                        .bytes())
                .asString(StandardCharsets.UTF_8)
                .contains("12 is not supported");
    }

    @Test
    void shouldHaveNoRoomForMoreLogsThanItsLimit() {
        for (int i = 0; i < SimulatedQuorum.CONFIG.maxLogs(); i++) {
            client.create(spec(100 + i, "timeline-" + i));
        }
        assertThat(client.createRefused(spec(200, "more")).what()).isEqualTo(Refusal.NO_ROOM);
        client.send(client.writer.deleteLog(1, 100, 0x1234L << 16));
        assertThat(client.refused().what()).isEqualTo(Refusal.ANOTHER_LOG);
        client.delete(100, client.describe(100).acceptorId());
        assertThat(client.create(spec(200, "more")).isThere()).isTrue();
    }

    @Test
    void shouldDeleteALogForGood() {
        final long first = client.create(SPEC).acceptorId();
        client.lead(LOG, first, 1);
        client.append(LOG, first, 1, SPEC.startLsn(), 200_000);

        assertThat(client.delete(LOG, first).isThere()).isFalse();
        restart();
        assertThat(client.describe(LOG).isThere()).isFalse();
        assertThat(client.delete(LOG, first).isThere()).as("deleted again").isFalse();
        run();
        assertThat(host.storage().list("logs")).isEmpty();

        final long second = client.create(SPEC).acceptorId();
        assertThat(second).isNotEqualTo(first);
        assertThat(client.lead(LOG, second, 1)).isEqualTo(SPEC.startLsn());
    }

    @Test
    void shouldTellWhatItHasWhenAnotherAcceptorIsSpokenTo() {
        final long there = client.create(SPEC).acceptorId();
        for (int i = 0; i < 5; i++) {
            client.send(client.writer.append(LOG, there + (1L << 20), 1, 0, 0, -1));
        }
        final NodeClient.Heard answer = client.await("description");
        run();
        client.send(client.writer.voteRequest(0xF7, there, 1, NodeClient.CANDIDATE, Membership.of(List.of(there))));
        final NodeClient.Heard none = client.await("description");

        assertThat(answer.id()).as("nobody asked").isZero();
        assertThat(((LogDescription) answer.what()).acceptorId()).isEqualTo(there);
        assertThat(((LogDescription) none.what()).spec().logId()).isEqualTo(0xF7);
        assertThat(((LogDescription) none.what()).isThere()).isFalse();
        node.status();
        simulation.runFor(SECOND_NS);
        assertThat(node.status().strayMessages()).isEqualTo(6);
    }

    @Test
    void shouldServeTheOthersWhenALogIsDamaged() {
        client.create(SPEC);
        final long sound = client.create(spec(0xF2, "sound")).acceptorId();
        damage("logs/00000000000000f1/control", 0);
        damage("logs/00000000000000f1/control", 128 << 10);
        restart();

        assertThat(troubles)
                .singleElement()
                .asString()
                .contains("control is damaged")
                .doesNotContain("\n");
        client.send(client.writer.describeLog(1, LOG));
        final NodeClient.Heard refused = client.refused();
        assertThat(refused.what()).isEqualTo(Refusal.DAMAGED);
        assertThat(sentence(refused)).isEqualTo(troubles.getFirst());
        assertThat(client.createRefused(SPEC).what()).isEqualTo(Refusal.DAMAGED);
        assertThat(client.lead(0xF2, sound, 1)).isEqualTo(SPEC.startLsn());
        assertThat(node.status().logs())
                .extracting(LogStatus::state)
                .containsExactlyInAnyOrder(LogState.DAMAGED, LogState.WAITING);

        assertThat(client.delete(LOG, 0).isThere()).isFalse();
        assertThat(client.create(SPEC).isThere()).isTrue();
    }

    @Test
    void shouldMakeALogAgainWhenSomebodyHasRemovedTheDamagedOne() {
        client.create(SPEC);
        final String directory = "logs/00000000000000f1";
        damage(directory + "/control", 0);
        damage(directory + "/control", 128 << 10);
        restart();
        assertThat(client.createRefused(SPEC).what()).isEqualTo(Refusal.DAMAGED);

        host.storage().list(directory).forEach(file -> host.storage().delete(directory + "/" + file));
        host.storage().delete(directory);
        simulation.runFor(2 * SECOND_NS);
        assertThat(node.status().logs()).isEmpty();
        assertThat(client.describe(LOG).isThere()).isFalse();
        assertThat(client.create(SPEC).isThere()).isTrue();
    }

    @Test
    void shouldCloseALogWhoseBytesAreDamagedWhenTheyAreRead() {
        final long acceptor = client.create(SPEC).acceptorId();
        client.lead(LOG, acceptor, 1);
        client.append(LOG, acceptor, 1, SPEC.startLsn(), 20_000);
        restart();
        client.lead(LOG, acceptor, 2);
        client.commit(LOG, acceptor, 2, SPEC.startLsn() + 20_000);
        damage("logs/00000000000000f1/0000000000000000.segment", 8_192);
        client.send(client.writer.subscribe(LOG, READER, SPEC.startLsn(), 1 << 20));

        final NodeClient.Heard refused = client.refused();
        assertThat(refused.what()).isEqualTo(Refusal.NO_SUCH_LOG);
        assertThat(troubles)
                .singleElement()
                .isEqualTo(sentence(refused))
                .asString()
                .contains("damaged at");
        assertThat(host.lives()).as("the process goes on").isEqualTo(2);
    }

    @Test
    void shouldRefuseTheDirectoryOfAnother() {
        client.create(SPEC);
        assertRefusedStart(2, CLUSTER, "belongs to node 0, not to node 2");
        assertRefusedStart(NODE, 0xC2, "belongs to cluster c1, not to cluster c2");
        try (Arena arena = Arena.ofConfined();
                StorageFile file = host.storage().open("node", Access.BUFFERED)) {
            final var version = arena.allocate(4);
            version.set(ValueLayout.JAVA_INT_UNALIGNED, 0, 2);
            file.write(4, version);
            file.sync();
        }
        assertRefusedStart(NODE, CLUSTER, "format 2, which this version of Firn does not know");
        damage("node", 0);
        assertRefusedStart(NODE, CLUSTER, "damaged or not Firn's");
        host.storage().deleteDurably("node");
        assertRefusedStart(NODE, CLUSTER, "\"node\" is missing");
        assertThat(host.storage().list("logs")).containsExactly("00000000000000f1");
    }

    private void assertRefusedStart(final int itsNodeId, final long itsClusterId, final String reason) {
        host.kill();
        nodeId = itsNodeId;
        clusterId = itsClusterId;
        host.start();
        assertThatThrownBy(this::run)
                .isInstanceOf(SimulationFailure.class)
                .hasRootCauseInstanceOf(WalNodeException.class)
                .rootCause()
                .hasMessageContaining(reason);
    }

    @Test
    void shouldVoteThoughItsDiskIsFull() {
        final long acceptor = client.create(SPEC).acceptorId();
        client.lead(LOG, acceptor, 1);
        host.disk().setCapacity(host.disk().usedBytes());
        assertThat(client.createRefused(spec(0xF2, "second")).what()).isEqualTo(Refusal.NO_ROOM);
        long lsn = SPEC.startLsn();
        final byte[] bytes = new byte[10_000];
        for (int i = 0; i < 50; i++) {
            client.send(client.writer.append(LOG, acceptor, 1, lsn, SPEC.startLsn(), -1), bytes);
            run();
            client.poll();
            for (final NodeClient.Heard one : client.heard) {
                lsn = one.kind().equals("appended") ? Math.max(lsn, one.a()) : lsn;
            }
        }
        client.heard.clear();
        node.status();
        simulation.runFor(SECOND_NS);
        final LogStatus full = node.status().logs().getFirst();
        assertThat(full.state()).isEqualTo(LogState.FULL);
        assertThat(full.trouble()).isNotEmpty().doesNotContain("\n");
        assertThat(full.appendsRefused()).isPositive();

        client.send(client.writer.voteRequest(LOG, acceptor, 2, 78, Membership.of(List.of(acceptor))));
        assertThat(((Vote) client.await("vote").what()).granted()).isTrue();

        host.disk().setCapacity(1L << 30);
        assertThat(client.lead(LOG, acceptor, 3)).isEqualTo(lsn);
        client.append(LOG, acceptor, 3, lsn, 200_000);
        run();
        run();
        assertThat(node.status().logs().getFirst().trouble()).isEmpty();
    }

    @Test
    void shouldEndTheProcessWhenAWriteFails() {
        final long acceptor = client.create(SPEC).acceptorId();
        client.lead(LOG, acceptor, 1);
        host.disk().inject(FaultRule.on(DiskOperation.WRITE));
        client.send(client.writer.append(LOG, acceptor, 1, SPEC.startLsn(), SPEC.startLsn(), -1), new byte[100]);

        assertThat(simulation.runUntil(() -> host.lives() == 2, SECOND_NS)).isTrue();
        assertThat(client.lead(LOG, acceptor, 2)).isLessThanOrEqualTo(SPEC.startLsn() + 100);
    }

    @Test
    void shouldBoundReadersByWindowNumberAndTime() {
        final long acceptor = client.create(SPEC).acceptorId();
        client.lead(LOG, acceptor, 1);
        client.append(LOG, acceptor, 1, SPEC.startLsn(), 10_000);
        client.commit(LOG, acceptor, 1, SPEC.startLsn() + 10_000);
        client.append(LOG, acceptor, 1, SPEC.startLsn() + 10_000, 5_000);

        client.send(client.writer.subscribe(LOG, READER, SPEC.startLsn(), 4_000));
        assertThat(read(SPEC.startLsn())).as("no more than the window").isEqualTo(4_000);
        client.send(client.writer.consumed(LOG, READER, SPEC.startLsn() + 4_000, SPEC.startLsn()));
        assertThat(read(SPEC.startLsn() + 4_000)).isEqualTo(4_000);
        client.send(client.writer.consumed(LOG, READER, SPEC.startLsn() + 8_000, SPEC.startLsn()));
        assertThat(read(SPEC.startLsn() + 8_000))
                .as("no more than is committed")
                .isEqualTo(2_000);

        client.send(client.writer.subscribe(LOG, READER + 1, SPEC.startLsn(), 4_000));
        client.send(client.writer.subscribe(LOG, READER + 2, SPEC.startLsn(), 4_000));
        assertThat(client.refused().what()).isEqualTo(Refusal.NO_ROOM);
        assertThat(node.status().logs().getFirst().readers()).hasSizeLessThanOrEqualTo(2);
        simulation.runFor(SimulatedQuorum.CONFIG.readerTimeoutNs() + SECOND_NS);
        assertThat(node.status().logs().getFirst().readers())
                .as("silent readers are forgotten")
                .isEmpty();
        client.heard.clear();
        client.send(client.writer.consumed(LOG, READER, SPEC.startLsn(), SPEC.startLsn()));
        assertThat(client.refused().what()).isEqualTo(Refusal.BAD_REQUEST);
    }

    @Test
    void shouldTrimWhatIsArchivedAndNeededByNoReader() {
        final long acceptor = client.create(SPEC).acceptorId();
        client.lead(LOG, acceptor, 1);
        final long end = SPEC.startLsn() + 400_000;
        for (long lsn = SPEC.startLsn(); lsn < end; lsn += 10_000) {
            client.append(LOG, acceptor, 1, lsn, 10_000);
        }
        client.commit(LOG, acceptor, 1, end);
        client.send(client.writer.subscribe(LOG, READER, SPEC.startLsn(), 4_000));
        assertThat(read(SPEC.startLsn())).isEqualTo(4_000);
        assertThat(node.archived(LOG, end)).isTrue();
        assertThat(node.archived(LOG + 1, end)).isFalse();
        run();
        assertThat(client.describe(LOG).startLsn()).as("a reader needs it").isEqualTo(SPEC.startLsn());

        client.send(client.writer.unsubscribe(LOG, READER));
        run();
        final LogDescription trimmed = client.describe(LOG);
        assertThat(trimmed.startLsn())
                .isBetween(SPEC.startLsn() + 200_000, end - SimulatedQuorum.CONFIG.reserveBytes());
        assertThat(trimmed.archivedLsn()).isEqualTo(end);
        client.send(client.writer.subscribe(LOG, READER, trimmed.startLsn() - 1, 4_000));
        assertThat(client.refused().what()).isEqualTo(Refusal.TRIMMED);
        client.send(client.writer.subscribe(LOG, READER, trimmed.startLsn(), 4_000));
        assertThat(read(trimmed.startLsn())).isEqualTo(4_000);
    }

    @Test
    void shouldGiveItsPeersWhatTheyAskFor() {
        final long acceptor = client.create(SPEC).acceptorId();
        final long peer = 5L << 16 | CLIENT;
        client.lead(LOG, acceptor, 1);
        client.append(LOG, acceptor, 1, SPEC.startLsn(), 10_000);
        client.append(LOG, acceptor, 1, SPEC.startLsn() + 10_000, 10_000);
        assertThat(fetch(acceptor, peer, 1, SPEC.startLsn() + 15_000)).isEqualTo(5_000);
        assertThat(fetch(acceptor, peer, 2, SPEC.startLsn()))
                .as("in another term")
                .isZero();
        assertThat(fetch(acceptor, 5L << 16 | 2, 1, SPEC.startLsn()))
                .as("for another")
                .isZero();
        restart();
        assertThat(fetch(acceptor, peer, 1, SPEC.startLsn() + 5_000))
                .as("from disk, in as many reads as it takes")
                .isEqualTo(15_000);
    }

    @Test
    void shouldSendOnWhenAPeerMovesItsWindow() {
        final long acceptor = client.create(SPEC).acceptorId();
        final long peer = 5L << 16 | CLIENT;
        final int window = SimulatedQuorum.CONFIG.log().roomBytes();
        final long begin = SPEC.startLsn();
        client.lead(LOG, acceptor, 1);
        for (int i = 0; i < 20; i++) {
            client.append(LOG, acceptor, 1, begin + i * 10_000, 10_000);
            run();
        }
        assertThat(fetch(acceptor, peer, 1, begin)).as("a window").isEqualTo(window);
        client.send(client.writer.fetch(LOG, acceptor, peer, 1, begin + 10_000));
        assertThat(bytes("fetched", begin + window)).as("what is new of it").isEqualTo(10_000);
        assertThat(fetch(acceptor, peer, 1, begin + 10_000))
                .as("asked for again, as it did not come")
                .isEqualTo(window);
        assertThat(fetch(acceptor, peer, 1, begin + 5_000))
                .as("from before: it has lost something")
                .isEqualTo(window);
        assertThat(fetch(acceptor, peer, 1, begin + 190_000))
                .as("from beyond what was sent")
                .isEqualTo(10_000);
    }

    private int fetch(final long acceptor, final long asker, final long term, final long lsn) {
        client.heard.clear();
        client.send(client.writer.fetch(LOG, acceptor, asker, term, lsn));
        return bytes("fetched", lsn);
    }

    /** How many bytes come from here on within a moment, without a gap, all of them right. */
    private int read(final long fromLsn) {
        return bytes("chunk", fromLsn);
    }

    private int bytes(final String kind, final long fromLsn) {
        run();
        client.poll();
        long lsn = fromLsn;
        for (final NodeClient.Heard one : client.heard) {
            final long begin = kind.equals("chunk") ? one.a() : one.b();
            if (one.kind().equals(kind) && begin == lsn) {
                final byte[] expected = new byte[one.bytes().length];
                WalLedger.fill(new UnsafeBuffer(expected), 1, lsn, expected.length);
                assertThat(one.bytes()).isEqualTo(expected);
                lsn += expected.length;
            }
        }
        client.heard.clear();
        return (int) (lsn - fromLsn);
    }
}
