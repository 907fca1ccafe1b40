package dev.firn.walquorum.stream;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.SendResult;
import dev.firn.nativeio.seam.Clock;
import dev.firn.walquorum.acceptor.Acceptor;
import dev.firn.walquorum.acceptor.AcceptorPort;
import dev.firn.walquorum.acceptor.Vote;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import dev.firn.walquorum.wire.AcceptorIds;
import dev.firn.walquorum.wire.LogDescription;
import dev.firn.walquorum.wire.LogSpec;
import dev.firn.walquorum.wire.QuorumMessageHandler;
import dev.firn.walquorum.wire.QuorumMessageReader;
import dev.firn.walquorum.wire.QuorumMessageWriter;
import java.util.ArrayDeque;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.UnsafeBuffer;

/** The smallest WAL node: the real acceptor and the real wire over a {@link TestDisk} that takes its time. */
public final class TestWalNode implements Agent {
    private static final int PIECE_BYTES = 64 << 10;
    private static final long TICK_NS = 5_000_000L;

    /** Something that is done when the disk gets there. */
    private record Write(long dueNs, Runnable done) {}

    private final Endpoint endpoint;
    private final TestDisk disk;
    private final Clock clock;
    private final RandomGenerator random;
    private final long flushNs;
    private final int roomBytes;
    private final QuorumMessageReader reader = new QuorumMessageReader();
    private final QuorumMessageWriter messages = new QuorumMessageWriter();
    private final Requests requests = new Requests();
    private final Port port = new Port();
    private final ArrayDeque<Write> writes = new ArrayDeque<>();
    private final UnsafeBuffer piece = new UnsafeBuffer(0, 0);
    private byte[] copy = new byte[1 << 16];
    private Acceptor acceptor;
    private boolean isFlushing;
    private long lastTickNs;

    /** @param roomBytes how much it takes beyond what is flushed. */
    public TestWalNode(
            final Endpoint endpoint,
            final TestDisk disk,
            final Clock clock,
            final RandomGenerator random,
            final long flushNs,
            final int roomBytes) {
        this.endpoint = endpoint;
        this.disk = disk;
        this.clock = clock;
        this.random = random;
        this.flushNs = flushNs;
        this.roomBytes = roomBytes;
        this.lastTickNs = clock.nanoTime();
        recover();
    }

    private void recover() {
        acceptor = disk.spec == null ? null : new Acceptor(port, disk.state());
    }

    @Override
    public String roleName() {
        return "test-wal-node-" + endpoint.nodeId();
    }

    @Override
    public int doWork() {
        int work = endpoint.poll(
                (from, buffer, offset, length) -> reader.read(from, buffer, offset, length, requests), 16);
        final long nowNs = clock.nanoTime();
        while (!writes.isEmpty() && nowNs - writes.peek().dueNs >= 0) {
            writes.poll().done.run();
            work++;
        }
        if (acceptor != null && nowNs - lastTickNs > TICK_NS) {
            lastTickNs = nowNs;
            acceptor.onTick();
        }
        return work;
    }

    Acceptor acceptor() {
        return acceptor;
    }

    private LogDescription description(final long logId) {
        return disk.spec == null || disk.spec.logId() != logId
                ? LogDescription.none(logId)
                : new LogDescription(
                        disk.spec,
                        disk.acceptorId,
                        acceptor.promisedTerm(),
                        acceptor.followedTerm(),
                        acceptor.startLsn(),
                        acceptor.flushedLsn(),
                        acceptor.committedLsn(),
                        0,
                        acceptor.membership());
    }

    private void describe(final int to, final long requestId, final long logId) {
        send(to, messages.logDescription(requestId, description(logId)));
    }

    private void send(final int to, final int length) {
        endpoint.send(to, messages.buffer(), 0, length);
    }

    private final class Requests implements QuorumMessageHandler {
        @Override
        public void onCreateLog(final int from, final long requestId, final LogSpec spec) {
            if (disk.spec == null) {
                disk.make(spec, AcceptorIds.draw(endpoint.nodeId(), random));
                recover();
            }
            describe(from, requestId, spec.logId());
        }

        @Override
        public void onDescribeLog(final int from, final long requestId, final long logId) {
            describe(from, requestId, logId);
        }

        @Override
        public void onDeleteLog(final int from, final long requestId, final long logId, final long acceptorId) {
            if (disk.acceptorId == acceptorId) {
                disk.wipe();
                acceptor = null;
                writes.clear();
            }
            describe(from, requestId, logId);
        }

        private boolean isMine(final int from, final long logId, final long acceptorId) {
            if (acceptor != null && disk.acceptorId == acceptorId) {
                return true;
            }
            describe(from, 0, logId);
            return false;
        }

        @Override
        public void onVoteRequest(
                final int from,
                final long logId,
                final long acceptorId,
                final long term,
                final long candidate,
                final Membership membership) {
            if (isMine(from, logId, acceptorId)) {
                acceptor.onVoteRequest(from, term, candidate, membership);
            }
        }

