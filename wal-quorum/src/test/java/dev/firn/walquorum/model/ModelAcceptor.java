package dev.firn.walquorum.model;

import dev.firn.walquorum.acceptor.Acceptor;
import dev.firn.walquorum.acceptor.AcceptorPort;
import dev.firn.walquorum.acceptor.AcceptorState;
import dev.firn.walquorum.acceptor.Vote;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * An acceptor whose disk answers at once. A crash before a write is durable is a message that never came, one after it an answer
 * that was lost; both are in the model.
 */
final class ModelAcceptor implements AcceptorPort {
    final int id;
    final Acceptor acceptor;

    /** The term that wrote each byte of the log. */
    final byte[] log = new byte[Bounds.MAX_ENTRIES];

    private final ModelWorld world;
    private boolean isPromiseWritten;
    private long termWritten;
    private long flushTerm;
    private long flushTo;

    ModelAcceptor(final ModelWorld world, final int id) {
        this.world = world;
        this.id = id;
        this.acceptor = new Acceptor(this, AcceptorState.empty(0));
    }

    int length() {
        return (int) acceptor.flushedLsn();
    }

    /** Tells what has become durable, as often as that leads to more. */
    void settle() {
        while (isPromiseWritten || termWritten != 0 || flushTo != 0) {
            if (isPromiseWritten) {
                isPromiseWritten = false;
                acceptor.onPromiseDurable();
            } else if (termWritten != 0) {
                final long term = termWritten;
                termWritten = 0;
                acceptor.onTermDurable(term);
            } else {
                final long to = flushTo;
                flushTo = 0;
                acceptor.onFlushed(flushTerm, to);
            }
        }
    }

    @Override
    public void writePromise(final long term, final long candidate, final Membership membership) {
        isPromiseWritten = true;
    }

    @Override
    public void writeTerm(final long term, final TermHistory history, final long endLsn) {
        termWritten = term;
        cutAt((int) endLsn);
    }

    @Override
    public void beginAnew(final long term, final TermHistory history, final long startLsn) {
        throw new AssertionError("acceptor " + id + " begins anew, though no log is trimmed here");
    }

    @Override
    public int append(
            final long term, final long beginLsn, final DirectBuffer buffer, final int offset, final int length) {
        buffer.getBytes(offset, log, (int) beginLsn, length);
        flushTerm = term;
        flushTo = beginLsn + length;
        return length;
    }

    @Override
    public void sendVote(final int proposer, final Vote vote) {
        if (world.isAnswerHeard) {
            world.proposers[proposer].proposer.onVote(id, vote, ModelWorld.NOW);
        }
    }

    @Override
    public void sendTermAccepted(final int proposer, final long term, final long flushedLsn) {
        if (world.isAnswerHeard) {
            world.proposers[proposer].proposer.onTermAccepted(id, term, flushedLsn, ModelWorld.NOW);
        }
    }

    @Override
    public void sendAppended(
            final int proposer,
            final long promisedTerm,
            final long followedTerm,
            final long receivedLsn,
            final long flushedLsn) {
        if (world.isAnswerHeard) {
            world.proposers[proposer].proposer.onAppended(
                    id, promisedTerm, followedTerm, receivedLsn, flushedLsn, ModelWorld.NOW);
        }
    }

    /** Asked and answered in one step: a late answer holds the same bytes. */
    @Override
    public void sendFetch(final long donor, final long term, final long beginLsn) {
        world.acceptors[(int) donor].acceptor.onFetch(id, term, beginLsn);
    }

    @Override
    public void sendFetched(final long peer, final long term, final long beginLsn, final long endLsn) {
        final byte[] bytes = java.util.Arrays.copyOfRange(log, (int) beginLsn, (int) endLsn);
        world.acceptors[(int) peer].acceptor.onFetched(term, beginLsn, new UnsafeBuffer(bytes), 0, bytes.length);
    }

    @Override
    public void sendTrimmed(final long peer, final long term, final long startLsn) {
        throw new AssertionError("acceptor " + id + " has trimmed its log, though nobody told it to");
    }

    private void cutAt(final int end) {
        java.util.Arrays.fill(log, end, log.length, (byte) 0);
    }
}
