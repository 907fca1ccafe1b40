package dev.firn.server.endpoint;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.s3tier.store.StoreCounters;
import dev.firn.server.role.RoleStatus;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** The JSON of {@code /status} and {@code /healthz}. The names of its keys are a contract with scripts. */
final class StatusDocument {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private StatusDocument() {}

    static String status(final SystemSnapshot snapshot) {
        final ObjectNode root = MAPPER.createObjectNode();
        root.put("health", lower(snapshot.health()));
        root.put("role", snapshot.role());
        root.put("version", snapshot.version());
        root.put("pid", snapshot.pid());
        root.put("directory", snapshot.directory());
        root.put("url", snapshot.url());
        root.put("startedAt", time(snapshot.startedEpochNs()));
        root.put("uptimeSeconds", uptimeSeconds(snapshot));
        if (!snapshot.ring().isEmpty()) {
            final ObjectNode ring = root.putObject("ring");
            ring.put("description", snapshot.ring());
            ring.put("direct", snapshot.direct());
        }
        snapshot.quorum().walNodes().forEach(root.putArray("walNodes")::add);
        snapshot.quorum().timelines().forEach(root.putArray("timelines")::add);
        snapshot.quorum().pageServers().forEach(root.putArray("pageServers")::add);
        snapshot.quorum().computes().forEach(root.putArray("computes")::add);
        if (snapshot.store() != null) {
            putStore(root.putObject("objectStore"), snapshot.store());
        }
        putRoles(root, snapshot);
        final ArrayNode memory = root.putArray("memory");
        snapshot.memory()
                .forEach((tag, bytes) -> memory.addObject().put("tag", tag).put("bytes", bytes));
        return root.toPrettyString() + "\n";
    }

    static String health(final SystemSnapshot snapshot) {
        final ObjectNode root = MAPPER.createObjectNode();
        root.put("health", lower(snapshot.health()));
        putRoles(root, snapshot);
        return root.toPrettyString() + "\n";
    }

    private static void putStore(final ObjectNode node, final StoreSnapshot store) {
        node.put("url", store.url());
        node.put("description", store.description());
        node.put("state", store.state());
        node.put("detail", store.role().detail());
        final StoreCounters counters = store.counters();
        if (counters != null) {
            node.put("calls", counters.calls());
            node.put("failures", counters.failures());
            node.put("attempts", counters.attempts());
            node.put("retries", counters.retries());
            node.put("bytesSent", counters.bytesSent());
            node.put("bytesReceived", counters.bytesReceived());
        }
    }

    private static void putRoles(final ObjectNode root, final SystemSnapshot snapshot) {
        final ArrayNode roles = root.putArray("roles");
        for (final RoleStatus role : snapshot.roles()) {
            final ObjectNode node = roles.addObject();
            node.put("name", role.name());
            node.put("phase", lower(role.phase()));
            node.put("health", lower(role.health()));
            node.put("detail", role.detail());
            node.put("since", time(role.sinceEpochNs()));
            node.put("restarts", role.restarts());
        }
    }

    static String time(final long epochNs) {
        return TIME.format(Instant.ofEpochSecond(0, epochNs));
    }

    static long uptimeSeconds(final SystemSnapshot snapshot) {
        return TimeUnit.NANOSECONDS.toSeconds(snapshot.nowEpochNs() - snapshot.startedEpochNs());
    }

    /** An enum constant as documents and pages show it: {@code backing-off}. */
    static String lower(final Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
