package dev.firn.walquorum.stream;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.nativeio.network.MessageHandler;
import dev.firn.nativeio.seam.Clock;
import dev.firn.walquorum.wire.LogDescription;
import dev.firn.walquorum.wire.QuorumMessageHandler;
import dev.firn.walquorum.wire.QuorumMessageReader;
import dev.firn.walquorum.wire.QuorumMessageWriter;
import dev.firn.walquorum.wire.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.agrona.DirectBuffer;

/**
 * Has a log removed from its nodes, with all that it holds. For a log that nobody writes to any more.
 *
 * <p>Belongs to one agent's thread, or to one that calls {@link #doWork} until it is done.
 */
public final class LogRemoval {
    private static final int MESSAGES_A_POLL = 64;

    private static final class Node {
        private final int id;
        private final long requestId;
        private long acceptorId;
        private boolean isGone;
        private String refusal;

        private Node(final int id, final long requestId) {
            this.id = id;
            this.requestId = requestId;
        }
    }

    private final Endpoint endpoint;
    private final long logId;
    private final Clock clock;
    private final long retryNs;
    private final List<Node> nodes = new ArrayList<>();
    private final QuorumMessageReader reader = new QuorumMessageReader();
    private final QuorumMessageWriter messages = new QuorumMessageWriter();
    private final Answers answers = new Answers();
    private final MessageHandler messageHandler = this::onMessage;
    private long askedNs;

    public LogRemoval(
            final Endpoint endpoint,
            final long logId,
            final Set<Integer> nodeIds,
            final WriterConfig config,
            final Clock clock,
            final RandomGenerator random) {
        this.endpoint = endpoint;
        this.logId = logId;
        this.clock = clock;
        this.retryNs = config.askRetryNs();
        this.askedNs = clock.nanoTime() - retryNs;
        new TreeSet<>(nodeIds).forEach(id -> nodes.add(new Node(id, random.nextLong(1, Long.MAX_VALUE))));
    }

    public int doWork() {
        int work = endpoint.poll(messageHandler, MESSAGES_A_POLL);
        final long nowNs = clock.nanoTime();
        if (nowNs - askedNs >= retryNs) {
            askedNs = nowNs;
            for (final Node node : nodes) {
                if (!node.isGone) {
                    ask(node);
                    work++;
                }
            }
        }
        return work;
    }

    private void ask(final Node node) {
        final int length = node.acceptorId == 0
                ? messages.describeLog(node.requestId, logId)
                : messages.deleteLog(node.requestId, logId, node.acceptorId);
        endpoint.send(node.id, messages.buffer(), 0, length);
    }

    /** No node has it any more. */
    public boolean isDone() {
        return nodes.stream().allMatch(node -> node.isGone);
    }

    /** The nodes that have it still, or do not say; with what they said, where they did. */
    public List<String> left() {
        return nodes.stream()
                .filter(node -> !node.isGone)
                .map(node -> node.id + (node.refusal == null ? "" : " (" + node.refusal + ")"))
                .toList();
    }

    private void onMessage(final int from, final DirectBuffer buffer, final int offset, final int length) {
        reader.read(from, buffer, offset, length, answers);
    }

    private final class Answers implements QuorumMessageHandler {
        @Override
        public void onLogDescription(final int from, final long requestId, final LogDescription description) {
            for (final Node node : nodes) {
                if (node.id == from
                        && node.requestId == requestId
                        && description.spec().logId() == logId) {
                    node.isGone = !description.isThere();
                    if (description.isThere() && node.acceptorId != description.acceptorId()) {
                        node.acceptorId = description.acceptorId();
                        ask(node);
                    }
                }
            }
        }

        @Override
        public void onRefused(
                final int from,
                final long requestId,
                final long itsLogId,
                final Refusal refusal,
                final String sentence) {
            for (final Node node : nodes) {
                if (node.id == from && node.requestId == requestId) {
                    node.isGone = refusal == Refusal.NO_SUCH_LOG;
                    node.refusal = sentence;
                }
            }
        }
    }
}
