package dev.firn.walquorum.model;

import dev.firn.walquorum.proposer.ProposerState;
import dev.firn.walquorum.term.Membership;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Two proposers, three acceptors and all that was ever sent between them. A step takes any message to an acceptor.
 *
 * <p><b>An answer</b> reaches the proposer at once, or is lost. That leaves nothing out: what a proposer does with one shows only in
 * its own messages, which may be as late as they like; and it decides on commits the earlier, which is the stricter.
 *
 * <p><b>A step that changes an acceptor has no answer;</b> the same message again, which changes nothing, is answered. So "done and
 * heard" is two steps, with nothing between that could not be between.
 *
 * <p><b>Not here:</b> writes that take time, trimming, changes of membership. The simulation has these.
 */
final class ModelWorld {
    static final long NOW = 1;
    private static final Membership ALL = Membership.of(List.of(0L, 1L, 2L));

    final Bounds bounds;
    final ModelAcceptor[] acceptors = new ModelAcceptor[Bounds.ACCEPTORS];
    final ModelProposer[] proposers = new ModelProposer[Bounds.PROPOSERS];
    final Net net = new Net();

    /** The term that wrote each committed byte, and how many there are. */
    final byte[] committed = new byte[Bounds.MAX_ENTRIES];

    int committedLength;

    /** Answers reach proposers in this step. */
    boolean isAnswerHeard;

    private final UnsafeBuffer bytes = new UnsafeBuffer(new byte[Bounds.MAX_ENTRIES]);

    ModelWorld(final Bounds bounds) {
        this.bounds = bounds;
        for (int i = 0; i < acceptors.length; i++) {
            acceptors[i] = new ModelAcceptor(this, i);
        }
        for (int i = 0; i < proposers.length; i++) {
            proposers[i] = new ModelProposer(this, i, ALL);
        }
    }

    /** How many kinds of step there are, possible or not. */
    int stepCount() {
        return Step.count(bounds);
    }

    /** Takes a step; false when it is not possible now. */
    boolean take(final int step) {
        return Step.take(this, step);
    }

    boolean campaign(final ModelProposer host) {
        if (host.proposer.state() != ProposerState.IDLE || bounds.terms() < 1) {
            return false;
        }
        host.proposer.campaign(NOW);
        return true;
    }

    /** A lost campaign is followed by one for a higher term. */
    boolean tick(final ModelProposer host) {
        final long before = host.proposer.term();
        if (host.proposer.state() != ProposerState.CAMPAIGNING
                || StateCodec.highestTermSeen(host.proposer) <= before
                || StateCodec.highestTermSeen(host.proposer) + 1 > bounds.terms()) {
            return false;
        }
        host.proposer.onTick(NOW);
        return true;
    }

    boolean write(final ModelProposer host) {
        final ProposerState state = host.proposer.state();
        if (state != ProposerState.STARTING && state != ProposerState.LEADING) {
            return false;
        }
        final int term = (int) host.proposer.term();
        final int end = net.written[term];
        if (end == bounds.entries()) {
            return false;
        }
        net.written[term] = end + 1;
        host.proposer.onWalAvailable(host.proposer.startLsn(), end + 1, NOW);
        return true;
    }

    boolean restart(final ModelProposer host) {
        if (host.life == bounds.lives() || host.proposer.state() == ProposerState.IDLE) {
            return false;
        }
        host.life++;
        StateCodec.clear(host);
        return true;
    }

    /** A vote is given when the request has changed nothing: the promise was made before. */
    boolean deliverVoteRequest(final ModelAcceptor to, final int term, final int candidate) {
        final ModelProposer from = proposers[nodeOf(candidate)];
        final boolean isNew = term > to.acceptor.promisedTerm();
        if ((net.asked[term] & 1 << candidate) == 0 || (!isNew && !listens(from, to))) {
            return false;
        }
        isAnswerHeard = !isNew;
        to.acceptor.onVoteRequest(from.node, term, candidate, ALL);
        to.settle();
        return true;
    }

    boolean deliverTermStart(final ModelAcceptor to, final int term) {
        if (net.winner[term] == 0) {
            return false;
        }
        final int candidate = net.winner[term];
        final ModelProposer from = proposers[nodeOf(candidate)];
        final boolean isNew = term > to.acceptor.promisedTerm()
                || (term == to.acceptor.promisedTerm() && term > to.acceptor.followedTerm());
        if (!isNew && !listens(from, to)) {
            return false;
        }
        isAnswerHeard = !isNew;
        to.acceptor.onTermStart(from.node, candidate, net.histories[term], net.base[term], ALL);
        to.settle();
        return true;
    }

