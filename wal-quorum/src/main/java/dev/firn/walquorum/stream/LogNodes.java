package dev.firn.walquorum.stream;

import dev.firn.nativeio.network.Endpoint;
import dev.firn.walquorum.term.Membership;
import dev.firn.walquorum.wire.LogDescription;
import dev.firn.walquorum.wire.LogSpec;
import dev.firn.walquorum.wire.QuorumMessageWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/** Asks the configured nodes what they have of a log, or to make it, and remembers what they say. */
final class LogNodes {
    private final Endpoint endpoint;
    private final LogSpec spec;
    private final QuorumMessageWriter messages;
    private final RandomGenerator random;
    private final List<LogNode> nodes = new ArrayList<>();

    LogNodes(
            final Endpoint endpoint,
            final LogSpec spec,
            final Set<Integer> nodeIds,
            final QuorumMessageWriter messages,
            final RandomGenerator random) {
        this.endpoint = endpoint;
        this.spec = spec;
        this.messages = messages;
        this.random = random;
        new TreeSet<>(nodeIds).forEach(id -> nodes.add(new LogNode(id)));
    }

    List<LogNode> all() {
        return nodes;
    }

    /** Null when it is not configured. */
    LogNode find(final int id) {
        for (int i = 0; i < nodes.size(); i++) {
            if (nodes.get(i).id == id) {
                return nodes.get(i);
            }
        }
        return null;
    }

    /** Asks what it has, or again what it has not answered. */
    void describe(final LogNode node, final long nowNs) {
        ask(node, false, nowNs);
    }

    /** Asks it to make the log. */
    void create(final LogNode node, final long nowNs) {
        ask(node, true, nowNs);
    }

    private void ask(final LogNode node, final boolean isCreation, final long nowNs) {
        if (node.requestId == 0 || node.isCreation != isCreation) {
            node.requestId = random.nextLong(1, Long.MAX_VALUE);
            node.isCreation = isCreation;
        }
        node.askedNs = nowNs;
        final int length = isCreation
                ? messages.createLog(node.requestId, spec)
                : messages.describeLog(node.requestId, spec.logId());
        endpoint.send(node.id, messages.buffer(), 0, length);
    }

    /** Asks again all that have not answered what they were asked, when it was so long ago. */
    int askAgain(final boolean isCreation, final long intervalNs, final long nowNs) {
        int asked = 0;
        for (int i = 0; i < nodes.size(); i++) {
            final LogNode node = nodes.get(i);
            final boolean isAnswered = node.description != null && (node.description.isThere() || !isCreation);
            if (!isAnswered && nowNs - node.askedNs >= intervalNs) {
                ask(node, isCreation, nowNs);
                asked++;
            }
        }
        return asked;
    }

    /** Forgets what they said, for it may have changed. */
    void forget() {
        for (final LogNode node : nodes) {
            node.description = null;
            node.requestId = 0;
            node.refusal = null;
        }
    }

    /**
     * An answer, or a hint that nobody asked for, which is only reason to ask: it may be old.
     *
     * @return whether it was the answer to what was asked last.
     */
    boolean onDescription(
            final LogNode node, final long requestId, final LogDescription description, final long nowNs) {
        if (requestId != node.requestId || requestId == 0) {
            if (requestId == 0
                    && node.requestId == 0
                    && (node.isInDoubt || description.acceptorId() != node.acceptorId())) {
                describe(node, nowNs);
            }
            return false;
        }
        node.requestId = 0;
        node.isInDoubt = false;
        node.refusal = null;
        node.description = description;
        return true;
    }

    int thereCount() {
        int count = 0;
        for (final LogNode node : nodes) {
            if (node.acceptorId() != 0) {
                count++;
            }
        }
        return count;
    }

    int answeredCount() {
        int count = 0;
        for (final LogNode node : nodes) {
            if (node.description != null) {
                count++;
            }
        }
        return count;
    }

    /** Of the highest generation that any of them took on. */
    Membership newestMembership() {
        Membership newest = Membership.NONE;
        for (final LogNode node : nodes) {
            if (node.acceptorId() != 0 && node.description.membership().generation() > newest.generation()) {
                newest = node.description.membership();
            }
        }
        return newest;
    }

    long highestTerm() {
        long highest = 0;
        for (final LogNode node : nodes) {
            if (node.description != null) {
                highest = Math.max(highest, node.description.promisedTerm());
            }
        }
        return highest;
    }

    List<Long> acceptorIds() {
        return nodes.stream().map(LogNode::acceptorId).filter(id -> id != 0).toList();
    }
}
