package dev.firn.server.up;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.server.attachment.Attachment;
import dev.firn.server.quorum.QuorumSnapshot;
import dev.firn.server.role.RoleHealth;
import dev.firn.server.role.RoleStatus;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Puts together what roles say of themselves and what their supervisor knows of them. */
final class QuorumView {
    private static final List<String> PAGE_KEYS = List.of("parent", "branchLsn", "appliedLsn", "uploadedLsn", "pages");

    private QuorumView() {}

    /** @param known the node's own last words, if any. */
    static ObjectNode walNode(final int node, final QuorumSnapshot known, final RoleStatus role) {
        final ObjectNode document = known.walNodes().isEmpty()
                ? emptyNode(node)
                : known.walNodes().getFirst().deepCopy();
        document.put("state", state(role));
        document.put("detail", role == null ? "" : role.detail());
        document.put("restarts", role == null ? 0 : role.restarts());
        return document;
    }

    private static ObjectNode emptyNode(final int node) {
        final ObjectNode document = JsonNodeFactory.instance.objectNode();
        document.put("id", node);
        document.put("term", 0);
        document.putNull("flushLsn");
        document.putArray("logs");
        return document;
    }

    /** In one word. @param role null for one that is not run. */
    static String state(final RoleStatus role) {
        if (role == null || role.phase() == RoleStatus.Phase.STOPPED) {
            return "down";
        }
        return switch (role.phase()) {
            case STARTING -> role.restarts() == 0 ? "starting" : "restarting";
            case RUNNING -> role.health() == RoleHealth.State.STALLED ? "stalled" : "up";
            case BACKING_OFF -> "restarting";
            case GIVEN_UP, STOPPED -> "down";
        };
    }

    /** The timelines whose logs the nodes have, by name. */
    static Map<String, JsonNode> timelines(final List<JsonNode> nodes) {
        final Map<String, JsonNode> timelines = new TreeMap<>();
        for (final JsonNode node : nodes) {
            for (final JsonNode log : node.path("logs")) {
                final String name = log.path("timeline").asText();
                if (!name.isEmpty()) {
                    final ObjectNode timeline = (ObjectNode) timelines.computeIfAbsent(name, QuorumView::emptyTimeline);
                    raise(timeline, "commitLsn", log.path("commitLsn"));
                    raise(timeline, "archivedLsn", log.path("archivedLsn"));
                }
            }
        }
        return timelines;
    }

    private static ObjectNode emptyTimeline(final String name) {
        final ObjectNode timeline = JsonNodeFactory.instance.objectNode();
        timeline.put("name", name);
        // What the page server fills, and what the lake will.
        timeline.putNull("parent");
        timeline.putNull("branchLsn");
        timeline.putNull("commitLsn");
        timeline.putNull("appliedLsn");
        timeline.putNull("uploadedLsn");
        timeline.putNull("publishedLsn");
        timeline.putNull("archivedLsn");
        timeline.putNull("pages");
        timeline.putNull("receiver");
        return timeline;
    }

    /** Adds what a page server says of the timelines that it has; branches are known to it alone. */
    static void addPages(final Map<String, JsonNode> timelines, final QuorumSnapshot known) {
        for (final JsonNode told : known.timelines()) {
            final String name = told.path("name").asText();
            final ObjectNode timeline = (ObjectNode) timelines.computeIfAbsent(name, QuorumView::emptyTimeline);
            for (final String key : PAGE_KEYS) {
                timeline.set(key, told.path(key));
            }
        }
    }

    private static void raise(final ObjectNode timeline, final String key, final JsonNode lsn) {
        if (lsn.isTextual()
                && (!timeline.path(key).isTextual()
                        || Lsn.parse(timeline.path(key).asText()) < Lsn.parse(lsn.asText()))) {
            timeline.set(key, lsn);
        }
    }

    /**
     * @param ofNodes what the WAL nodes have of it; null for nothing.
     * @param known the receiver's own last words, if any.
     */
    static ObjectNode timeline(
            final String name,
            final ObjectNode ofNodes,
            final QuorumSnapshot known,
            final Attachment attachment,
            final String problem,
            final RoleStatus role) {
        final ObjectNode timeline = ofNodes == null ? emptyTimeline(name) : ofNodes;
        final JsonNode own =
                known.timelines().isEmpty() ? null : known.timelines().getFirst();
        final ObjectNode receiver = own != null && own.path("receiver").isObject()
                ? own.path("receiver").deepCopy()
                : JsonNodeFactory.instance.objectNode();
        if (own != null) {
            raise(timeline, "commitLsn", own.path("commitLsn"));
        }
        receiver.put("node", attachment.node());
        if (attachment.wish() != Attachment.Wish.FOLLOW) {
            receiver.put("state", "detaching");
            receiver.put("lastError", problem);
        } else if (role == null || !role.serves()) {
            receiver.put("state", state(role));
            if (role != null && !role.detail().isEmpty()) {
                receiver.put("lastError", role.detail());
            }
        }
        receiver.put("restarts", role == null ? 0 : role.restarts());
        timeline.set("receiver", receiver);
        return timeline;
    }
}
