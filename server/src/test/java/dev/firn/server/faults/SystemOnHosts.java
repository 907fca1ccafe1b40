package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A deployment as docs/operations.md has it: three hosts with a media driver and a WAL node each, one with a receiver, each role from
 * a configuration file of its own.
 */
final class SystemOnHosts implements AutoCloseable {
    /** Hosts of WAL nodes, by number; a WAL node's id is its host's. */
    static final List<Integer> WAL_HOSTS = List.of(1, 2, 3);

    static final int RECEIVER_HOST = 9;

    private static final int RECEIVER = 16;
    private static final int FETCH = 40;
    private static final int ARCHIVERS = 10;
    private static final int HTTP_PORT = 7480;
    private static final long POLL_MS = 200;
    private static final String TOKEN = "0123456789abcdef0123456789abcdef";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final HostNetwork network;
    private final Path folder;
    private final List<RoleOnHost> roles = new ArrayList<>();
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    private SystemOnHosts(final HostNetwork network, final Path folder) {
        this.network = network;
        this.folder = folder;
    }

    /** Starts all of it; the receiver takes its base backup by itself, once there is a {@linkplain #makeStore store}. */
    static SystemOnHosts follow(final FollowedPostgres postgres, final HostNetwork network, final Path folder)
            throws Exception {
        Files.createDirectories(folder);
        final SystemOnHosts system = new SystemOnHosts(network, folder);
        boolean isStarted = false;
        try {
            system.secret("secret", "a secret of more than thirty-two bytes, for a test");
            system.secret("token", TOKEN);
            // A socket of the file system, which all hosts of this machine share.
            system.secret(
                    "primary.conninfo",
                    "host=" + postgres.server().socketDirectory() + " port="
                            + postgres.server().port() + " user=postgres");
            for (final int host : WAL_HOSTS) {
                system.startDriver(host);
                system.startWalNode(host);
            }
            system.startReceiver();
            isStarted = true;
            return system;
        } finally {
            if (!isStarted) {
                system.close();
            }
        }
    }

    /** Makes the object store that all roles share. */
    void makeStore() throws IOException {
        Files.createDirectory(folder.resolve("objects"));
    }

    private void secret(final String name, final String content) throws IOException {
        final Path file = Files.createFile(
                folder.resolve(name),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, content + "\n");
    }

    private ObjectNode config() {
        final ObjectNode config = MAPPER.createObjectNode();
        config.put("cluster", "hosts");
        return config;
    }

    private ObjectNode nodeConfig(final int node) {
        final ObjectNode config = config();
        config.put("node", node);
        final ObjectNode nodes = config.putObject("nodes");
        WAL_HOSTS.forEach(host -> {
            nodes.put(String.valueOf(host), network.address(host) + ":7400");
            nodes.put(String.valueOf(ARCHIVERS + host), network.address(host) + ":7401");
        });
        nodes.put(String.valueOf(RECEIVER), network.address(RECEIVER_HOST) + ":7400");
        nodes.put(String.valueOf(FETCH), network.address(RECEIVER_HOST) + ":7440");
        WAL_HOSTS.forEach(config.putArray("walNodes")::add);
        config.put("secretFile", "secret");
        config.put("store", folder.resolve("objects").toUri().toString());
        return config;
    }

    private void startDriver(final int host) throws IOException {
        final ObjectNode config = config();
        config.put("directory", "driver-" + host);
        config.put("profile", "power-saving");
        start("media-driver", host, config);
    }

    private void startWalNode(final int host) throws IOException {
        final ObjectNode config = nodeConfig(host);
        config.put("directory", "wal-node-" + host);
        config.put("archiverNode", ARCHIVERS + host);
        config.put("mediaDriver", "driver-" + host);
        config.put("http", network.address(host) + ":" + HTTP_PORT);
        config.put("httpTokenFile", "token");
        start("wal-node", host, config);
    }

    private void startReceiver() throws IOException {
        final ObjectNode config = nodeConfig(RECEIVER);
        config.put("directory", "receiver");
        config.put("profile", "power-saving");
        config.put("timeline", "main");
        config.put("connInfoFile", "primary.conninfo");
        config.put("http", network.address(RECEIVER_HOST) + ":" + HTTP_PORT);
        config.put("httpTokenFile", "token");
        start("receiver", RECEIVER_HOST, config);
    }

