package dev.firn.walquorum.node;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.seam.Clock;
import dev.firn.walquorum.acceptor.Vote;
import dev.firn.walquorum.proposer.Proposer;
import dev.firn.walquorum.proposer.ProposerConfig;
import dev.firn.walquorum.proposer.ProposerPort;
import dev.firn.walquorum.proposer.ProposerState;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import dev.firn.walquorum.wire.AcceptorIds;
import dev.firn.walquorum.wire.LogDescription;
import dev.firn.walquorum.wire.LogSpec;
import dev.firn.walquorum.wire.QuorumMessageHandler;
import dev.firn.walquorum.wire.QuorumMessageReader;
import dev.firn.walquorum.wire.QuorumMessageWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.UnsafeBuffer;

/** A proposer with invented WAL: makes the log, is elected, appends, and replaces acceptors that lost their disk. */
final class TestProposer implements Agent, ProposerPort, QuorumMessageHandler {
    static final LogSpec SPEC = new LogSpec(0xF1, "orders", 7_000_000_001L, 17, 1 << 20, WalLedger.START_LSN);

    private static final long MILLISECOND_NS = 1_000_000L;
    private static final ProposerConfig CONFIG = new ProposerConfig(
            100 * MILLISECOND_NS, 150 * MILLISECOND_NS, 50 * MILLISECOND_NS, 200 * MILLISECOND_NS, 96 << 10);
    private static final int MAX_UNCOMMITTED_BYTES = 128 << 10;
    private static final int MAX_MESSAGE_BYTES = 20_000;

    private final Endpoint endpoint;
    private final Clock clock;
    private final RandomGenerator random;
    private final WalLedger ledger;
    private final List<Integer> nodes;
    private final QuorumMessageReader reader = new QuorumMessageReader();
    private final QuorumMessageWriter writer = new QuorumMessageWriter();
    private final UnsafeBuffer body = new UnsafeBuffer(new byte[MAX_MESSAGE_BYTES]);
    private final TermHistory history = new TermHistory();

    /** What the nodes have told to have, in this life. */
    private final Map<Integer, Long> acceptors = new TreeMap<>();

    private Proposer proposer;
    private long askedAtNs;
    private long tickedAtNs;
    private long windowStartLsn;
    private long windowEndLsn;

    TestProposer(
            final Endpoint endpoint,
            final Clock clock,
            final RandomGenerator random,
            final WalLedger ledger,
            final List<Integer> nodes) {
        this.endpoint = endpoint;
        this.clock = clock;
        this.random = random;
        this.ledger = ledger;
        this.nodes = nodes;
    }

    @Override
    public int doWork() {
        final long nowNs = clock.nanoTime();
        final int work =
                endpoint.poll((from, buffer, offset, length) -> reader.read(from, buffer, offset, length, this), 32);
        if (nowNs - askedAtNs >= 200 * MILLISECOND_NS) {
            askedAtNs = nowNs;
            for (final int node : nodes) {
                if (!acceptors.containsKey(node)) {
                    endpoint.send(node, writer.buffer(), 0, writer.createLog(node, SPEC));
                }
            }
        }
        if (ledger.membership == null && acceptors.size() == nodes.size()) {
            ledger.membership = Membership.of(new ArrayList<>(acceptors.values()));
        }
        if (ledger.membership != null && (proposer == null || proposer.state() == ProposerState.DEPOSED)) {
            proposer = new Proposer(this, CONFIG, ledger.membership, 0, random);
            proposer.campaign(nowNs);
        }
        if (proposer != null && nowNs - tickedAtNs >= 10 * MILLISECOND_NS) {
            tickedAtNs = nowNs;
            proposer.onTick(nowNs);
            changeMembers(nowNs);
        }
        return work + write(nowNs);
    }

