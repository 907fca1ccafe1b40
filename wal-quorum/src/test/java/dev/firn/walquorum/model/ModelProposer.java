package dev.firn.walquorum.model;

import dev.firn.walquorum.proposer.Proposer;
import dev.firn.walquorum.proposer.ProposerConfig;
import dev.firn.walquorum.proposer.ProposerPort;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import java.util.random.RandomGenerator;

/** A proposer whose messages go to the {@link Net}. */
final class ModelProposer implements ProposerPort {
    private static final ProposerConfig CONFIG = new ProposerConfig(0, 1, Long.MAX_VALUE, Long.MAX_VALUE, 1L << 20);

    final int node;
    final Proposer proposer;

    /** How often it was started; its name is made of that and of its node. */
    int life = 1;

    private final ModelWorld world;

    ModelProposer(final ModelWorld world, final int node, final Membership membership) {
        this.world = world;
        this.node = node;
        this.proposer = new Proposer(this, CONFIG, membership, 0, (RandomGenerator) () -> 0L);
    }

    int candidate() {
        return 1 + node * world.bounds.lives() + life - 1;
    }

    @Override
    public void sendVoteRequest(
            final long acceptor, final long term, final long candidate, final Membership membership) {
        world.net.asked[(int) term] |= 1 << candidate;
    }

    @Override
    public void sendTermStart(
            final long acceptor,
            final long candidate,
            final TermHistory history,
            final long baseLsn,
            final Membership membership) {
        final int term = (int) history.lastTerm();
        world.net.histories[term].copyFrom(history);
        world.net.base[term] = (int) baseLsn;
    }

    @Override
    public int sendAppend(
            final long acceptor,
            final long term,
            final long beginLsn,
            final long endLsn,
            final long commitLsn,
            final long donor) {
        world.net.written[(int) term] = Math.max(world.net.written[(int) term], (int) endLsn);
        world.net.committed[(int) term] = Math.max(world.net.committed[(int) term], (int) commitLsn);
        return (int) (endLsn - beginLsn);
    }

    @Override
    public void onElected(final long term, final long startLsn) {
        final int before = world.net.winner[(int) term];
        if (before != 0) {
            throw new AssertionError("term " + term + " was won by candidates " + before + " and " + candidate());
        }
        world.net.winner[(int) term] = candidate();
        world.net.written[(int) term] = (int) startLsn;
    }

    @Override
    public void onCommitted(final long lsn) {
        final int term = (int) proposer.term();
        world.net.committed[term] = Math.max(world.net.committed[term], (int) lsn);
        world.onCommitted((int) lsn);
    }

    @Override
    public void onDeposed(final long higherTerm) {
        // It does nothing any more.
    }
}
