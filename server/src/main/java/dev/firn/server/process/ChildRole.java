package dev.firn.server.process;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.nativeio.seam.Clock;
import dev.firn.server.CommandException;
import dev.firn.server.home.PrivateText;
import dev.firn.server.home.ProcessIdentity;
import dev.firn.server.home.RoleRecord;
import dev.firn.server.home.RunningSystem;
import dev.firn.server.quorum.QuorumRole;
import dev.firn.server.quorum.QuorumSnapshot;
import dev.firn.server.role.RoleHealth;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A role in a process of its own, as its supervisor has it: started with a configuration, ready when its endpoint says so, asked
 * for its status twice a second, and ended by SIGTERM, then SIGKILL.
 */
public final class ChildRole implements QuorumRole {
    private static final Logger LOG = LoggerFactory.getLogger("process");

    /** How often the child is asked how it is. */
    private static final long WATCH_INTERVAL_MS = 500;

    /** A child that has not answered for so long is shown as stalled. */
    private static final Duration SILENCE = Duration.ofSeconds(5);

    /** One that has not for so long is ended, and another started: it hangs, or was stopped and forgotten. */
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(30);

    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(7);
    private static final Duration KILL_LIMIT = Duration.ofSeconds(3);
    private static final long POLL_MS = 25;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final ChildSpec spec;
    private final Clock clock;
    private final CountDownLatch stopRequested = new CountDownLatch(1);
    private Process process;
    private LogFile log;
    private Thread watcher;
    private volatile long answeredNs;
    private volatile RoleHealth reported = RoleHealth.healthy("");
    private volatile QuorumSnapshot quorum = QuorumSnapshot.NONE;
    private volatile String end;

    public ChildRole(final ChildSpec spec, final Clock clock) {
        this.spec = spec;
        this.clock = clock;
    }