    /** The byte that comes next in the log. How far the log is, the proposer hears with the next answer to its term's start. */
    boolean deliverAppend(final ModelAcceptor to, final int term) {
        final int begin = to.length();
        if (!follows(to, term)
                || begin >= net.written[term]
                || begin < net.histories[term].startLsn(net.histories[term].count() - 1)) {
            return false;
        }
        isAnswerHeard = false;
        bytes.putByte(0, (byte) term);
        to.acceptor.onAppend(nodeOf(net.winner[term]), term, begin, 0, -1, bytes, 0, 1);
        to.settle();
        return true;
    }

    /** A byte that comes too early makes the acceptor ask its donor for what is missing. */
    boolean fetch(final ModelAcceptor to, final int term, final ModelAcceptor donor) {
        if (!follows(to, term)
                || to.id == donor.id
                || donor.acceptor.followedTerm() != term
                || donor.length() <= to.length()
                || net.written[term] <= to.length() + 1) {
            return false;
        }
        isAnswerHeard = false;
        final int begin = net.written[term] - 1;
        bytes.putByte(0, (byte) term);
        to.acceptor.onAppend(nodeOf(net.winner[term]), term, begin, 0, donor.id, bytes, 0, 1);
        to.acceptor.onTick();
        to.settle();
        return true;
    }

    boolean deliverCommit(final ModelAcceptor to, final int term, final int commit) {
        if (!follows(to, term) || commit > net.committed[term] || commit <= StateCodec.proposerCommitLsn(to.acceptor)) {
            return false;
        }
        isAnswerHeard = false;
        to.acceptor.onAppend(nodeOf(net.winner[term]), term, to.acceptor.flushedLsn(), commit, -1, bytes, 0, 0);
        to.settle();
        return true;
    }

    private boolean follows(final ModelAcceptor host, final int term) {
        return net.winner[term] != 0 && host.acceptor.promisedTerm() == term && host.acceptor.followedTerm() == term;
    }

    /** Whether this proposer could learn anything from an answer. */
    private static boolean listens(final ModelProposer host, final ModelAcceptor from) {
        return switch (host.proposer.state()) {
            case CAMPAIGNING -> true;
            case STARTING, LEADING -> from.acceptor.promisedTerm() >= host.proposer.term();
            case IDLE, DEPOSED -> false;
        };
    }

    boolean crash(final ModelAcceptor host) {
        return bounds.crashes() && StateCodec.forgetWhatIsNotDurable(host.acceptor);
    }

    /** A proposer says that a majority has this: it must, and it must be what was committed before. */
    void onCommitted(final int lsn) {
        for (final ModelAcceptor first : acceptors) {
            for (final ModelAcceptor second : acceptors) {
                if (first.id < second.id && agree(first, second, lsn)) {
                    for (int i = 0; i < lsn; i++) {
                        if (i < committedLength && committed[i] != first.log[i]) {
                            throw new AssertionError("what was committed at " + i + " has changed");
                        }
                        committed[i] = first.log[i];
                    }
                    committedLength = Math.max(committedLength, lsn);
                    return;
                }
            }
        }
        throw new AssertionError("committed up to " + lsn + ", but no two acceptors have that");
    }

    void check() {
        int holders = 0;
        for (final ModelAcceptor host : acceptors) {
            final int shown = (int) host.acceptor.committedLsn();
            if (shown > committedLength || !holds(host, shown)) {
                throw new AssertionError("acceptor " + host.id + " shows as committed what is not");
            }
            if (host.length() >= committedLength && holds(host, committedLength)) {
                holders++;
            }
            for (final ModelAcceptor other : acceptors) {
                if (host.id < other.id) {
                    checkMatching(host, other);
                }
            }
        }
        if (2 * holders <= acceptors.length) {
            throw new AssertionError("only " + holders + " acceptors hold what is committed");
        }
    }

    /** Logs that share a term at a position agree below. */
    private static void checkMatching(final ModelAcceptor a, final ModelAcceptor b) {
        boolean same = false;
        for (int i = Math.min(a.length(), b.length()) - 1; i >= 0; i--) {
            same |= a.log[i] == b.log[i];
            if (same && a.log[i] != b.log[i]) {
                throw new AssertionError("acceptors " + a.id + " and " + b.id + " agree above " + i + " but not there");
            }
        }
    }

    private boolean holds(final ModelAcceptor host, final int length) {
        for (int i = 0; i < length; i++) {
            if (host.log[i] != committed[i]) {
                return false;
            }
        }
        return true;
    }

    private static boolean agree(final ModelAcceptor a, final ModelAcceptor b, final int length) {
        if (a.length() < length || b.length() < length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (a.log[i] != b.log[i]) {
                return false;
            }
        }
        return true;
    }

    private int nodeOf(final int candidate) {
        return (candidate - 1) / bounds.lives();
    }
}
