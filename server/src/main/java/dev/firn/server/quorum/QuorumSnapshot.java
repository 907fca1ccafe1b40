package dev.firn.server.quorum;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * The quorum at one moment: a document for each WAL node and each timeline, as the roles themselves tell it, in this process or
 * in one of their own. Page, status and metrics are made of these documents, so that all three say the same wherever a role runs.
 *
 * @param walNodes by id; the keys are those of {@code walNodes} in {@code firn status}.
 * @param timelines by name; the keys are those of {@code timelines}.
 * @param pageServers what page servers say of themselves, as no timeline's affair; the keys are those of {@code pageServers}.
 * @param computes the Postgres servers that the system runs itself; the keys are those of {@code computes}.
 */
public record QuorumSnapshot(
        List<JsonNode> walNodes, List<JsonNode> timelines, List<JsonNode> pageServers, List<JsonNode> computes) {
    public static final QuorumSnapshot NONE = new QuorumSnapshot(List.of(), List.of());

    /** Of a role that is no page server, and runs no Postgres. */
    public QuorumSnapshot(final List<JsonNode> walNodes, final List<JsonNode> timelines) {
        this(walNodes, timelines, List.of(), List.of());
    }

    public QuorumSnapshot {
        walNodes = List.copyOf(walNodes);
        timelines = List.copyOf(timelines);
        pageServers = List.copyOf(pageServers);
        computes = List.copyOf(computes);
    }
}
