package dev.firn.walquorum.simulation.machines;

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

    private final MachineWorld world;
    private final long id;
    private final Deque<Runnable> writes = new ArrayDeque<>();
    private final StringBuilder log = new StringBuilder();

    private AcceptorState durable;
    private final StringBuilder durableLog = new StringBuilder();

    private Acceptor acceptor;
    private boolean isTrimOnItsWay;

    AcceptorHost(final MachineWorld world, final long id) {
        this.world = world;
        this.id = id;
        this.durable = AcceptorState.empty(MachineWorld.LOG_START);
        this.acceptor = new Acceptor(this, durable);
    }

    boolean isDown() {
        return acceptor == null;
    }

    void crash() {
        acceptor = null;
        isTrimOnItsWay = false;
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
        final int length = (int) (acceptor.committedLsn() - MachineWorld.LOG_START);
        if (length > committed.length() || !log.substring(0, length).contentEquals(committed.substring(0, length))) {
            throw new AssertionError(
                    "acceptor " + id + " shows " + length + " committed bytes that are not, of " + committed.length());
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
                ? "acceptor " + id + " down"
                : "acceptor " + id + " promised " + acceptor.promisedTerm() + " follows " + acceptor.followedTerm()
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
            if (world.flaw != MachineFlaw.FORGET_THE_VOTE) {
                durable = new AcceptorState(
                        term,
                        candidate,
                        world.flaw == MachineFlaw.FORGET_THE_MEMBERSHIP ? durable.membership() : membership,
                        durable.followedTerm(),
                        durable.history(),
                        durable.startLsn(),
                        durable.flushedLsn());
            }
            acceptor.onPromiseDurable();
        });
    }

    /** Trims what is committed, as if the archive had it. */
    void trim() {
        if (acceptor == null || isTrimOnItsWay) {
            return;
        }
        final long room = acceptor.committedLsn() - acceptor.startLsn();
        final long lsn = acceptor.startLsn() + world.random.nextLong(room + 1);
        isTrimOnItsWay = true;
        writes.add(() -> {
            isTrimOnItsWay = false;
            if (lsn > acceptor.startLsn()) {
                final TermHistory trimmed = new TermHistory();
                trimmed.copyFrom(durable.history());
                trimmed.trimBelow(lsn);
                durable = new AcceptorState(
                        durable.promisedTerm(),
                        durable.candidate(),
                        durable.membership(),
                        durable.followedTerm(),
                        trimmed,
                        lsn,
                        durable.flushedLsn());
                acceptor.onTrimmed(lsn);
            }
        });
    }

    /** What was before is in the archive, so it counts as held. */
    @Override
    public void beginAnew(final long term, final TermHistory history, final long startLsn) {
        final TermHistory copy = new TermHistory();
        copy.copyFrom(history);
        final int length = (int) (startLsn - MachineWorld.LOG_START);
        if (length > world.committed.length()) {
            throw new AssertionError(
                    "acceptor " + id + " begins anew at " + startLsn + ", which was never committed: " + history);
        }
        final String archived = world.committed.substring(0, length);
        log.setLength(0);
        log.append(archived);
        world.begunAnew++;
        writes.add(() -> {
            durableLog.setLength(0);
            durableLog.append(archived);
            durable = new AcceptorState(
                    Math.max(term, durable.promisedTerm()),
                    durable.candidate(),
                    durable.membership(),
                    term,
                    copy,
                    startLsn,
                    startLsn);
            acceptor.onTermDurable(term);
        });
    }

    @Override
    public void sendTrimmed(final long peerId, final long term, final long startLsn) {
        world.send(() -> world.acceptors.get(peerId).receive(peer -> peer.onPeerTrimmed(term, startLsn)));
    }

    @Override
    public void writeTerm(final long term, final TermHistory history, final long endLsn) {
        final TermHistory copy = new TermHistory();
        if (world.flaw == MachineFlaw.FORGET_THE_HISTORY) {
            copy.add(term, MachineWorld.LOG_START);
        } else {
            copy.copyFrom(history);
        }
        log.setLength((int) (endLsn - MachineWorld.LOG_START));
        writes.add(() -> {
            if (world.flaw != MachineFlaw.FORGET_THE_HAND_OVER) {
                durableLog.setLength((int) (endLsn - MachineWorld.LOG_START));
                durable = new AcceptorState(
                        Math.max(term, durable.promisedTerm()),
                        durable.candidate(),
                        durable.membership(),
                        term,
                        copy,
                        durable.startLsn(),
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
            durableLog.setLength((int) Math.min(durableLog.length(), beginLsn - MachineWorld.LOG_START));
            durableLog.append(bytes);
            durable = new AcceptorState(
                    durable.promisedTerm(),
                    durable.candidate(),
                    durable.membership(),
                    durable.followedTerm(),
                    durable.history(),
                    durable.startLsn(),
                    MachineWorld.LOG_START + durableLog.length());
        };
        if (world.flaw == MachineFlaw.ANSWER_BEFORE_FLUSH) {
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
        if (world.flaw == MachineFlaw.VOTE_AS_FRESH) {
            history.clear();
        }
        final long flushed = world.flaw == MachineFlaw.VOTE_WITH_LESS
                ? Math.max(vote.startLsn(), vote.flushedLsn() - 3)
                : vote.flushedLsn();
        final Vote copy = new Vote(
                vote.term(),
                vote.candidate(),
                vote.granted(),
                vote.promisedTerm(),
                vote.startLsn(),
                flushed,
                history,
                vote.membership());
        toProposer(destination, host -> host.proposer.onVote(id, copy, world.nowNs));
        if (world.flaw == MachineFlaw.COUNT_OLDER_TERMS && vote.granted()) {
            sendTermAccepted(destination, vote.term(), vote.flushedLsn());
        }
    }

    @Override
    public void sendTermAccepted(final int destination, final long term, final long flushedLsn) {
        toProposer(destination, host -> host.proposer.onTermAccepted(id, term, flushedLsn, world.nowNs));
    }

    @Override
    public void sendAppended(
            final int destination,
            final long promisedTerm,
            final long followedTerm,
            final long receivedLsn,
            final long flushedLsn) {
        toProposer(
                destination,
                host -> host.proposer.onAppended(id, promisedTerm, followedTerm, receivedLsn, flushedLsn, world.nowNs));
    }

    @Override
    public void sendFetch(final long donor, final long term, final long beginLsn) {
        world.send(() -> world.acceptors.get(donor).receive(peer -> peer.onFetch(id, term, beginLsn)));
    }

    @Override
    public void sendFetched(final long peerId, final long term, final long beginLsn, final long endLsn) {
        final int begin = (int) (beginLsn - MachineWorld.LOG_START);
        final int end = (int) Math.min(begin + FETCH_BYTES, endLsn - MachineWorld.LOG_START);
        final UnsafeBuffer bytes = bytesOf(durableLog.subSequence(begin, end));
        world.send(() -> world.acceptors
                .get(peerId)
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
