package dev.firn.walquorum.model;

import dev.firn.walquorum.acceptor.Acceptor;
import dev.firn.walquorum.proposer.Proposer;
import dev.firn.walquorum.proposer.ProposerState;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import java.util.Arrays;
import java.util.List;

/**
 * A world as bytes, and back.
 *
 * <p>Acceptors differ by what they hold, not by their numbers, and proposers likewise: of all renumberings of a world one stands
 * for all. What a state machine never looks at again is written as zero: what a deposed proposer knew, when a message was
 * sent, votes once they have led to a term.
 */
final class StateCodec {
    private static final int TERMS = Bounds.MAX_TERMS;
    private static final int ACCEPTOR_BYTES = 6 + TERMS + Bounds.MAX_ENTRIES;
    private static final int PROGRESS_BYTES = 4 + TERMS;
    private static final int SHARE_BYTES = ACCEPTOR_BYTES + Bounds.PROPOSERS * PROGRESS_BYTES;
    private static final int PROPOSER_BYTES = 7 + TERMS;
    private static final int TERM_BYTES = 5 + TERMS;

    private static final int PROPOSERS_AT = Bounds.ACCEPTORS * SHARE_BYTES;
    private static final int NET_AT = PROPOSERS_AT + Bounds.PROPOSERS * PROPOSER_BYTES;
    private static final int COMMITTED_AT = NET_AT + TERMS * TERM_BYTES;
    static final int BYTES = COMMITTED_AT + 1 + Bounds.MAX_ENTRIES;

    private static final Membership ALL = Membership.of(List.of(0L, 1L, 2L));

    private static final Slot A_PROMISED = Slot.of(Acceptor.class, "promisedTerm");
    private static final Slot A_CANDIDATE = Slot.of(Acceptor.class, "candidate");
    private static final Slot A_MEMBERSHIP = Slot.of(Acceptor.class, "membership");
    private static final Slot A_FOLLOWED = Slot.of(Acceptor.class, "followedTerm");
    private static final Slot A_WRITTEN = Slot.of(Acceptor.class, "writtenLsn");
    private static final Slot A_FLUSHED = Slot.of(Acceptor.class, "flushedLsn");
    private static final Slot A_COMMITTED = Slot.of(Acceptor.class, "committedLsn");
    private static final Slot A_PROPOSER_COMMIT = Slot.of(Acceptor.class, "proposerCommitLsn");
    private static final Slot A_HISTORY = Slot.of(Acceptor.class, "history");
    private static final Slot A_MISSING = Slot.of(Acceptor.class, "missingBeforeLsn");

    private static final Slot P_STATE = Slot.of(Proposer.class, "state");
    private static final Slot P_TERM = Slot.of(Proposer.class, "term");
    private static final Slot P_HIGHEST = Slot.of(Proposer.class, "highestTermSeen");
    private static final Slot P_CANDIDATE = Slot.of(Proposer.class, "candidate");
    private static final Slot P_START = Slot.of(Proposer.class, "startLsn");
    private static final Slot P_BASE = Slot.of(Proposer.class, "baseLsn");
    private static final Slot P_COMMITTED = Slot.of(Proposer.class, "committedLsn");
    private static final Slot P_WINDOW_START = Slot.of(Proposer.class, "windowStartLsn");
    private static final Slot P_WINDOW_END = Slot.of(Proposer.class, "windowEndLsn");
    private static final Slot P_NEXT_TRY = Slot.of(Proposer.class, "nextTryNs");
    private static final Slot P_STANDING_BACK = Slot.of(Proposer.class, "isStandingBack");
    private static final Slot P_LOST = Slot.of(Proposer.class, "campaignsLost");
    private static final Slot P_HISTORY = Slot.of(Proposer.class, "history");
    private static final Slot P_ACCEPTORS = Slot.of(Proposer.class, "acceptors");

