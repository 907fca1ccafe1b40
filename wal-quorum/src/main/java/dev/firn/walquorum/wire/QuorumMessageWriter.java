package dev.firn.walquorum.wire;

import dev.firn.transport.codec.quorum.AppendEncoder;
import dev.firn.transport.codec.quorum.AppendedEncoder;
import dev.firn.transport.codec.quorum.ConsumedEncoder;
import dev.firn.transport.codec.quorum.CreateLogEncoder;
import dev.firn.transport.codec.quorum.DeleteLogEncoder;
import dev.firn.transport.codec.quorum.DescribeLogEncoder;
import dev.firn.transport.codec.quorum.FetchEncoder;
import dev.firn.transport.codec.quorum.FetchedEncoder;
import dev.firn.transport.codec.quorum.Flag;
import dev.firn.transport.codec.quorum.LogDescriptionEncoder;
import dev.firn.transport.codec.quorum.MessageHeaderEncoder;
import dev.firn.transport.codec.quorum.RefusalCode;
import dev.firn.transport.codec.quorum.RefusedEncoder;
import dev.firn.transport.codec.quorum.SubscribeEncoder;
import dev.firn.transport.codec.quorum.TermAcceptedEncoder;
import dev.firn.transport.codec.quorum.TermStartEncoder;
import dev.firn.transport.codec.quorum.TrimmedEncoder;
import dev.firn.transport.codec.quorum.UnsubscribeEncoder;
import dev.firn.transport.codec.quorum.VoteEncoder;
import dev.firn.transport.codec.quorum.VoteRequestEncoder;
import dev.firn.transport.codec.quorum.WalChunkEncoder;
import dev.firn.walquorum.acceptor.Vote;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.ExpandableDirectByteBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Encodes one message at a time into {@link #buffer}; each method returns the message's length. Of the messages that carry WAL
 * it encodes what stands before the bytes; they are sent behind it, from where they are.
 */
public final class QuorumMessageWriter {
    private static final int INITIAL_BYTES = 4_096;

    private final ExpandableDirectByteBuffer buffer = new ExpandableDirectByteBuffer(INITIAL_BYTES);
    private final MessageHeaderEncoder header = new MessageHeaderEncoder();
    private final CreateLogEncoder createLog = new CreateLogEncoder();
    private final DescribeLogEncoder describeLog = new DescribeLogEncoder();
    private final DeleteLogEncoder deleteLog = new DeleteLogEncoder();
    private final LogDescriptionEncoder logDescription = new LogDescriptionEncoder();
    private final RefusedEncoder refused = new RefusedEncoder();
    private final VoteRequestEncoder voteRequest = new VoteRequestEncoder();
    private final VoteEncoder vote = new VoteEncoder();
    private final TermStartEncoder termStart = new TermStartEncoder();
    private final TermAcceptedEncoder termAccepted = new TermAcceptedEncoder();
    private final AppendEncoder append = new AppendEncoder();
    private final AppendedEncoder appended = new AppendedEncoder();
    private final FetchEncoder fetch = new FetchEncoder();
    private final FetchedEncoder fetched = new FetchedEncoder();
    private final TrimmedEncoder trimmed = new TrimmedEncoder();
    private final SubscribeEncoder subscribe = new SubscribeEncoder();
    private final WalChunkEncoder walChunk = new WalChunkEncoder();
    private final ConsumedEncoder consumed = new ConsumedEncoder();
    private final UnsubscribeEncoder unsubscribe = new UnsubscribeEncoder();

    /** Holds the message that was encoded last, from 0 on. */
    public DirectBuffer buffer() {
        return buffer;
    }

    public int createLog(final long requestId, final LogSpec spec) {
        createLog
                .wrapAndApplyHeader(buffer, 0, header)
                .requestId(requestId)
                .logId(spec.logId())
                .systemIdentifier(spec.systemIdentifier())
                .postgresMajor(spec.postgresMajor())
                .walSegmentBytes(spec.walSegmentBytes())
                .startLsn(spec.startLsn())
                .timeline(spec.timeline());
        return createLog.limit();
    }

    public int describeLog(final long requestId, final long logId) {
        describeLog.wrapAndApplyHeader(buffer, 0, header).requestId(requestId).logId(logId);
        return describeLog.limit();
    }

    public int deleteLog(final long requestId, final long logId, final long acceptorId) {
        deleteLog
                .wrapAndApplyHeader(buffer, 0, header)
                .requestId(requestId)
                .logId(logId)
                .acceptorId(acceptorId);
        return deleteLog.limit();
    }

    /** @param requestId 0 when nobody asked. */
    public int logDescription(final long requestId, final LogDescription description) {
        final LogSpec spec = description.spec();
        final Membership membership = description.membership();
        logDescription
                .wrapAndApplyHeader(buffer, 0, header)
                .requestId(requestId)
                .logId(spec.logId())
                .acceptorId(description.acceptorId())
                .systemIdentifier(spec.systemIdentifier())
                .postgresMajor(spec.postgresMajor())
                .walSegmentBytes(spec.walSegmentBytes())
                .promisedTerm(description.promisedTerm())
                .followedTerm(description.followedTerm())
                .startLsn(description.startLsn())
                .flushedLsn(description.flushedLsn())
                .committedLsn(description.committedLsn())
                .archivedLsn(description.archivedLsn())
                .generation(membership.generation());
        final UnsafeBuffer members = bytes(membership.members());
        final UnsafeBuffer previous = bytes(membership.previous());
        logDescription
                .putMembers(members, 0, members.capacity())
                .putPrevious(previous, 0, previous.capacity())
                .timeline(spec.timeline());
        return logDescription.limit();
    }

    public int refused(final long requestId, final long logId, final Refusal refusal, final String sentence) {
        refused.wrapAndApplyHeader(buffer, 0, header)
                .requestId(requestId)
                .logId(logId)
                .code(
                        switch (refusal) {
                            case ANOTHER_LOG -> RefusalCode.ANOTHER_LOG;
                            case NO_SUCH_LOG -> RefusalCode.NO_SUCH_LOG;
                            case NO_ROOM -> RefusalCode.NO_ROOM;
                            case TRIMMED -> RefusalCode.TRIMMED;
                            case BAD_REQUEST -> RefusalCode.BAD_REQUEST;
                            case DAMAGED -> RefusalCode.DAMAGED;
                        });
        final byte[] text = sentence.getBytes(StandardCharsets.UTF_8);
        refused.putSentence(text, 0, text.length);
        return refused.limit();
    }

    public int voteRequest(
            final long logId,
            final long acceptorId,
            final long term,
            final long candidate,
            final Membership membership) {
        final UnsafeBuffer members = bytes(membership.members());
        final UnsafeBuffer previous = bytes(membership.previous());
        voteRequest
                .wrapAndApplyHeader(buffer, 0, header)
                .logId(logId)
                .acceptorId(acceptorId)
                .term(term)
                .candidate(candidate)
                .generation(membership.generation())
                .putMembers(members, 0, members.capacity())
                .putPrevious(previous, 0, previous.capacity());
        return voteRequest.limit();
    }

    public int vote(final long logId, final long acceptorId, final Vote given) {
        final UnsafeBuffer members = bytes(given.membership().members());
        final UnsafeBuffer previous = bytes(given.membership().previous());
        final UnsafeBuffer history = bytes(given.history());
        vote.wrapAndApplyHeader(buffer, 0, header)
                .logId(logId)
                .acceptorId(acceptorId)
                .term(given.term())
                .candidate(given.candidate())
                .granted(given.granted() ? Flag.YES : Flag.NO)
                .promisedTerm(given.promisedTerm())
                .startLsn(given.startLsn())
                .flushedLsn(given.flushedLsn())
                .generation(given.membership().generation())
                .putMembers(members, 0, members.capacity())
                .putPrevious(previous, 0, previous.capacity())
                .putHistory(history, 0, history.capacity());
        return vote.limit();
    }

    public int termStart(
            final long logId,
            final long acceptorId,
            final long candidate,
            final TermHistory history,
            final long baseLsn,
            final Membership membership) {
        final UnsafeBuffer members = bytes(membership.members());
        final UnsafeBuffer previous = bytes(membership.previous());
        final UnsafeBuffer terms = bytes(history);
        termStart
                .wrapAndApplyHeader(buffer, 0, header)
                .logId(logId)
                .acceptorId(acceptorId)
                .candidate(candidate)
                .baseLsn(baseLsn)
                .generation(membership.generation())
                .putMembers(members, 0, members.capacity())
                .putPrevious(previous, 0, previous.capacity())
                .putHistory(terms, 0, terms.capacity());
        return termStart.limit();
    }

    public int termAccepted(final long logId, final long acceptorId, final long term, final long flushedLsn) {
        termAccepted
                .wrapAndApplyHeader(buffer, 0, header)
                .logId(logId)
                .acceptorId(acceptorId)
                .term(term)
                .flushedLsn(flushedLsn);
        return termAccepted.limit();
    }

    /** What stands before the appended bytes. */
    public int append(
            final long logId,
            final long acceptorId,
            final long term,
            final long beginLsn,
            final long commitLsn,
            final long donor) {
        append.wrapAndApplyHeader(buffer, 0, header)
                .logId(logId)
                .acceptorId(acceptorId)
                .term(term)
                .beginLsn(beginLsn)
                .commitLsn(commitLsn)
                .donor(donor);
        return append.limit();
    }

    public int appended(
            final long logId,
            final long acceptorId,
            final long promisedTerm,
            final long followedTerm,
            final long receivedLsn,
            final long flushedLsn) {
        appended.wrapAndApplyHeader(buffer, 0, header)
                .logId(logId)
                .acceptorId(acceptorId)
                .promisedTerm(promisedTerm)
                .followedTerm(followedTerm)
                .receivedLsn(receivedLsn)
                .flushedLsn(flushedLsn);
        return appended.limit();
    }

    public int fetch(final long logId, final long acceptorId, final long asker, final long term, final long beginLsn) {
        fetch.wrapAndApplyHeader(buffer, 0, header)
                .logId(logId)
                .acceptorId(acceptorId)
                .asker(asker)
                .term(term)
                .beginLsn(beginLsn);
        return fetch.limit();
    }

    /** What stands before the fetched bytes. */
    public int fetched(final long logId, final long acceptorId, final long term, final long beginLsn) {
        fetched.wrapAndApplyHeader(buffer, 0, header)
                .logId(logId)
                .acceptorId(acceptorId)
                .term(term)
                .beginLsn(beginLsn);
        return fetched.limit();
    }

    public int trimmed(final long logId, final long acceptorId, final long term, final long startLsn) {
        trimmed.wrapAndApplyHeader(buffer, 0, header)
                .logId(logId)
                .acceptorId(acceptorId)
                .term(term)
                .startLsn(startLsn);
        return trimmed.limit();
    }

    public int subscribe(final long logId, final long readerId, final long fromLsn, final int windowBytes) {
        subscribe
                .wrapAndApplyHeader(buffer, 0, header)
                .logId(logId)
                .readerId(readerId)
                .fromLsn(fromLsn)
                .windowBytes(windowBytes);
        return subscribe.limit();
    }

    /** What stands before the bytes that are read. */
    public int walChunk(final long logId, final long readerId, final long beginLsn, final long committedLsn) {
        walChunk.wrapAndApplyHeader(buffer, 0, header)
                .logId(logId)
                .readerId(readerId)
                .beginLsn(beginLsn)
                .committedLsn(committedLsn);
        return walChunk.limit();
    }

    public int consumed(final long logId, final long readerId, final long receivedLsn, final long neededFromLsn) {
        consumed.wrapAndApplyHeader(buffer, 0, header)
                .logId(logId)
                .readerId(readerId)
                .receivedLsn(receivedLsn)
                .neededFromLsn(neededFromLsn);
        return consumed.limit();
    }

    public int unsubscribe(final long logId, final long readerId) {
        unsubscribe.wrapAndApplyHeader(buffer, 0, header).logId(logId).readerId(readerId);
        return unsubscribe.limit();
    }

    private static UnsafeBuffer bytes(final List<Long> acceptorIds) {
        final UnsafeBuffer bytes = new UnsafeBuffer(new byte[acceptorIds.size() * Long.BYTES]);
        for (int i = 0; i < acceptorIds.size(); i++) {
            bytes.putLong(i * Long.BYTES, acceptorIds.get(i), QuorumMessageReader.BYTE_ORDER);
        }
        return bytes;
    }

    private static UnsafeBuffer bytes(final TermHistory history) {
        final UnsafeBuffer bytes = new UnsafeBuffer(new byte[history.count() * QuorumMessageReader.TERM_BYTES]);
        for (int i = 0; i < history.count(); i++) {
            final int at = i * QuorumMessageReader.TERM_BYTES;
            bytes.putLong(at, history.term(i), QuorumMessageReader.BYTE_ORDER);
            bytes.putLong(at + Long.BYTES, history.startLsn(i), QuorumMessageReader.BYTE_ORDER);
        }
        return bytes;
    }
}
