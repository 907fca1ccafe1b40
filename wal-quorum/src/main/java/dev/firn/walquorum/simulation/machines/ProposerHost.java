package dev.firn.walquorum.simulation.machines;

import dev.firn.walquorum.proposer.Proposer;
import dev.firn.walquorum.proposer.ProposerConfig;
import dev.firn.walquorum.proposer.ProposerPort;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import org.agrona.concurrent.UnsafeBuffer;

/** One proposer with the WAL that it has; what it writes in its term nobody else would. */
final class ProposerHost implements ProposerPort {
    private static final int MESSAGE_BYTES = 17;
    private static final ProposerConfig CONFIG =
            new ProposerConfig(100_000_000L, 200_000_000L, 50_000_000L, 200_000_000L, 60);

    final int node;
    final Proposer proposer;
    private final MachineWorld world;
    private final StringBuilder wal = new StringBuilder();
    private long walStartLsn;
    private long start;
    private boolean isElected;

    ProposerHost(final MachineWorld world, final int node, final Membership membership) {
        this.world = world;
        this.node = node;
        this.proposer = new Proposer(this, CONFIG, membership, 0, world.random);
    }

    long end() {
        return walStartLsn + wal.length();
    }

    void tick() {
        proposer.onTick(world.nowNs);
    }

    void writeWal(final int bytes) {
        if (!isElected) {
            return;
        }
        for (int i = 0; i < bytes; i++) {
            wal.append((char) ('!' + (proposer.term() * 7 + walStartLsn + wal.length()) % 90));
        }
        final long end = walStartLsn + wal.length();
        if (world.random.nextInt(4) == 0) {
            start = Math.max(start, Math.min(end - 100, proposer.committedLsn()));
        }
        proposer.onWalAvailable(start, end, world.nowNs);
    }

    @Override
    public void sendVoteRequest(
            final long acceptorId, final long term, final long candidate, final Membership membership) {
        world.send(() -> world.acceptors
                .get(acceptorId)
                .receive(acceptor -> acceptor.onVoteRequest(node, term, candidate, membership)));
    }

    @Override
    public void sendTermStart(
            final long acceptorId,
            final long candidate,
            final TermHistory history,
            final long baseLsn,
            final Membership membership) {
        final TermHistory copy = new TermHistory();
        copy.copyFrom(history);
        if (world.flaw == MachineFlaw.TRUNCATE_BELOW_COMMIT) {
            startEarlier(copy);
        }
        world.send(() -> world.acceptors
                .get(acceptorId)
                .receive(acceptor -> acceptor.onTermStart(node, candidate, copy, baseLsn, membership)));
    }

    private static void startEarlier(final TermHistory history) {
        final long term = history.lastTerm();
        final long start = history.startLsn(history.count() - 1);
        history.cutAfter(start - 1);
        history.add(term, Math.max(MachineWorld.LOG_START, start - 2));
    }

    @Override
    public int sendAppend(
            final long acceptorId,
            final long term,
            final long beginLsn,
            final long endLsn,
            final long commitLsn,
            final long donor) {
        final int length = (int) Math.min(MESSAGE_BYTES, endLsn - beginLsn);
        if (world.random.nextInt(10) == 0) {
            return 0;
        }
        final long told = world.flaw == MachineFlaw.SHOW_EARLY ? beginLsn + length : commitLsn;
        final int begin = (int) (beginLsn - walStartLsn);
        final UnsafeBuffer bytes = AcceptorHost.bytesOf(wal.subSequence(begin, begin + length));
        world.send(() -> world.acceptors
                .get(acceptorId)
                .receive(acceptor -> acceptor.onAppend(node, term, beginLsn, told, donor, bytes, 0, bytes.capacity())));
        return length;
    }

    @Override
    public void onElected(final long term, final long startLsn) {
        world.onElected(this, term);
        isElected = true;
        wal.setLength(0);
        walStartLsn = startLsn;
        start = startLsn;
    }

    @Override
    public void onCommitted(final long lsn) {
        world.onCommitted(this, lsn);
    }

    @Override
    public void onDeposed(final long higherTerm) {
        isElected = false;
    }
}