    private static final Class<?> PROGRESS = P_ACCEPTORS.type().getComponentType();
    private static final Slot G_VOTED = Slot.of(PROGRESS, "hasVoted");
    private static final Slot G_VOTED_FLUSHED = Slot.of(PROGRESS, "votedFlushedLsn");
    private static final Slot G_VOTED_HISTORY = Slot.of(PROGRESS, "votedHistory");
    private static final Slot G_FOLLOWS = Slot.of(PROGRESS, "follows");
    private static final Slot G_FLUSHED = Slot.of(PROGRESS, "flushedLsn");
    private static final Slot G_RECEIVED = Slot.of(PROGRESS, "receivedLsn");
    private static final Slot G_NEXT = Slot.of(PROGRESS, "nextLsn");

    private final Bounds bounds;
    private final byte[] plain = new byte[BYTES];
    private final byte[] swapped = new byte[BYTES];
    private int at;

    StateCodec(final Bounds bounds) {
        this.bounds = bounds;
    }

    static long highestTermSeen(final Proposer proposer) {
        return P_HIGHEST.get(proposer);
    }

    static long proposerCommitLsn(final Acceptor acceptor) {
        return A_PROPOSER_COMMIT.get(acceptor);
    }

    /** The state as a new array: the same for all worlds that are renumberings of this one. */
    byte[] encode(final ModelWorld world) {
        write(world, plain, 0, 1);
        write(world, swapped, 1, 0);
        return (Arrays.compare(plain, swapped) <= 0 ? plain : swapped).clone();
    }

    private void write(final ModelWorld world, final byte[] into, final int first, final int second) {
        at = 0;
        final boolean isSwapped = first != 0;
        for (final ModelAcceptor host : world.acceptors) {
            writeAcceptor(host, into, isSwapped);
            writeProgress(world.proposers[first].proposer, host.id, into);
            writeProgress(world.proposers[second].proposer, host.id, into);
        }
        sortShares(into);
        writeProposer(world.proposers[first], into);
        writeProposer(world.proposers[second], into);
        for (int term = 1; term <= TERMS; term++) {
            into[at++] = (byte) renamed(world.net.asked[term], isSwapped);
            into[at++] = (byte) renamedCandidate(world.net.winner[term], isSwapped);
            into[at++] = (byte) world.net.written[term];
            into[at++] = (byte) world.net.committed[term];
            into[at++] = (byte) world.net.base[term];
            writeHistory(world.net.histories[term], into);
        }
        into[at++] = (byte) world.committedLength;
        System.arraycopy(world.committed, 0, into, at, Bounds.MAX_ENTRIES);
    }

    private void writeAcceptor(final ModelAcceptor host, final byte[] into, final boolean isSwapped) {
        final Acceptor acceptor = host.acceptor;
        into[at++] = (byte) acceptor.promisedTerm();
        into[at++] = (byte) renamedCandidate((int) A_CANDIDATE.get(acceptor), isSwapped);
        into[at++] = (byte) acceptor.followedTerm();
        into[at++] = (byte) acceptor.flushedLsn();
        into[at++] = (byte) acceptor.committedLsn();
        into[at++] = (byte) A_PROPOSER_COMMIT.get(acceptor);
        writeHistory((TermHistory) A_HISTORY.object(acceptor), into);
        System.arraycopy(host.log, 0, into, at, Bounds.MAX_ENTRIES);
        at += Bounds.MAX_ENTRIES;
    }

    private void writeProgress(final Proposer proposer, final int acceptor, final byte[] into) {
        final Object progress = ((Object[]) P_ACCEPTORS.object(proposer))[acceptor];
        final boolean campaigns = proposer.state() == ProposerState.CAMPAIGNING;
        final boolean reigns = proposer.state() == ProposerState.STARTING || proposer.state() == ProposerState.LEADING;
        into[at++] = (byte) (campaigns ? G_VOTED.get(progress) : 0);
        into[at++] = (byte) (campaigns ? G_VOTED_FLUSHED.get(progress) : 0);
        into[at++] = (byte) (reigns ? G_FOLLOWS.get(progress) : 0);
        into[at++] = (byte) (reigns ? G_FLUSHED.get(progress) : 0);
        if (campaigns) {
            writeHistory((TermHistory) G_VOTED_HISTORY.object(progress), into);
        } else {
            Arrays.fill(into, at, at + TERMS, (byte) 0);
            at += TERMS;
        }
    }

