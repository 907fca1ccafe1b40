package dev.firn.walquorum.wire;

import dev.firn.transport.codec.quorum.AppendDecoder;
import dev.firn.transport.codec.quorum.AppendedDecoder;
import dev.firn.transport.codec.quorum.ConsumedDecoder;
import dev.firn.transport.codec.quorum.CreateLogDecoder;
import dev.firn.transport.codec.quorum.DeleteLogDecoder;
import dev.firn.transport.codec.quorum.DescribeLogDecoder;
import dev.firn.transport.codec.quorum.FetchDecoder;
import dev.firn.transport.codec.quorum.FetchedDecoder;
import dev.firn.transport.codec.quorum.Flag;
import dev.firn.transport.codec.quorum.LogDescriptionDecoder;
import dev.firn.transport.codec.quorum.MessageHeaderDecoder;
import dev.firn.transport.codec.quorum.RefusedDecoder;
import dev.firn.transport.codec.quorum.SubscribeDecoder;
import dev.firn.transport.codec.quorum.TermAcceptedDecoder;
import dev.firn.transport.codec.quorum.TermStartDecoder;
import dev.firn.transport.codec.quorum.TrimmedDecoder;
import dev.firn.transport.codec.quorum.UnsubscribeDecoder;
import dev.firn.transport.codec.quorum.VoteDecoder;
import dev.firn.transport.codec.quorum.VoteRequestDecoder;
import dev.firn.transport.codec.quorum.WalChunkDecoder;
import dev.firn.walquorum.acceptor.Vote;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Decodes messages and hands them on. Any bytes may come: a field is read only when the message is long enough for it.
 *
 * <p>The messages of the steady path allocate nothing; those of elections and of logs' making do.
 */
public final class QuorumMessageReader {
    static final ByteOrder BYTE_ORDER = ByteOrder.LITTLE_ENDIAN;
    static final int TERM_BYTES = 2 * Long.BYTES;
    private static final int HEADER_BYTES = MessageHeaderDecoder.ENCODED_LENGTH;