    private int write(final long nowNs) {
        if (proposer == null
                || proposer.state() != ProposerState.LEADING
                || windowEndLsn - proposer.committedLsn() > MAX_UNCOMMITTED_BYTES
                || random.nextInt(16) != 0) {
            return 0;
        }
        windowEndLsn += 1 + random.nextInt(random.nextInt(10) == 0 ? 40_000 : 2_000);
        windowStartLsn = Math.max(windowStartLsn, Math.min(proposer.neededFromLsn(), proposer.committedLsn()));
        proposer.onWalAvailable(windowStartLsn, windowEndLsn, nowNs);
        return 1;
    }

    /** Puts the acceptors that the nodes have now in the place of those that they had, in two generations. */
    private void changeMembers(final long nowNs) {
        if (proposer.state() != ProposerState.LEADING) {
            return;
        }
        final Membership now = proposer.membership();
        if (now.isTransitional()) {
            ledger.memberChanges++;
            proposer.changeMembership(now.settled(), nowNs);
            return;
        }
        final List<Long> wanted = new ArrayList<>();
        for (final long member : now.members()) {
            wanted.add(acceptors.getOrDefault(AcceptorIds.node(member), member));
        }
        if (!wanted.equals(now.members())) {
            proposer.changeMembership(now.changingTo(wanted), nowNs);
        }
    }

    @Override
    public void onLogDescription(final int from, final long requestId, final LogDescription description) {
        if (description.isThere()) {
            acceptors.put(from, description.acceptorId());
        } else {
            acceptors.remove(from);
        }
    }

    @Override
    public void onVote(final int from, final long logId, final long acceptorId, final Vote vote) {
        if (proposer != null) {
            proposer.onVote(acceptorId, vote, clock.nanoTime());
        }
    }

    @Override
    public void onTermAccepted(
            final int from, final long logId, final long acceptorId, final long term, final long flushedLsn) {
        if (proposer != null) {
            proposer.onTermAccepted(acceptorId, term, flushedLsn, clock.nanoTime());
        }
    }

    @Override
    public void onAppended(
            final int from,
            final long logId,
            final long acceptorId,
            final long promisedTerm,
            final long followedTerm,
            final long receivedLsn,
            final long flushedLsn) {
        if (proposer != null) {
            proposer.onAppended(acceptorId, promisedTerm, followedTerm, receivedLsn, flushedLsn, clock.nanoTime());
        }
    }

    @Override
    public void sendVoteRequest(
            final long acceptor, final long term, final long candidate, final Membership membership) {
        send(acceptor, writer.voteRequest(SPEC.logId(), acceptor, term, candidate, membership));
    }

    @Override
    public void sendTermStart(
            final long acceptor,
            final long candidate,
            final TermHistory itsHistory,
            final long baseLsn,
            final Membership membership) {
        history.copyFrom(itsHistory);
        send(acceptor, writer.termStart(SPEC.logId(), acceptor, candidate, itsHistory, baseLsn, membership));
    }

    private void send(final long acceptor, final int length) {
        endpoint.send(AcceptorIds.node(acceptor), writer.buffer(), 0, length);
    }

    @Override
    public int sendAppend(
            final long acceptor,
            final long term,
            final long beginLsn,
            final long endLsn,
            final long commitLsn,
            final long donor) {
        final int length = (int) Math.min(MAX_MESSAGE_BYTES, endLsn - beginLsn);
        WalLedger.fill(body, term, beginLsn, length);
        final int head = writer.append(SPEC.logId(), acceptor, term, beginLsn, commitLsn, donor);
        final SendResult result = endpoint.send(AcceptorIds.node(acceptor), writer.buffer(), 0, head, body, 0, length);
        return result == SendResult.SENT ? length : 0;
    }

    @Override
    public void onElected(final long term, final long startLsn) {
        windowStartLsn = startLsn;
        windowEndLsn = startLsn;
    }

    @Override
    public void onCommitted(final long lsn) {
        ledger.onCommitted(history, lsn);
    }

    @Override
    public void onDeposed(final long higherTerm) {
        // Seen in doWork.
    }

    @Override
    public String roleName() {
        return "proposer";
    }
}
