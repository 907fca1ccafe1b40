package dev.firn.server.endpoint;

import com.fasterxml.jackson.databind.JsonNode;
import dev.firn.server.role.RoleStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/** The page for people: {@code status.html} with its placeholders filled in. Immutable. */
final class StatusPage {
    private static final String RESOURCE = "status.html";

    private final String template;

    StatusPage() {
        try (InputStream resource = StatusPage.class.getResourceAsStream(RESOURCE)) {
            template = new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        } catch (final IOException e) {
            throw new UncheckedIOException(RESOURCE + " of the build cannot be read", e);
        }
    }

    String render(final SystemSnapshot snapshot) {
        final String health = StatusDocument.lower(snapshot.health());
        final Map<String, String> values = Map.ofEntries(
                Map.entry("health", health),
                Map.entry("version", escape(snapshot.version())),
                Map.entry("directory", escape(snapshot.directory())),
                Map.entry("pid", String.valueOf(snapshot.pid())),
                Map.entry("started", StatusDocument.time(snapshot.startedEpochNs())),
                Map.entry("uptime", uptime(StatusDocument.uptimeSeconds(snapshot))),
                Map.entry("parts", parts(snapshot)),
                Map.entry("walNodes", QuorumPage.walNodes(snapshot.quorum())),
                Map.entry("timelines", QuorumPage.timelines(snapshot.quorum())),
                Map.entry("roles", roles(snapshot)),
                Map.entry("memory", memory(snapshot)));
        String page = template;
        for (final Map.Entry<String, String> value : values.entrySet()) {
            page = page.replace("{{" + value.getKey() + "}}", value.getValue());
        }
        return page;
    }

    /** What a process may have or not. */
    private static String parts(final SystemSnapshot snapshot) {
        final StringBuilder rows = new StringBuilder();
        if (!snapshot.ring().isEmpty()) {
            rows.append("<tr><th>I/O ring</th><td>")
                    .append(escape(snapshot.ring()))
                    .append(snapshot.direct() ? ", past the page cache" : ", through the page cache")
                    .append("</td></tr>\n");
        }
        if (snapshot.store() != null) {
            rows.append("<tr><th>Object store</th><td><code>")
                    .append(escape(snapshot.store().url()))
                    .append("</code>, ")
                    .append(snapshot.store().state())
                    .append("</td></tr>\n");
        }
        for (final JsonNode compute : snapshot.quorum().computes()) {
            rows.append("<tr><th>Postgres</th><td><code>")
                    .append(escape(compute.path("url").asText("–")))
                    .append("</code>, ")
                    .append(escape(compute.path("state").asText()))
                    .append(", timeline ")
                    .append(escape(compute.path("timeline").asText()))
                    .append("</td></tr>\n");
        }
        return rows.toString();
    }

    private static String roles(final SystemSnapshot snapshot) {
        final StringBuilder rows = new StringBuilder();
        for (final RoleStatus role : snapshot.roles()) {
            final String state =
                    role.serves() ? StatusDocument.lower(role.health()) : StatusDocument.lower(role.phase());
            rows.append("<tr><td>")
                    .append(escape(role.name()))
                    .append("</td><td class=\"whole\"><span class=\"dot ")
                    .append(role.serves() ? StatusDocument.lower(role.health()) : "failed")
                    .append("\"></span>")
                    .append(state)
                    .append("</td><td>")
                    .append(escape(role.detail()))
                    .append("</td><td class=\"whole\">")
                    .append(StatusDocument.time(role.sinceEpochNs()))
                    .append("</td><td class=\"number\">")
                    .append(role.restarts())
                    .append("</td></tr>\n");
        }
        return rows.toString();
    }

    private static String memory(final SystemSnapshot snapshot) {
        final StringBuilder rows = new StringBuilder();
        snapshot.memory()
                .forEach((tag, bytes) -> rows.append("<tr><td>")
                        .append(escape(tag))
                        .append("</td><td class=\"number\">")
                        .append(String.format(Locale.ROOT, "%,d", bytes))
                        .append("</td></tr>\n"));
        if (rows.isEmpty()) {
            rows.append("<tr><td colspan=\"2\">none allocated</td></tr>\n");
        }
        return rows.toString();
    }

    private static String uptime(final long seconds) {
        final Duration duration = Duration.ofSeconds(seconds);
        if (duration.toDays() > 0) {
            return duration.toDays() + " d " + duration.toHoursPart() + " h";
        }
        if (duration.toHours() > 0) {
            return duration.toHours() + " h " + duration.toMinutesPart() + " min";
        }
        return duration.toMinutes() > 0
                ? duration.toMinutes() + " min " + duration.toSecondsPart() + " s"
                : seconds + " s";
    }

    static String escape(final String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("{{", "{ {");
    }
}
