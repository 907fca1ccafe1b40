package dev.firn.server.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.firn.server.CommandException;
import dev.firn.server.home.ControlToken;
import dev.firn.server.home.RunningSystem;
import dev.firn.server.home.UpRecord;
import java.net.HttpURLConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The attachments of a running system, asked over its endpoint. */
final class RunningQuorum {
    /** How often a command looks how far something is. */
    static final Duration POLL = Duration.ofMillis(200);

    /** Past a minute it is left to the system, whose status shows it. */
    private static final int GIVE_UP_POLLS = 300;

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final UpRecord system;
    private final Path directory;

    RunningQuorum(final UpRecord system, final Path directory) {
        this.system = system;
        this.directory = directory.toAbsolutePath().normalize();
    }

    void attach(final String name, final String conninfo) {
        post("attachments", Map.of("name", name, "conninfo", conninfo));
    }

    void detach(final String name, final boolean purge) {
        post("attachments/" + name + "/detach", Map.of("purge", purge));
    }

    /** An attachment that never streamed: returns when the receiver has taken back what it had begun, so that it can be tried again. */
    void giveUp(final String name) throws InterruptedException {
        detach(name, false);
        final CountDownLatch never = new CountDownLatch(1);
        for (int i = 0; i < GIVE_UP_POLLS; i++) {
            if (timeline(name)
                    .filter(found -> found.path("receiver").isObject())
                    .isEmpty()) {
                return;
            }
            never.await(POLL.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void post(final String path, final Map<String, Object> request) {
        final RunningSystem.Answer answer = RunningSystem.post(
                system.process(), system.url(), path, ControlToken.read(directory), Json.pretty(request));
        if (answer.code() != HttpURLConnection.HTTP_ACCEPTED) {
            throw new CommandException(
                    read(answer.body()).path("error").asText("the system answered " + answer.code()));
        }
    }

    /** What the status says of a timeline; empty when there is none of that name. */
    Optional<JsonNode> timeline(final String name) {
        final RunningSystem.Answer answer = RunningSystem.get(system.process(), system.url(), "status");
        for (final JsonNode timeline : read(answer.body()).path("timelines")) {
            if (timeline.path("name").asText().equals(name)) {
                return Optional.of(timeline);
            }
        }
        return Optional.empty();
    }

    /** The Postgres that the system runs itself; empty when it runs none. */
    Optional<JsonNode> ownPostgres() {
        final RunningSystem.Answer answer = RunningSystem.get(system.process(), system.url(), "status");
        final JsonNode computes = read(answer.body()).path("computes");
        return computes.isEmpty() ? Optional.empty() : Optional.of(computes.path(0));
    }

    private JsonNode read(final String body) {
        try {
            return MAPPER.readTree(body);
        } catch (final JsonProcessingException e) {
            throw new CommandException(
                    "process " + system.process().pid() + " answered what is no JSON: look into its log", e);
        }
    }
}
