package dev.firn.server.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.server.quorum.QuorumSnapshot;
import java.util.Locale;

/** The rows of the status page that are about WAL nodes and timelines. */
final class QuorumPage {
    private QuorumPage() {}

    static String walNodes(final QuorumSnapshot quorum) {
        final StringBuilder rows = new StringBuilder();
        for (final JsonNode node : quorum.walNodes()) {
            final String state = node.path("state").asText();
            rows.append("<tr><td>").append(text(node.path("id"))).append("</td>");
            state(rows, state, state.equals("up"));
            cell(rows, node.path("term").asText());
            cell(rows, node.path("flushLsn").asText("–"));
            cell(rows, node.path("logs").size() + "");
            cell(rows, latency(node.path("flushLatency")));
            cell(rows, node.path("detail").asText(""));
            rows.append("</tr>\n");
        }
        return rows.isEmpty() ? "<tr><td colspan=\"7\">none</td></tr>\n" : rows.toString();
    }

    static String timelines(final QuorumSnapshot quorum) {
        final StringBuilder rows = new StringBuilder();
        for (final JsonNode timeline : quorum.timelines()) {
            final JsonNode receiver = timeline.path("receiver");
            final String state = receiver.path("state").asText("detached");
            rows.append("<tr><td>").append(text(timeline.path("name"))).append("</td>");
            state(rows, state, state.equals("streaming"));
            cell(rows, timeline.path("commitLsn").asText("–"));
            cell(rows, timeline.path("archivedLsn").asText("–"));
            cell(
                    rows,
                    receiver.isObject()
                            ? String.format(
                                    Locale.ROOT,
                                    "%,d",
                                    receiver.path("lagBytes").asLong())
                            : "–");
            cell(rows, receiver.path("reconnects").asText("–"));
            cell(rows, receiver.path("lastError").asText(""));
            rows.append("</tr>\n");
        }
        return rows.isEmpty()
                ? "<tr><td colspan=\"7\">none: ./firn attach CONNINFO follows a running Postgres</td></tr>\n"
                : rows.toString();
    }

    private static String latency(final JsonNode latency) {
        return latency.isObject() && latency.path("count").asLong() > 0
                ? String.format(
                        Locale.ROOT,
                        "%.2f / %.2f ms",
                        latency.path("p50Us").asDouble() / 1e3,
                        latency.path("p99Us").asDouble() / 1e3)
                : "–";
    }

    private static void state(final StringBuilder rows, final String state, final boolean good) {
        rows.append("<td class=\"whole\"><span class=\"dot ")
                .append(good ? "healthy" : "failed")
                .append("\"></span>")
                .append(StatusPage.escape(state))
                .append("</td>");
    }

    private static void cell(final StringBuilder rows, final String text) {
        rows.append("<td>").append(StatusPage.escape(text)).append("</td>");
    }

    private static String text(final JsonNode node) {
        return StatusPage.escape(node.asText());
    }
}
