package dev.firn.walquorum.wire;

import dev.firn.walquorum.acceptor.Vote;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import org.agrona.DirectBuffer;

/**
 * Hears messages from {@link QuorumMessageReader}. Each role hears some; the rest means nothing to it.
 *
 * <p>{@code from} is the node that sent the message. Buffers and histories are borrowed for the length of the call.
 */
public interface QuorumMessageHandler {
    default void onCreateLog(final int from, final long requestId, final LogSpec spec) {}

    default void onDescribeLog(final int from, final long requestId, final long logId) {}

    default void onDeleteLog(final int from, final long requestId, final long logId, final long acceptorId) {}

    default void onLogDescription(final int from, final long requestId, final LogDescription description) {}

    default void onRefused(
            final int from, final long requestId, final long logId, final Refusal refusal, final String sentence) {}

    default void onVoteRequest(
            final int from,
            final long logId,
            final long acceptorId,
            final long term,
            final long candidate,
            final Membership membership) {}

    default void onVote(final int from, final long logId, final long acceptorId, final Vote vote) {}

    default void onTermStart(
            final int from,
            final long logId,
            final long acceptorId,
            final long candidate,
            final TermHistory history,
            final long baseLsn,
            final Membership membership) {}

    default void onTermAccepted(
            final int from, final long logId, final long acceptorId, final long term, final long flushedLsn) {}

    default void onAppend(
            final int from,
            final long logId,
            final long acceptorId,
            final long term,
            final long beginLsn,
            final long commitLsn,
            final long donor,
            final DirectBuffer buffer,
            final int offset,
            final int length) {}

    default void onAppended(
            final int from,
            final long logId,
            final long acceptorId,
            final long promisedTerm,
            final long followedTerm,
            final long receivedLsn,
            final long flushedLsn) {}

    default void onFetch(
            final int from,
            final long logId,
            final long acceptorId,
            final long asker,
            final long term,
            final long beginLsn) {}

    default void onFetched(
            final int from,
            final long logId,
            final long acceptorId,
            final long term,
            final long beginLsn,
            final DirectBuffer buffer,
            final int offset,
            final int length) {}

    default void onTrimmed(
            final int from, final long logId, final long acceptorId, final long term, final long startLsn) {}

    default void onSubscribe(
            final int from, final long logId, final long readerId, final long fromLsn, final int windowBytes) {}

    default void onWalChunk(
            final int from,
            final long logId,
            final long readerId,
            final long beginLsn,
            final long committedLsn,
            final DirectBuffer buffer,
            final int offset,
            final int length) {}

    default void onConsumed(
            final int from, final long logId, final long readerId, final long receivedLsn, final long neededFromLsn) {}

    default void onUnsubscribe(final int from, final long logId, final long readerId) {}
}