    /** What is read of a message that cannot be: an exception of ours, without a stack. */
    private static final class MalformedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        MalformedException(final Throwable cause) {
            super("malformed", cause, false, false);
        }
    }

    private static final MalformedException MALFORMED = new MalformedException(null);

    private final MessageHeaderDecoder header = new MessageHeaderDecoder();
    private final AppendDecoder append = new AppendDecoder();
    private final AppendedDecoder appended = new AppendedDecoder();
    private final FetchDecoder fetch = new FetchDecoder();
    private final FetchedDecoder fetched = new FetchedDecoder();
    private final TrimmedDecoder trimmed = new TrimmedDecoder();
    private final WalChunkDecoder walChunk = new WalChunkDecoder();
    private final ConsumedDecoder consumed = new ConsumedDecoder();
    private final TermAcceptedDecoder termAccepted = new TermAcceptedDecoder();

    private DirectBuffer buffer;
    private int block;
    private int version;
    private int blockLength;

    /** Where the block ends; what follows goes to {@link #end}. */
    private int body;

    private int end;

    /** Decodes one message; the handler is called at most once. What the handler throws is thrown on. */
    public MessageVerdict read(
            final int from,
            final DirectBuffer message,
            final int offset,
            final int length,
            final QuorumMessageHandler handler) {
        if (length < HEADER_BYTES) {
            return MessageVerdict.MALFORMED;
        }
        header.wrap(message, offset);
        buffer = message;
        block = offset + HEADER_BYTES;
        blockLength = header.blockLength();
        version = header.version();
        body = block + blockLength;
        end = offset + length;
        if (header.schemaId() != AppendDecoder.SCHEMA_ID) {
            return MessageVerdict.UNKNOWN;
        }
        if (version != AppendDecoder.SCHEMA_VERSION && version != AppendDecoder.SCHEMA_VERSION - 1) {
            return MessageVerdict.WRONG_VERSION;
        }
        if (body > end) {
            return MessageVerdict.MALFORMED;
        }
        try {
            return onTemplate(header.templateId(), from, handler) ? MessageVerdict.HANDLED : MessageVerdict.UNKNOWN;
        } catch (final MalformedException e) {
            return MessageVerdict.MALFORMED;
        }
    }

    /** The steady path first; false for a template that is not known. */
    private boolean onTemplate(final int template, final int from, final QuorumMessageHandler handler) {
        switch (template) {
            case AppendDecoder.TEMPLATE_ID -> onAppend(from, handler);
            case AppendedDecoder.TEMPLATE_ID -> onAppended(from, handler);
            case WalChunkDecoder.TEMPLATE_ID -> onWalChunk(from, handler);
            case ConsumedDecoder.TEMPLATE_ID -> onConsumed(from, handler);
            case FetchDecoder.TEMPLATE_ID -> onFetch(from, handler);
            case FetchedDecoder.TEMPLATE_ID -> onFetched(from, handler);
            case TrimmedDecoder.TEMPLATE_ID -> onTrimmed(from, handler);
            case TermAcceptedDecoder.TEMPLATE_ID -> onTermAccepted(from, handler);
            case VoteRequestDecoder.TEMPLATE_ID -> onVoteRequest(from, handler);
            case VoteDecoder.TEMPLATE_ID -> onVote(from, handler);
            case TermStartDecoder.TEMPLATE_ID -> onTermStart(from, handler);
            case CreateLogDecoder.TEMPLATE_ID -> onCreateLog(from, handler);
            case DescribeLogDecoder.TEMPLATE_ID -> onDescribeLog(from, handler);
            case DeleteLogDecoder.TEMPLATE_ID -> onDeleteLog(from, handler);
            case LogDescriptionDecoder.TEMPLATE_ID -> onLogDescription(from, handler);
            case RefusedDecoder.TEMPLATE_ID -> onRefused(from, handler);
            case SubscribeDecoder.TEMPLATE_ID -> onSubscribe(from, handler);
            case UnsubscribeDecoder.TEMPLATE_ID -> onUnsubscribe(from, handler);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void onAppend(final int from, final QuorumMessageHandler handler) {
        require(AppendDecoder.BLOCK_LENGTH);
        append.wrap(buffer, block, blockLength, version);
        handler.onAppend(
                from,
                append.logId(),
                append.acceptorId(),
                requireTerm(append.term()),
                requireRoom(append.beginLsn()),
                requireLsn(append.commitLsn()),
                append.donor(),
                buffer,
                body,
                end - body);
    }

    private void onAppended(final int from, final QuorumMessageHandler handler) {
        require(AppendedDecoder.BLOCK_LENGTH);
        appended.wrap(buffer, block, blockLength, version);
        handler.onAppended(
                from,
                appended.logId(),
                appended.acceptorId(),
                requireTerm(appended.promisedTerm()),
                requireTerm(appended.followedTerm()),
                requireLsn(appended.receivedLsn()),
                requireLsn(appended.flushedLsn()));
    }

    private void onWalChunk(final int from, final QuorumMessageHandler handler) {
        require(WalChunkDecoder.BLOCK_LENGTH);
        walChunk.wrap(buffer, block, blockLength, version);
        handler.onWalChunk(
                from,
                walChunk.logId(),
                walChunk.readerId(),
                requireRoom(walChunk.beginLsn()),
                requireLsn(walChunk.committedLsn()),
                buffer,
                body,
                end - body);
    }

    private void onConsumed(final int from, final QuorumMessageHandler handler) {
        require(ConsumedDecoder.BLOCK_LENGTH);
        consumed.wrap(buffer, block, blockLength, version);
        handler.onConsumed(
                from,
                consumed.logId(),
                consumed.readerId(),
                requireLsn(consumed.receivedLsn()),
                requireLsn(consumed.neededFromLsn()));
    }

    private void onFetch(final int from, final QuorumMessageHandler handler) {
        require(FetchDecoder.BLOCK_LENGTH);
        fetch.wrap(buffer, block, blockLength, version);
        handler.onFetch(
                from,
                fetch.logId(),
                fetch.acceptorId(),
                fetch.asker(),
                requireTerm(fetch.term()),
                requireLsn(fetch.beginLsn()));
    }

    private void onFetched(final int from, final QuorumMessageHandler handler) {
        require(FetchedDecoder.BLOCK_LENGTH);
        fetched.wrap(buffer, block, blockLength, version);
        handler.onFetched(
                from,
                fetched.logId(),
                fetched.acceptorId(),
                requireTerm(fetched.term()),
                requireRoom(fetched.beginLsn()),
                buffer,
                body,
                end - body);
    }

    private void onTrimmed(final int from, final QuorumMessageHandler handler) {
        require(TrimmedDecoder.BLOCK_LENGTH);
        trimmed.wrap(buffer, block, blockLength, version);
        handler.onTrimmed(
                from,
                trimmed.logId(),
                trimmed.acceptorId(),
                requireTerm(trimmed.term()),
                requireLsn(trimmed.startLsn()));
    }

    private void onTermAccepted(final int from, final QuorumMessageHandler handler) {
        require(TermAcceptedDecoder.BLOCK_LENGTH);
        termAccepted.wrap(buffer, block, blockLength, version);
        handler.onTermAccepted(
                from,
                termAccepted.logId(),
                termAccepted.acceptorId(),
                requireTerm(termAccepted.term()),
                requireLsn(termAccepted.flushedLsn()));
    }

    private void onVoteRequest(final int from, final QuorumMessageHandler handler) {
        require(VoteRequestDecoder.BLOCK_LENGTH);
        final VoteRequestDecoder message = new VoteRequestDecoder().wrap(buffer, block, blockLength, version);
        handler.onVoteRequest(
                from,
                message.logId(),
                message.acceptorId(),
                requireTerm(message.term()),
                message.candidate(),
                membership(message.generation()));
    }

    private void onVote(final int from, final QuorumMessageHandler handler) {
        require(VoteDecoder.BLOCK_LENGTH);
        final VoteDecoder message = new VoteDecoder().wrap(buffer, block, blockLength, version);
        final Membership membership = membership(message.generation());
        handler.onVote(
                from,
                message.logId(),
                message.acceptorId(),
                new Vote(
                        requireTerm(message.term()),
                        message.candidate(),
                        flag(message.grantedRaw()),
                        requireTerm(message.promisedTerm()),
                        requireLsn(message.startLsn()),
                        requireLsn(message.flushedLsn()),
                        history(),
                        membership));
    }

    private void onTermStart(final int from, final QuorumMessageHandler handler) {
        require(TermStartDecoder.BLOCK_LENGTH);
        final TermStartDecoder message = new TermStartDecoder().wrap(buffer, block, blockLength, version);
        final Membership membership = membership(message.generation());
        final TermHistory history = history();
        if (history.count() == 0) {
            throw MALFORMED;
        }
        handler.onTermStart(
                from,
                message.logId(),
                message.acceptorId(),
                message.candidate(),
                history,
                requireLsn(message.baseLsn()),
                membership);
    }

    private void onCreateLog(final int from, final QuorumMessageHandler handler) {
        require(CreateLogDecoder.BLOCK_LENGTH);
        final CreateLogDecoder message = new CreateLogDecoder().wrap(buffer, block, blockLength, version);
        handler.onCreateLog(
                from,
                message.requestId(),
                new LogSpec(
                        message.logId(),
                        text(),
                        message.systemIdentifier(),
                        message.postgresMajor(),
                        (int) message.walSegmentBytes(),
                        requireLsn(message.startLsn())));
    }

    private void onDescribeLog(final int from, final QuorumMessageHandler handler) {
        require(DescribeLogDecoder.BLOCK_LENGTH);
        final DescribeLogDecoder message = new DescribeLogDecoder().wrap(buffer, block, blockLength, version);
        handler.onDescribeLog(from, message.requestId(), message.logId());
    }

    private void onDeleteLog(final int from, final QuorumMessageHandler handler) {
        require(DeleteLogDecoder.BLOCK_LENGTH);
        final DeleteLogDecoder message = new DeleteLogDecoder().wrap(buffer, block, blockLength, version);
        handler.onDeleteLog(from, message.requestId(), message.logId(), message.acceptorId());
    }

    private void onLogDescription(final int from, final QuorumMessageHandler handler) {
        require(LogDescriptionDecoder.BLOCK_LENGTH);
        final LogDescriptionDecoder message = new LogDescriptionDecoder().wrap(buffer, block, blockLength, version);
        final Membership membership = membership(message.generation());
        handler.onLogDescription(
                from,
                message.requestId(),
                new LogDescription(
                        new LogSpec(
                                message.logId(),
                                text(),
                                message.systemIdentifier(),
                                message.postgresMajor(),
                                (int) message.walSegmentBytes(),
                                requireLsn(message.startLsn())),
                        message.acceptorId(),
                        requireTerm(message.promisedTerm()),
                        requireTerm(message.followedTerm()),
                        requireLsn(message.startLsn()),
                        requireLsn(message.flushedLsn()),
                        requireLsn(message.committedLsn()),
                        requireLsn(message.archivedLsn()),
                        membership));
    }

    private void onRefused(final int from, final QuorumMessageHandler handler) {
        require(RefusedDecoder.BLOCK_LENGTH);
        final RefusedDecoder message = new RefusedDecoder().wrap(buffer, block, blockLength, version);
        final int code = message.codeRaw();
        if (code < 1 || code > Refusal.values().length) {
            throw MALFORMED;
        }
        handler.onRefused(from, message.requestId(), message.logId(), Refusal.values()[code - 1], text());
    }

    private void onSubscribe(final int from, final QuorumMessageHandler handler) {
        require(SubscribeDecoder.BLOCK_LENGTH);
        final SubscribeDecoder message = new SubscribeDecoder().wrap(buffer, block, blockLength, version);
        if (message.windowBytes() < 1 || message.windowBytes() > Integer.MAX_VALUE) {
            throw MALFORMED;
        }
        handler.onSubscribe(
                from, message.logId(), message.readerId(), requireLsn(message.fromLsn()), (int) message.windowBytes());
    }

    private void onUnsubscribe(final int from, final QuorumMessageHandler handler) {
        require(UnsubscribeDecoder.BLOCK_LENGTH);
        final UnsubscribeDecoder message = new UnsubscribeDecoder().wrap(buffer, block, blockLength, version);
        handler.onUnsubscribe(from, message.logId(), message.readerId());
    }

    private void require(final int bytes) {
        if (blockLength < bytes) {
            throw MALFORMED;
        }
    }

    private static long requireLsn(final long lsn) {
        if (lsn < 0) {
            throw MALFORMED;
        }
        return lsn;
    }

    /** Where bytes begin that follow the block: they end at an LSN too. */
    private long requireRoom(final long beginLsn) {
        if (beginLsn < 0 || beginLsn > Long.MAX_VALUE - (end - body)) {
            throw MALFORMED;
        }
        return beginLsn;
    }

    private static boolean flag(final short value) {
        if (value != Flag.NO.value() && value != Flag.YES.value()) {
            throw MALFORMED;
        }
        return value == Flag.YES.value();
    }

    private static long requireTerm(final long term) {
        if (term < 0) {
            throw MALFORMED;
        }
        return term;
    }

    /** Members and previous members, which stand next. */
    private Membership membership(final long generation) {
        final List<Long> members = acceptorIds();
        final List<Long> previous = acceptorIds();
        try {
            return generation == 0 && members.isEmpty() && previous.isEmpty()
                    ? Membership.NONE
                    : new Membership(generation, members, previous);
        } catch (final IllegalArgumentException e) {
            throw new MalformedException(e);
        }
    }

    private List<Long> acceptorIds() {
        final int length = takeLength(Short.BYTES);
        if (length % Long.BYTES != 0 || length / Long.BYTES > Membership.MAX_MEMBERS) {
            throw MALFORMED;
        }
        final List<Long> ids = new ArrayList<>(length / Long.BYTES);
        for (int at = body - length; at < body; at += Long.BYTES) {
            ids.add(buffer.getLong(at, BYTE_ORDER));
        }
        return ids;
    }

    private TermHistory history() {
        final int length = takeLength(Integer.BYTES);
        if (length % TERM_BYTES != 0 || length / TERM_BYTES > TermHistory.MAX_TERMS) {
            throw MALFORMED;
        }
        final TermHistory history = new TermHistory();
        try {
            for (int at = body - length; at < body; at += TERM_BYTES) {
                history.add(
                        requireTerm(buffer.getLong(at, BYTE_ORDER)),
                        requireLsn(buffer.getLong(at + Long.BYTES, BYTE_ORDER)));
            }
        } catch (final IllegalArgumentException e) {
            throw new MalformedException(e);
        }
        return history;
    }

    private String text() {
        final int length = takeLength(Short.BYTES);
        final byte[] bytes = new byte[length];
        new UnsafeBuffer(buffer, body - length, length).getBytes(0, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Reads the length of the bytes that stand next, and steps over both; they end at {@link #body}. */
    private int takeLength(final int lengthBytes) {
        if (end - body < lengthBytes) {
            throw MALFORMED;
        }
        final long length = lengthBytes == Short.BYTES
                ? buffer.getShort(body, BYTE_ORDER) & 0xFFFF
                : buffer.getInt(body, BYTE_ORDER) & 0xFFFF_FFFFL;
        body += lengthBytes;
        if (length > end - body) {
            throw MALFORMED;
        }
        body += (int) length;
        return (int) length;
    }
}