    private void start(final String role, final int host, final ObjectNode config) throws IOException {
        final Path file = folder.resolve(role + "-" + host + ".json");
        Files.writeString(file, config.toPrettyString());
        roles.add(new RoleOnHost(role + "-" + host, network.on(host), role, file.toString()));
    }

    /** The options of the commands that fetch; they run {@linkplain HostNetwork#on on} the receiver's host. */
    List<String> fetchOptions() throws IOException {
        final ObjectNode config = nodeConfig(FETCH);
        config.put("profile", "power-saving");
        final Path file = folder.resolve("fetch.json");
        Files.writeString(file, config.toPrettyString());
        return List.of("--config", file.toString());
    }

    RoleOnHost role(final String name) {
        return roles.stream()
                .filter(role -> role.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** A role's status; null when it does not answer. */
    JsonNode status(final int host) throws InterruptedException {
        try {
            final HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(URI.create("http://" + network.address(host) + ":" + HTTP_PORT + "/status"))
                            .header("Authorization", "Bearer " + TOKEN)
                            .timeout(Duration.ofSeconds(5))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            return MAPPER.readTree(answer.body());
        } catch (final IOException e) {
            // It is not up, or not to be reached.
            return null;
        }
    }

    /** Waits until all WAL nodes and the receiver say so in their status, and serve all the same. */
    void awaitTrouble(final String sentence, final Duration limit) throws InterruptedException {
        final Semaphore never = new Semaphore(0);
        final List<Integer> hosts = new ArrayList<>(WAL_HOSTS);
        hosts.add(RECEIVER_HOST);
        for (long i = 0; i < limit.toMillis() / POLL_MS; i++) {
            for (final int host : List.copyOf(hosts)) {
                final JsonNode status = status(host);
                if (status != null
                        && status.path("roles").path(0).path("detail").asText().contains(sentence)) {
                    assertThat(status.path("health").asText()).isEqualTo("degraded");
                    hosts.remove((Integer) host);
                }
            }
            if (hosts.isEmpty()) {
                return;
            }
            assertThat(never.tryAcquire(POLL_MS, TimeUnit.MILLISECONDS)).isFalse();
        }
        throw new AssertionError("hosts " + hosts + " do not say: " + sentence);
    }

    /** Waits until the receiver streams, to all nodes if all are wanted. */
    void awaitStreaming(final boolean isToAll, final Duration limit, final String when) throws InterruptedException {
        final Semaphore never = new Semaphore(0);
        JsonNode status = null;
        for (long i = 0; i < limit.toMillis() / POLL_MS; i++) {
            status = status(RECEIVER_HOST);
            if (status != null && isStreaming(status.path("timelines").path(0).path("receiver"), isToAll)) {
                return;
            }
            assertThat(never.tryAcquire(POLL_MS, TimeUnit.MILLISECONDS)).isFalse();
        }
        throw new AssertionError("the receiver does not stream " + when + ": "
                + (status == null ? "no answer" : status.toPrettyString()));
    }

    private static boolean isStreaming(final JsonNode receiver, final boolean isToAll) {
        if (!receiver.path("state").asText().equals("streaming")) {
            return false;
        }
        int following = 0;
        for (final JsonNode acceptor : receiver.path("acceptors")) {
            following += acceptor.path("following").asBoolean()
                            && acceptor.path("lagBytes").asLong() <= FaultedSystem.MAX_LAG_BYTES
                    ? 1
                    : 0;
        }
        return following >= (isToAll ? WAL_HOSTS.size() : 2);
    }

    String words() {
        return roles.stream().map(RoleOnHost::words).collect(Collectors.joining("\n"));
    }

    Map<String, Integer> starts() {
        return roles.stream().collect(Collectors.toMap(RoleOnHost::name, RoleOnHost::starts));
    }

    @Override
    public void close() throws InterruptedException {
        for (final RoleOnHost role : roles.reversed()) {
            role.close();
        }
        client.close();
    }
}