    private void writeProposer(final ModelProposer host, final byte[] into) {
        final Proposer proposer = host.proposer;
        final boolean isDeposed = proposer.state() == ProposerState.DEPOSED;
        final boolean campaigns = proposer.state() == ProposerState.CAMPAIGNING;
        into[at++] = (byte) host.life;
        into[at++] = (byte) proposer.state().ordinal();
        into[at++] = (byte) (isDeposed ? 0 : proposer.term());
        into[at++] = (byte) (campaigns ? highestTermSeen(proposer) : 0);
        into[at++] = (byte) (isDeposed || campaigns ? 0 : proposer.startLsn());
        into[at++] = (byte) (isDeposed || campaigns ? 0 : proposer.committedLsn());
        into[at++] = (byte) (isDeposed || campaigns ? 0 : P_WINDOW_END.get(proposer));
        if (isDeposed || campaigns) {
            Arrays.fill(into, at, at + TERMS, (byte) 0);
            at += TERMS;
        } else {
            writeHistory((TermHistory) P_HISTORY.object(proposer), into);
        }
    }

    private void writeHistory(final TermHistory history, final byte[] into) {
        Arrays.fill(into, at, at + TERMS, (byte) 0);
        for (int i = 0; i < history.count(); i++) {
            into[at + (int) history.term(i) - 1] = (byte) (history.startLsn(i) + 1);
        }
        at += TERMS;
    }

    private static void sortShares(final byte[] into) {
        sortPair(into, 0, 1);
        sortPair(into, 1, 2);
        sortPair(into, 0, 1);
    }

    private static void sortPair(final byte[] into, final int a, final int b) {
        final int first = a * SHARE_BYTES;
        final int second = b * SHARE_BYTES;
        if (Arrays.compare(into, first, first + SHARE_BYTES, into, second, second + SHARE_BYTES) > 0) {
            for (int i = 0; i < SHARE_BYTES; i++) {
                final byte kept = into[first + i];
                into[first + i] = into[second + i];
                into[second + i] = kept;
            }
        }
    }

    private int renamedCandidate(final int candidate, final boolean isSwapped) {
        if (candidate == 0 || !isSwapped) {
            return candidate;
        }
        return candidate > bounds.lives() ? candidate - bounds.lives() : candidate + bounds.lives();
    }

    private int renamed(final int candidates, final boolean isSwapped) {
        if (!isSwapped) {
            return candidates;
        }
        int renamed = 0;
        for (int candidate = 1; candidate <= bounds.candidates(); candidate++) {
            if ((candidates & 1 << candidate) != 0) {
                renamed |= 1 << renamedCandidate(candidate, true);
            }
        }
        return renamed;
    }

    /** Puts a world into a state. */
    void decode(final byte[] from, final ModelWorld world) {
        at = 0;
        for (final ModelAcceptor host : world.acceptors) {
            readAcceptor(from, host);
            for (final ModelProposer proposer : world.proposers) {
                readProgress(from, proposer.proposer, host.id);
            }
        }
        for (final ModelProposer proposer : world.proposers) {
            readProposer(from, proposer);
        }
        for (int term = 1; term <= TERMS; term++) {
            world.net.asked[term] = from[at++];
            world.net.winner[term] = from[at++];
            world.net.written[term] = from[at++];
            world.net.committed[term] = from[at++];
            world.net.base[term] = from[at++];
            readHistory(from, world.net.histories[term]);
        }
        world.committedLength = from[at++];
        System.arraycopy(from, at, world.committed, 0, Bounds.MAX_ENTRIES);
    }

