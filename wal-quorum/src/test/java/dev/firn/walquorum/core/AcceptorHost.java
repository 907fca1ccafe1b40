package dev.firn.walquorum.core;

import dev.firn.walquorum.acceptor.Acceptor;
import dev.firn.walquorum.acceptor.AcceptorPort;
import dev.firn.walquorum.acceptor.AcceptorState;
import dev.firn.walquorum.acceptor.Vote;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import java.util.ArrayDeque;
import java.util.Deque;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableArrayBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** One acceptor with its disk: writes reach it in order, one step each; a crash loses those on their way. */
final class AcceptorHost implements AcceptorPort {
    private static final int FETCH_BYTES = 30;

    private final World world;
    private final int node;
    private final Deque<Runnable> writes = new ArrayDeque<>();
    private final StringBuilder log = new StringBuilder();

    private AcceptorState durable;
    private final StringBuilder durableLog = new StringBuilder();

    private Acceptor acceptor;

    AcceptorHost(final World world, final int node, final Membership membership) {
        this.world = world;
        this.node = node;
        this.durable = AcceptorState.empty(membership, World.LOG_START);
        this.acceptor = new Acceptor(this, durable);
    }

    boolean isDown() {
        return acceptor == null;
    }

    void crash() {
        acceptor = null;
        writes.clear();
    }

    void restartIfDown() {
        if (acceptor == null) {
            log.setLength(0);
            log.append(durableLog);
            acceptor = new Acceptor(this, durable);
        }
    }

    CharSequence durableLog() {
        return durableLog;
    }

    void checkCommitted(final StringBuilder committed) {
        if (acceptor == null) {
            return;
        }
        final int length = (int) (acceptor.committedLsn() - World.LOG_START);
        if (length > committed.length() || !log.substring(0, length).contentEquals(committed.substring(0, length))) {
            throw new AssertionError(
                    "node " + node + " shows " + length + " committed bytes that are not, of " + committed.length());
        }
    }

    void completeOneWrite() {
        final Runnable write = writes.poll();
        if (write != null) {
            write.run();
        }
    }

    String describe() {
        return acceptor == null
                ? "acceptor " + node + " down"
                : "acceptor " + node + " promised " + acceptor.promisedTerm() + " follows " + acceptor.followedTerm()
                        + " flushed " + acceptor.flushedLsn() + " log " + log.length() + " writes " + writes.size()
                        + ' ' + acceptor.membership();
    }

    void tick() {
        if (acceptor != null) {
            acceptor.onTick();
        }
    }

    @Override
    public void writePromise(final long term, final long candidate, final Membership membership) {
        writes.add(() -> {
            if (world.flaw != Flaw.FORGET_THE_VOTE) {
                durable = new AcceptorState(
                        term,
                        candidate,
                        world.flaw == Flaw.FORGET_THE_MEMBERSHIP ? durable.membership() : membership,
                        durable.followedTerm(),
                        durable.history(),
                        World.LOG_START,
                        durable.flushedLsn());
            }
            acceptor.onPromiseDurable();
        });
    }

    @Override
    public void writeTerm(final long term, final TermHistory history, final long endLsn) {
        final TermHistory copy = new TermHistory();
        if (world.flaw == Flaw.FORGET_THE_HISTORY) {
            copy.add(term, World.LOG_START);
        } else {
            copy.copyFrom(history);
        }
        log.setLength((int) (endLsn - World.LOG_START));
        writes.add(() -> {
            if (world.flaw != Flaw.FORGET_THE_HAND_OVER) {
                durableLog.setLength((int) (endLsn - World.LOG_START));
                durable = new AcceptorState(
                        Math.max(term, durable.promisedTerm()),
                        durable.candidate(),
                        durable.membership(),
                        term,
                        copy,
                        World.LOG_START,
                        endLsn);
            }
            acceptor.onTermDurable(term);
        });
    }

