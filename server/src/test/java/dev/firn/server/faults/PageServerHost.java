package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.pagestore.memory.MemoryTableConfig;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.server.FirnProcess;
import dev.firn.server.config.PageServerConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A host with a page server of its own beside a system that is up: an {@link EagerPageServer}, which takes over whatever the system's
 * own page server has. It may be killed, frozen, robbed of its disk and started again.
 */
final class PageServerHost implements AutoCloseable {
    private static final long POLL_MS = 50;
    private static final long KEPT_FOR_GOOD_SECONDS = TimeUnit.DAYS.toSeconds(7);

    /** What a process says that was paused, or got no processor, for longer than its media driver bears. */
    private static final String GIVEN_UP = " has given this process up: it was silent for too long";

    private static final String NO_STORE = ": create it first";

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path directory;
    private final Path config;
    private final int node;
    private long historySeconds = KEPT_FOR_GOOD_SECONDS;
    private long tableBytes = MemoryTableConfig.MIN_BYTES;
    private FirnProcess life;
    private boolean frozen;
    private boolean isEager = true;

    /**
     * @param system the directory of a system that is up, whose page server has been started once.
     * @param node of those that the system keeps for commands: none is to have it meanwhile.
     */
    PageServerHost(final Path system, final int node) throws IOException {
        this.directory = system.resolve(folder(node));
        this.config = system.resolve(folder(node) + ".json");
        this.node = node;
        final ObjectNode document = (ObjectNode) MAPPER.readTree(
                Files.readString(system.resolve(PageServerConfig.NAME).resolve(PageServerConfig.NAME + ".json")));
        document.put("node", node).put("directory", directory.toString());
        Files.writeString(config, document.toPrettyString());
    }

    static String folder(final int node) {
        return "page-host-" + node;
    }

    int node() {
        return node;
    }

    /** From the next start on, only so much is kept. */
    void keepHistory(final long seconds) {
        historySeconds = seconds;
    }

    /** From the next start on, memory tables are so large: a store that answers late takes few layers a second. */
    void tables(final long bytes) {
        tableBytes = bytes;
    }

    /** Other objects from the next start on. */
    void store(final String url) throws IOException {
        final ObjectNode document = (ObjectNode) MAPPER.readTree(Files.readString(config));
        Files.writeString(config, document.put("store", url).toPrettyString());
    }

    String store() throws IOException {
        return MAPPER.readTree(Files.readString(config)).path("store").asText();
    }

    /** From the next start on it is as large as any page server, and in no more of a hurry. */
    void useUsualSizes() {
        isEager = false;
    }

    void start() throws IOException {
        life = isEager
                ? FirnProcess.start(
                        EagerPageServer.class,
                        config.toString(),
                        Long.toString(historySeconds),
                        Long.toString(tableBytes))
                : FirnProcess.start("run", "page-server", "--config", config.toString());
    }

    /** Ends it as a failure of its host would. */
    void kill() throws IOException, InterruptedException {
        frozen = false;
        life.close();
    }

    /**
     * As whoever supervises it does: on a host as busy as a test's, a media driver gives a process up now and then, and one that is started while
     * the directory of its store is away does not begin.
     */
    private void startAgainIfGivenUp() throws IOException, InterruptedException {
        if (isGivenUp() || (!isAlive() && err().contains(NO_STORE))) {
            System.err.println("started again: " + err());
            life.close();
            start();
        }
    }

    /** Whether it has ended because its media driver heard nothing of it. */
    boolean isGivenUp() {
        return !isAlive() && err().contains(GIVEN_UP);
    }

    /** Stops it in order; its own word of how it went. */
    FirnProcess.Result stop() throws IOException, InterruptedException {
        startAgainIfGivenUp();
        life.signal("TERM");
        return life.awaitEnd();
    }

    void freeze() throws IOException, InterruptedException {
        frozen = true;
        life.signal("STOP");
    }

    void thaw() throws IOException, InterruptedException {
        frozen = false;
        life.signal("CONT");
    }

    boolean isStarted() {
        return life != null;
    }

    boolean isAlive() {
        return life.process().isAlive();
    }

    String err() {
        return life.err();
    }

    /** Whatever it has had on its host is gone. */
    void loseDisk() throws IOException {
        if (Files.exists(directory)) {
            FaultedSystem.delete(directory);
        }
    }

    /** What it says of a timeline; missing while it says nothing. */
    JsonNode timeline(final String name) throws IOException, InterruptedException {
        for (final JsonNode found : status().path("timelines")) {
            if (found.path("name").asText().equals(name)) {
                return found;
            }
        }
        return MissingNode.getInstance();
    }

    JsonNode status() throws IOException, InterruptedException {
        final Path record = directory.resolve("role.json");
        if (!Files.exists(record)) {
            return MissingNode.getInstance();
        }
        try {
            final String url =
                    MAPPER.readTree(Files.readString(record)).path("url").asText();
            return FirnProcess.json(FirnProcess.get(URI.create(url).resolve("status")));
        } catch (final IOException e) {
            // Killed a moment ago, not there yet, or frozen.
            return MissingNode.getInstance();
        }
    }

    /** Waits for a timeline to be as it should. */
    JsonNode await(final String timeline, final Duration limit, final String what, final Predicate<JsonNode> condition)
            throws IOException, InterruptedException {
        final Semaphore never = new Semaphore(0);
        JsonNode found = MissingNode.getInstance();
        for (long i = 0; i < limit.toMillis() / POLL_MS; i++) {
            found = timeline(timeline);
            if (condition.test(found)) {
                return found;
            }
            startAgainIfGivenUp();
            assertThat(frozen || isAlive())
                    .as("the page server goes on: %s", err())
                    .isTrue();
            assertThat(never.tryAcquire(POLL_MS, TimeUnit.MILLISECONDS)).isFalse();
        }
        throw new AssertionError("never " + what + ": " + found.toPrettyString() + "; it said " + err());
    }

    /** Waits until it has ingested a timeline up to an LSN. */
    void awaitApplied(final String timeline, final long lsn, final Duration limit)
            throws IOException, InterruptedException {
        await(timeline, limit, "applied " + Lsn.format(lsn), found -> lsn(found, "appliedLsn") >= lsn);
    }

    /** Waits until so much is in the object store. */
    void awaitUploaded(final String timeline, final long lsn, final Duration limit)
            throws IOException, InterruptedException {
        await(timeline, limit, "uploaded " + Lsn.format(lsn), found -> lsn(found, "uploadedLsn") >= lsn);
    }

    static long lsn(final JsonNode timeline, final String key) {
        return timeline.path(key).isTextual() ? Lsn.parse(timeline.path(key).asText()) : 0;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        if (life != null) {
            if (frozen) {
                thaw();
            }
            final boolean alive = life.process().isAlive();
            if (alive) {
                life.close();
            }
        }
    }
}
