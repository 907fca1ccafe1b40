package dev.firn.walquorum.node;

import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.term.TermHistory;
import dev.firn.walquorum.wire.AcceptorIds;
import dev.firn.walquorum.wire.LogSpec;
import dev.firn.walquorum.wire.QuorumMessageHandler;
import dev.firn.walquorum.wire.Refusal;
import org.agrona.DirectBuffer;

/** Brings each message to the log that it is for. */
final class NodeMessages implements QuorumMessageHandler {
    private final WalNode node;

    NodeMessages(final WalNode node) {
        this.node = node;
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
        final HostedLog log = node.acceptor(from, logId, acceptorId);
        if (log != null) {
            log.proposerHeard();
            log.acceptor().onAppend(from, term, beginLsn, commitLsn, donor, buffer, offset, length);
        }
    }

    /** Who asks must be where its id says. */
    @Override
    public void onFetch(
            final int from,
            final long logId,
            final long acceptorId,
            final long asker,
            final long term,
            final long beginLsn) {
        final HostedLog log = AcceptorIds.node(asker) == from ? node.acceptor(from, logId, acceptorId) : null;
        if (log != null) {
            log.acceptor().onFetch(asker, term, beginLsn);
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
        final HostedLog log = node.acceptor(from, logId, acceptorId);
        if (log != null) {
            log.acceptor().onFetched(term, beginLsn, buffer, offset, length);
        }
    }

    @Override
    public void onTrimmed(
            final int from, final long logId, final long acceptorId, final long term, final long startLsn) {
        final HostedLog log = node.acceptor(from, logId, acceptorId);
        if (log != null) {
            log.acceptor().onPeerTrimmed(term, startLsn);
        }
    }

    @Override
    public void onVoteRequest(
            final int from,
            final long logId,
            final long acceptorId,
            final long term,
            final long candidate,
            final Membership membership) {
        final HostedLog log = node.acceptor(from, logId, acceptorId);
        if (log != null) {
            log.acceptor().onVoteRequest(from, term, candidate, membership);
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
        final HostedLog log = node.acceptor(from, logId, acceptorId);
        if (log != null) {
            log.proposerHeard();
            log.acceptor().onTermStart(from, candidate, history, baseLsn, membership);
        }
    }

    @Override
    public void onCreateLog(final int from, final long requestId, final LogSpec spec) {
        node.onCreateLog(from, requestId, spec);
    }

    @Override
    public void onDescribeLog(final int from, final long requestId, final long logId) {
        node.onDescribeLog(from, requestId, logId);
    }

    @Override
    public void onDeleteLog(final int from, final long requestId, final long logId, final long acceptorId) {
        node.onDeleteLog(from, requestId, logId, acceptorId);
    }

    @Override
    public void onSubscribe(
            final int from, final long logId, final long readerId, final long fromLsn, final int windowBytes) {
        final HostedLog log = reading(from, logId, readerId);
        if (log != null) {
            log.readers()
                    .onSubscribe(
                            from, readerId, fromLsn, windowBytes, log.acceptor().startLsn(), node.nowNs());
        }
    }

    @Override
    public void onConsumed(
            final int from, final long logId, final long readerId, final long receivedLsn, final long neededFromLsn) {
        final HostedLog log = reading(from, logId, readerId);
        if (log != null) {
            log.readers().onConsumed(from, readerId, receivedLsn, neededFromLsn, node.nowNs());
        }
    }

    @Override
    public void onUnsubscribe(final int from, final long logId, final long readerId) {
        final HostedLog log = node.find(logId);
        if (log != null) {
            log.readers().onUnsubscribe(from, readerId);
        }
    }

    private HostedLog reading(final int from, final long logId, final long readerId) {
        final HostedLog log = node.find(logId);
        if (log == null) {
            node.refuse(
                    from,
                    readerId,
                    logId,
                    Refusal.NO_SUCH_LOG,
                    "this WAL node serves no log " + NodeDirectory.nameOf(logId));
        }
        return log;
    }
}