        @Override
        public void onTermStart(
                final int from,
                final long logId,
                final long acceptorId,
                final long candidate,
                final TermHistory history,
                final long baseLsn,
                final Membership membership) {
            if (isMine(from, logId, acceptorId)) {
                acceptor.onTermStart(from, candidate, history, baseLsn, membership);
            }
        }

        @Override
        public void onAppend(
                final int from,
                final long logId,
                final long acceptorId,
                final long term,
                final long beginLsn,
                final long commitLsn,
                final long donor,
                final DirectBuffer buffer,
                final int offset,
                final int length) {
            if (isMine(from, logId, acceptorId)) {
                acceptor.onAppend(from, term, beginLsn, commitLsn, donor, buffer, offset, length);
            }
        }

        @Override
        public void onFetch(
                final int from,
                final long logId,
                final long acceptorId,
                final long asker,
                final long term,
                final long beginLsn) {
            if (acceptor != null && disk.acceptorId == acceptorId) {
                port.asker = asker;
                acceptor.onFetch(from, term, beginLsn);
            }
        }

        @Override
        public void onFetched(
                final int from,
                final long logId,
                final long acceptorId,
                final long term,
                final long beginLsn,
                final DirectBuffer buffer,
                final int offset,
                final int length) {
            if (acceptor != null && disk.acceptorId == acceptorId) {
                acceptor.onFetched(term, beginLsn, buffer, offset, length);
            }
        }
    }

    private final class Port implements AcceptorPort {
        private long asker;

        private void later(final Runnable done) {
            writes.add(new Write(clock.nanoTime() + flushNs, done));
        }

        @Override
        public void writePromise(final long term, final long candidate, final Membership membership) {
            later(() -> {
                disk.promisedTerm = term;
                disk.candidate = candidate;
                disk.membership = membership;
                acceptor.onPromiseDurable();
            });
        }

        @Override
        public void writeTerm(final long term, final TermHistory history, final long endLsn) {
            final TermHistory taken = new TermHistory();
            taken.copyFrom(history);
            later(() -> {
                disk.followedTerm = term;
                disk.history.copyFrom(taken);
                disk.flushedLsn = endLsn;
                acceptor.onTermDurable(term);
            });
        }

        @Override
        public void beginAnew(final long term, final TermHistory history, final long startLsn) {
            throw new IllegalStateException("nothing is trimmed here");
        }

        @Override
        public int append(
                final long term, final long beginLsn, final DirectBuffer buffer, final int offset, final int length) {
            final int taken = (int) Math.min(length, roomBytes - (beginLsn - disk.flushedLsn));
            if (copy.length < taken) {
                copy = new byte[taken];
            }
            buffer.getBytes(offset, copy, 0, taken);
            disk.write(beginLsn, copy, taken);
            if (!isFlushing) {
                isFlushing = true;
                later(() -> flush(term));
            }
            return taken;
        }

        /** One flush for all that came while the last one ran. */
        private void flush(final long term) {
            isFlushing = false;
            disk.flushedLsn = acceptor.receivedLsn();
            acceptor.onFlushed(term, disk.flushedLsn);
        }

        @Override
        public void sendVote(final int proposer, final Vote vote) {
            send(proposer, messages.vote(disk.spec.logId(), disk.acceptorId, vote));
        }

        @Override
        public void sendTermAccepted(final int proposer, final long term, final long flushedLsn) {
            send(proposer, messages.termAccepted(disk.spec.logId(), disk.acceptorId, term, flushedLsn));
        }

        @Override
        public void sendAppended(
                final int proposer,
                final long promisedTerm,
                final long followedTerm,
                final long receivedLsn,
                final long flushedLsn) {
            send(
                    proposer,
                    messages.appended(
                            disk.spec.logId(), disk.acceptorId, promisedTerm, followedTerm, receivedLsn, flushedLsn));
        }

        @Override
        public void sendFetch(final long donor, final long term, final long beginLsn) {
            send(AcceptorIds.node(donor), messages.fetch(disk.spec.logId(), donor, disk.acceptorId, term, beginLsn));
        }

        @Override
        public void sendFetched(final long peer, final long term, final long beginLsn, final long endLsn) {
            final int length = (int) Math.min(PIECE_BYTES, endLsn - beginLsn);
            piece.wrap(disk.bytes(), (int) (beginLsn - disk.startLsn), length);
            final int head = messages.fetched(disk.spec.logId(), asker, term, beginLsn);
            final SendResult ignored =
                    endpoint.send(AcceptorIds.node(asker), messages.buffer(), 0, head, piece, 0, length);
        }

        @Override
        public void sendTrimmed(final long peer, final long term, final long startLsn) {
            send(AcceptorIds.node(asker), messages.trimmed(disk.spec.logId(), asker, term, startLsn));
        }
    }
}