    @Override
    public void start() throws InterruptedException {
        endStale();
        final Path config = spec.directory().resolve(spec.role() + ".json");
        PrivateText.createFolder(spec.directory());
        PrivateText.replace(config, spec.config().get());
        log = LogFile.in(spec.system(), spec.name());
        try {
            process = new ProcessBuilder(JavaCommand.withHeap(
                            spec.heap(), List.of("run", spec.role(), "--config", config.toString(), "--supervised")))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.path().toFile()))
                    .start();
        } catch (final IOException e) {
            throw new CommandException("its process could not be started: " + e.getMessage(), e);
        }
        final RoleRecord found = awaitReady();
        answeredNs = clock.nanoTime();
        watcher = new Thread(() -> watch(found), "firn-watch-" + spec.name());
        watcher.setDaemon(true);
        watcher.start();
    }

    /** A process of an earlier system on this directory, which did not notice that its parent died. */
    private void endStale() throws InterruptedException {
        final Optional<ProcessIdentity> stale =
                RoleRecord.read(spec.directory()).map(RoleRecord::process).filter(ProcessIdentity::alive);
        if (stale.isEmpty()) {
            return;
        }
        final long deadlineNs = clock.nanoTime() + KILL_LIMIT.toNanos();
        final ProcessHandle handle = ProcessHandle.of(stale.get().pid()).orElse(null);
        LOG.info(
                "{} of an earlier start still runs as process {}, and is ended",
                spec.name(),
                stale.get().pid());
        while (handle != null && stale.get().alive()) {
            handle.destroyForcibly();
            if (clock.nanoTime() - deadlineNs > 0) {
                throw new CommandException(
                        "process " + stale.get().pid() + " of an earlier start holds " + spec.directory()
                                + " and cannot be ended: kill -9 " + stale.get().pid());
            }
            stopRequested.await(POLL_MS, TimeUnit.MILLISECONDS);
        }
    }

    private RoleRecord awaitReady() throws InterruptedException {
        final long deadlineNs = clock.nanoTime() + START_LIMIT.toNanos();
        while (!process.waitFor(POLL_MS, TimeUnit.MILLISECONDS)) {
            final Optional<RoleRecord> found = RoleRecord.read(spec.directory())
                    .filter(role -> role.process().pid() == process.pid());
            if (found.isPresent() && isReady(found.get())) {
                return found.get();
            }
            if (clock.nanoTime() - deadlineNs > 0) {
                throw new CommandException("its process " + process.pid() + " was not ready after "
                        + START_LIMIT.toSeconds() + " s: its log is " + log.path());
            }
        }
        throw new CommandException(sentenceOfEnd());
    }

    private boolean isReady(final RoleRecord found) {
        try {
            return take(found);
        } catch (final CommandException e) {
            // It has the port, and does not answer yet.
            return false;
        }
    }

    private void watch(final RoleRecord found) {
        try {
            while (!process.waitFor(WATCH_INTERVAL_MS, TimeUnit.MILLISECONDS) && stopRequested.getCount() > 0) {
                try {
                    take(found);
                } catch (final CommandException e) {
                    LOG.debug("{}: {}", spec.name(), e.getMessage());
                }
            }
            if (!process.isAlive()) {
                end = sentenceOfEnd();
            }
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Asks the child, and remembers what it said; false while it starts. */
    private boolean take(final RoleRecord found) {
        final RunningSystem.Answer answer = RunningSystem.get(found.process(), found.url(), "status");
        if (answer.code() != HttpURLConnection.HTTP_OK) {
            throw new CommandException("process " + process.pid() + " answered " + answer.code());
        }
        try {
            final JsonNode status = MAPPER.readTree(answer.body());
            final JsonNode role = status.path("roles").path(0);
            if (role.path("phase").asText().equals("starting")) {
                return false;
            }
            final String detail = role.path("detail").asText();
            reported = switch (role.path("health").asText()) {
                case "healthy" -> RoleHealth.healthy(detail);
                case "degraded" -> RoleHealth.degraded(detail);
                default -> RoleHealth.stalled(detail);
            };
            quorum = new QuorumSnapshot(
                    all(status.path("walNodes"), found, node -> node),
                    all(status.path("timelines"), found, timeline -> timeline.path("receiver")),
                    all(status.path("pageServers"), found, server -> server),
                    List.of());
            answeredNs = clock.nanoTime();
            return true;
        } catch (final JsonProcessingException e) {
            throw new CommandException("process " + process.pid() + " answered what is no JSON", e);
        }
    }

    /** The documents, with where their process is. */
    private static List<JsonNode> all(
            final JsonNode array, final RoleRecord found, final UnaryOperator<JsonNode> partOf) {
        final List<JsonNode> nodes = new ArrayList<>();
        for (final JsonNode node : array) {
            if (partOf.apply(node) instanceof final ObjectNode part) {
                part.put("pid", found.process().pid());
                part.put("url", found.url());
            }
            nodes.add(node);
        }
        return nodes;
    }

    private String sentenceOfEnd() {
        return log.lastError()
                .orElse("its process " + process.pid() + " ended with code " + process.exitValue() + ": its log is "
                        + log.path());
    }

    @Override
    public RoleHealth health() {
        if (!process.isAlive()) {
            final String sentence = end;
            return RoleHealth.failed(sentence == null ? "its process " + process.pid() + " ended" : sentence);
        }
        final long silentNs = clock.nanoTime() - answeredNs;
        if (silentNs > LONGEST_SILENCE.toNanos()) {
            return RoleHealth.failed(
                    "process " + process.pid() + " has not answered for " + LONGEST_SILENCE.toSeconds() + " s");
        }
        if (silentNs > SILENCE.toNanos()) {
            return RoleHealth.stalled(
                    "process " + process.pid() + " has not answered for over " + SILENCE.toSeconds() + " s");
        }
        return reported;
    }

    @Override
    public QuorumSnapshot quorum() {
        return quorum;
    }

    @Override
    public void stop() {
        stopRequested.countDown();
        if (process == null) {
            return;
        }
        try {
            process.destroy();
            if (!process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("{} did not stop within {} s, and is killed", spec.name(), STOP_LIMIT.toSeconds());
                process.destroyForcibly();
                process.waitFor(KILL_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (final InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