    private void readAcceptor(final byte[] from, final ModelAcceptor host) {
        final Acceptor acceptor = host.acceptor;
        final int promised = from[at++];
        A_PROMISED.set(acceptor, promised);
        A_MEMBERSHIP.setObject(acceptor, promised == 0 ? Membership.NONE : ALL);
        A_CANDIDATE.set(acceptor, from[at++]);
        A_FOLLOWED.set(acceptor, from[at++]);
        final int flushed = from[at++];
        A_FLUSHED.set(acceptor, flushed);
        A_WRITTEN.set(acceptor, flushed);
        A_COMMITTED.set(acceptor, from[at++]);
        A_PROPOSER_COMMIT.set(acceptor, from[at++]);
        A_MISSING.set(acceptor, 0);
        readHistory(from, (TermHistory) A_HISTORY.object(acceptor));
        System.arraycopy(from, at, host.log, 0, Bounds.MAX_ENTRIES);
        at += Bounds.MAX_ENTRIES;
    }

    private void readProgress(final byte[] from, final Proposer proposer, final int acceptor) {
        final Object progress = ((Object[]) P_ACCEPTORS.object(proposer))[acceptor];
        G_VOTED.set(progress, from[at++]);
        G_VOTED_FLUSHED.set(progress, from[at++]);
        G_FOLLOWS.set(progress, from[at++]);
        final int flushed = from[at++];
        G_FLUSHED.set(progress, flushed);
        G_RECEIVED.set(progress, flushed);
        G_NEXT.set(progress, 0);
        readHistory(from, (TermHistory) G_VOTED_HISTORY.object(progress));
    }

    private void readProposer(final byte[] from, final ModelProposer host) {
        final Proposer proposer = host.proposer;
        host.life = from[at++];
        P_CANDIDATE.set(proposer, host.candidate());
        P_STATE.setObject(proposer, ProposerState.values()[from[at++]]);
        P_TERM.set(proposer, from[at++]);
        final int highest = from[at++];
        P_HIGHEST.set(proposer, highest == 0 ? proposer.term() : highest);
        final int start = from[at++];
        P_START.set(proposer, start);
        P_WINDOW_START.set(proposer, start);
        P_BASE.set(proposer, 0);
        P_COMMITTED.set(proposer, from[at++]);
        P_WINDOW_END.set(proposer, from[at++]);
        P_NEXT_TRY.set(proposer, 0);
        P_STANDING_BACK.set(proposer, 0);
        P_LOST.set(proposer, 0);
        readHistory(from, (TermHistory) P_HISTORY.object(proposer));
    }

    private void readHistory(final byte[] from, final TermHistory history) {
        history.clear();
        for (int term = 1; term <= TERMS; term++) {
            final int start = from[at++];
            if (start != 0) {
                history.add(term, start - 1);
            }
        }
    }

    /** A proposer that has just been started, in the life that its host is in. */
    static void clear(final ModelProposer host) {
        final Proposer proposer = host.proposer;
        P_CANDIDATE.set(proposer, host.candidate());
        P_STATE.setObject(proposer, ProposerState.IDLE);
        for (final Slot field :
                List.of(P_TERM, P_HIGHEST, P_START, P_BASE, P_COMMITTED, P_WINDOW_START, P_WINDOW_END, P_LOST)) {
            field.set(proposer, 0);
        }
        ((TermHistory) P_HISTORY.object(proposer)).clear();
        for (final Object progress : (Object[]) P_ACCEPTORS.object(proposer)) {
            for (final Slot field : List.of(G_VOTED, G_VOTED_FLUSHED, G_FOLLOWS, G_FLUSHED, G_RECEIVED, G_NEXT)) {
                field.set(progress, 0);
            }
            ((TermHistory) G_VOTED_HISTORY.object(progress)).clear();
        }
    }

    /** What a restart takes away; false when there is nothing to lose. */
    static boolean forgetWhatIsNotDurable(final Acceptor acceptor) {
        if (acceptor.committedLsn() == 0 && A_PROPOSER_COMMIT.get(acceptor) == 0) {
            return false;
        }
        A_COMMITTED.set(acceptor, 0);
        A_PROPOSER_COMMIT.set(acceptor, 0);
        return true;
    }
}
