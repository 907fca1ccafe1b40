package dev.firn.walquorum.node;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.walquorum.acceptor.Vote;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import dev.firn.walquorum.wire.LogDescription;
import dev.firn.walquorum.wire.LogSpec;
import dev.firn.walquorum.wire.QuorumMessageHandler;
import dev.firn.walquorum.wire.QuorumMessageReader;
import dev.firn.walquorum.wire.QuorumMessageWriter;
import dev.firn.walquorum.wire.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** Speaks to one WAL node, message by message: as a proposer, a reader, or a person. */
final class NodeClient implements QuorumMessageHandler {
    static final long CANDIDATE = 77;
    private static final int PIECE_BYTES = 10_000;

    final Endpoint endpoint;
    final QuorumMessageWriter writer = new QuorumMessageWriter();
    final List<Heard> heard = new ArrayList<>();
    private final QuorumMessageReader reader = new QuorumMessageReader();
    private final int node;

    /** Lets the world go on until something holds. */
    private final Predicate<BooleanSupplier> runUntil;

    private long requests = 100;

    /** An answer: of the fields those that the kind has. */
    record Heard(String kind, long id, Object what, long a, long b, byte[] bytes) {}

    NodeClient(final Endpoint endpoint, final int node, final Predicate<BooleanSupplier> runUntil) {
        this.endpoint = endpoint;
        this.node = node;
        this.runUntil = runUntil;
    }

    void send(final int length) {
        send(length, new byte[0]);
    }

    void send(final int length, final byte[] body) {
        endpoint.send(node, writer.buffer(), 0, length, new UnsafeBuffer(body), 0, body.length);
    }

    /** Takes what has come. */
    void poll() {
        while (endpoint.poll((from, buffer, offset, length) -> reader.read(from, buffer, offset, length, this), 100)
                > 0) {
            Thread.onSpinWait();
        }
    }

    /** Waits for an answer of this kind; forgets all that was heard before. */
    Heard await(final String kind) {
        return await(kind, one -> one.kind().equals(kind));
    }

    private Heard await(final String what, final Predicate<Heard> wanted) {
        final boolean isThere = runUntil.test(() -> {
            poll();
            return heard.stream().anyMatch(wanted);
        });
        if (!isThere) {
            throw new AssertionError("no " + what + " came, but " + heard);
        }
        final Heard found = heard.stream().filter(wanted).findFirst().orElseThrow();
        heard.clear();
        return found;
    }

    LogDescription create(final LogSpec spec) {
        send(writer.createLog(++requests, spec));
        return description();
    }

    Heard createRefused(final LogSpec spec) {
        send(writer.createLog(++requests, spec));
        return refused();
    }

    LogDescription describe(final long logId) {
        send(writer.describeLog(++requests, logId));
        return description();
    }

    LogDescription delete(final long logId, final long acceptorId) {
        send(writer.deleteLog(++requests, logId, acceptorId));
        return description();
    }

    /** Of the last request: answers of earlier ones, which nobody waited for, may still be on their way. */
    private LogDescription description() {
        return (LogDescription) await(
                        "description of request " + requests,
                        one -> one.kind().equals("description") && one.id() == requests)
                .what();
    }

    Heard refused() {
        return await("refused");
    }

    /** Becomes the proposer of this term, in which the acceptor is the only member. Returns where its log ends. */
    long lead(final long logId, final long acceptor, final long term) {
        final Membership alone = Membership.of(List.of(acceptor));
        send(writer.voteRequest(logId, acceptor, term, CANDIDATE, alone));
        final Vote vote = (Vote) await("vote").what();
        final TermHistory history = new TermHistory();
        history.copyFrom(vote.history());
        history.add(term, vote.flushedLsn());
        send(writer.termStart(logId, acceptor, CANDIDATE, history, history.baseOf(vote.startLsn()), alone));
        await("accepted");
        return vote.flushedLsn();
    }

    /** Appends a term's own bytes, in pieces, and waits until they are on disk. */
    void append(final long logId, final long acceptor, final long term, final long beginLsn, final int length) {
        long lsn = beginLsn;
        while (lsn < beginLsn + length) {
            final byte[] bytes = new byte[(int) Math.min(PIECE_BYTES, beginLsn + length - lsn)];
            WalLedger.fill(new UnsafeBuffer(bytes), term, lsn, bytes.length);
            send(writer.append(logId, acceptor, term, lsn, 0, -1), bytes);
            lsn = Math.max(lsn, await("appended").b());
        }
    }

    void commit(final long logId, final long acceptor, final long term, final long lsn) {
        send(writer.append(logId, acceptor, term, lsn, lsn, -1));
        await("appended");
    }

    @Override
    public void onLogDescription(final int from, final long requestId, final LogDescription description) {
        heard.add(new Heard("description", requestId, description, 0, 0, null));
    }

    @Override
    public void onRefused(
            final int from, final long requestId, final long logId, final Refusal refusal, final String sentence) {
        heard.add(new Heard(
                "refused", requestId, refusal, 0, 0, sentence.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }

    @Override
    public void onVote(final int from, final long logId, final long acceptorId, final Vote vote) {
        heard.add(new Heard("vote", acceptorId, vote, 0, 0, null));
    }

    @Override
    public void onTermAccepted(
            final int from, final long logId, final long acceptorId, final long term, final long flushedLsn) {
        heard.add(new Heard("accepted", acceptorId, null, term, flushedLsn, null));
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
        heard.add(new Heard("appended", acceptorId, null, receivedLsn, flushedLsn, null));
    }

    @Override
    public void onWalChunk(
            final int from,
            final long logId,
            final long readerId,
            final long beginLsn,
            final long committedLsn,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        final byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        heard.add(new Heard("chunk", readerId, null, beginLsn, committedLsn, bytes));
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
        final byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        heard.add(new Heard("fetched", acceptorId, null, term, beginLsn, bytes));
    }
}