    @Override
    public int append(
            final long term, final long beginLsn, final DirectBuffer buffer, final int offset, final int length) {
        final int taken = world.random.nextInt(8) == 0 ? world.random.nextInt(length + 1) : length;
        if (taken == 0) {
            return 0;
        }
        final String bytes = buffer.getStringWithoutLengthAscii(offset, taken);
        log.append(bytes);
        final long endLsn = beginLsn + taken;
        final Runnable store = () -> {
            durableLog.setLength((int) Math.min(durableLog.length(), beginLsn - World.LOG_START));
            durableLog.append(bytes);
            durable = new AcceptorState(
                    durable.promisedTerm(),
                    durable.candidate(),
                    durable.membership(),
                    durable.followedTerm(),
                    durable.history(),
                    World.LOG_START,
                    World.LOG_START + durableLog.length());
        };
        if (world.flaw == Flaw.ANSWER_BEFORE_FLUSH) {
            writes.add(() -> acceptor.onFlushed(term, endLsn));
            writes.add(store);
        } else {
            writes.add(() -> {
                store.run();
                acceptor.onFlushed(term, endLsn);
            });
        }
        return taken;
    }

    @Override
    public void sendVote(final int destination, final Vote vote) {
        final TermHistory history = new TermHistory();
        history.copyFrom(vote.history());
        if (world.flaw == Flaw.VOTE_AS_FRESH) {
            history.clear();
        }
        final long flushed = world.flaw == Flaw.VOTE_WITH_LESS
                ? Math.max(World.LOG_START, vote.flushedLsn() - 3)
                : vote.flushedLsn();
        final Vote copy =
                new Vote(vote.term(), vote.granted(), vote.promisedTerm(), flushed, history, vote.membership());
        toProposer(destination, host -> host.proposer.onVote(node, copy, world.nowNs));
    }

    @Override
    public void sendTermAccepted(final int destination, final long term, final long flushedLsn) {
        toProposer(destination, host -> host.proposer.onTermAccepted(node, term, flushedLsn, world.nowNs));
    }

    @Override
    public void sendAppended(
            final int destination, final long promisedTerm, final long followedTerm, final long flushedLsn) {
        toProposer(
                destination,
                host -> host.proposer.onAppended(node, promisedTerm, followedTerm, flushedLsn, world.nowNs));
    }

    @Override
    public void sendFetch(final int destination, final long term, final long beginLsn) {
        world.send(() -> world.acceptors.get(destination).receive(peer -> peer.onFetch(node, term, beginLsn)));
    }

    @Override
    public void sendFetched(final int destination, final long term, final long beginLsn, final long endLsn) {
        final int begin = (int) (beginLsn - World.LOG_START);
        final int end = (int) Math.min(begin + FETCH_BYTES, endLsn - World.LOG_START);
        final UnsafeBuffer bytes = bytesOf(durableLog.subSequence(begin, end));
        world.send(() -> world.acceptors
                .get(destination)
                .receive(peer -> peer.onFetched(term, beginLsn, bytes, 0, bytes.capacity())));
    }

    void receive(final java.util.function.Consumer<Acceptor> message) {
        if (acceptor != null) {
            message.accept(acceptor);
        }
    }

    /** What stands in the log now: a proposer that continues it must know the bytes before its own. */
    CharSequence log() {
        return log;
    }

    static UnsafeBuffer bytesOf(final CharSequence text) {
        final ExpandableArrayBuffer buffer = new ExpandableArrayBuffer(text.length() + 1);
        for (int i = 0; i < text.length(); i++) {
            buffer.putByte(i, (byte) text.charAt(i));
        }
        return new UnsafeBuffer(buffer.byteArray(), 0, text.length());
    }

    private void toProposer(final int destination, final java.util.function.Consumer<ProposerHost> message) {
        world.send(() -> {
            final ProposerHost host = world.proposers.get(destination);
            if (host != null) {
                message.accept(host);
            }
        });
    }
}
