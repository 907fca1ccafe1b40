package dev.firn.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.firn.server.FirnProcess;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** {@code firn up} on one machine, with processes that can be killed, frozen and robbed of their disk. */
final class FaultedSystem implements AutoCloseable {
    private static final long POLL_MS = 100;
    private static final long END_LIMIT_MS = 20_000;
    private static final int WAL_NODES = 3;

    /** What is on its way while clients go on is no lag. */
    static final long MAX_LAG_BYTES = 64 << 10;

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path dir;
    private final List<FirnProcess> lives = new ArrayList<>();
    private final Set<Long> frozen = new HashSet<>();
    private final Set<Long> killed = new HashSet<>();
    private URI root;

    private final List<String> options;

    private FaultedSystem(final Path dir, final String... options) {
        this.dir = dir;
        this.options = List.of(options);
    }

    /** Starts a system, attaches the Postgres, and makes its commits wait. */
    static FaultedSystem follow(final FollowedPostgres postgres, final Path dir) throws Exception {
        final FaultedSystem system = attach(postgres, dir);
        postgres.makeCommitsWait();
        return system;
    }

    /**
     * Starts a system, and attaches the Postgres.
     *
     * @param options of {@code up}, besides the directory.
     */
    static FaultedSystem attach(final FollowedPostgres postgres, final Path dir, final String... options)
            throws Exception {
        final FaultedSystem system = new FaultedSystem(dir, options);
        boolean isFollowing = false;
        try {
            system.start();
            final FirnProcess.Result attached = FirnProcess.run("attach", postgres.conninfo(), "--dir", dir.toString());
            assertThat(attached.exitCode()).as(attached.err()).isZero();
            isFollowing = true;
            return system;
        } finally {
            if (!isFollowing) {
                system.close();
            }
        }
    }

    Path dir() {
        return dir;
    }

    URI root() {
        return root;
    }

    void start() throws IOException, InterruptedException {
        final List<String> command = new ArrayList<>(List.of("up", "--no-postgres", "--dir", dir.toString()));
        command.addAll(options);
        final FirnProcess life = FirnProcess.start(command.toArray(String[]::new));
        lives.add(life);
        root = life.awaitUp();
    }

    /** Kills the supervisor; its children end by themselves, unless they are frozen. */
    void killSupervisor() throws InterruptedException {
        lives.getLast().process().destroyForcibly().waitFor();
    }

    void freezeSupervisor() throws IOException, InterruptedException {
        signal("STOP", lives.getLast().process().pid());
    }

    void thawSupervisor() throws IOException, InterruptedException {
        signal("CONT", lives.getLast().process().pid());
    }

    /** Whether a part has a process to be named. */
    boolean isThere(final Part part) {
        return Files.exists(dir.resolve(part.folder()).resolve("role.json"));
    }

    long pid(final Part part) throws IOException {
        return MAPPER.readTree(Files.readString(dir.resolve(part.folder()).resolve("role.json")))
                .get("pid")
                .asLong();
    }

    /** Ends a process as a failure of its host would. */
    void kill(final Part part) throws IOException {
        final long pid = pid(part);
        killed.add(pid);
        ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
    }

    /** The same to one that was ended before: it is waited for until it is there again. */
    void killAgain(final Part part, final Duration limit) throws IOException, InterruptedException {
        final Semaphore never = new Semaphore(0);
        for (long leftMs = limit.toMillis(); leftMs > 0; leftMs -= POLL_MS) {
            if (!killed.contains(pid(part))) {
                kill(part);
                return;
            }
            assertThat(never.tryAcquire(POLL_MS, TimeUnit.MILLISECONDS)).isFalse();
        }
        throw new AssertionError("the " + part + " is not started again");
    }

    /** @return what {@link #thaw} wants. */
    long freeze(final Part part) throws IOException, InterruptedException {
        final long pid = pid(part);
        signal("STOP", pid);
        frozen.add(pid);
        return pid;
    }

    /** Lets a process go on, if nobody has ended it meanwhile. */
    void thaw(final long pid) throws IOException, InterruptedException {
        signal("CONT", pid);
        frozen.remove(pid);
    }

    /** A process may be gone, so nothing is asserted of it. */
    private static void signal(final String name, final long pid) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, String.valueOf(pid))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }

    /** Loses a node's disk: the node is killed, its directory is gone when the supervisor starts it again. */
    void wipe(final int node) throws IOException, InterruptedException {
        freezeSupervisor();
        try {
            final long pid = pid(Part.walNode(node));
            kill(Part.walNode(node));
            awaitDead(pid);
            delete(dir.resolve(Part.walNode(node).folder()));
        } finally {
            thawSupervisor();
        }
    }

    /** Its parent, which is frozen, cannot take note of it: it stays, as what Linux calls a zombie, and holds nothing any more. */
    private static void awaitDead(final long pid) throws InterruptedException {
        final Semaphore never = new Semaphore(0);
        for (int i = 0; i < END_LIMIT_MS / POLL_MS; i++) {
            try {
                final String stat = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"));
                if (stat.charAt(stat.lastIndexOf(')') + 2) == 'Z') {
                    return;
                }
            } catch (final IOException e) {
                // There is no such process any more.
                return;
            }
            assertThat(never.tryAcquire(POLL_MS, TimeUnit.MILLISECONDS)).isFalse();
        }
        throw new AssertionError("process " + pid + " survives being killed");
    }

    static void delete(final Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (final Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** What the system says of itself; empty when it is too busy to say so in time. */
    Optional<JsonNode> status() throws IOException, InterruptedException {
        try {
            return Optional.of(FirnProcess.json(FirnProcess.get(root.resolve("status"))));
        } catch (final HttpTimeoutException e) {
            return Optional.empty();
        }
    }

    /** Waits until every part is another process than one that has ended, the receiver streams, and all three nodes follow. */
    void awaitWhole(final Duration limit, final String when) throws IOException, InterruptedException {
        final long tries = limit.toMillis() / POLL_MS;
        final Semaphore never = new Semaphore(0);
        Optional<JsonNode> status = Optional.empty();
        for (long i = 0; i < tries; i++) {
            status = status();
            if (status.filter(FaultedSystem::isWhole).isPresent() && isAlive()) {
                return;
            }
            assertThat(never.tryAcquire(POLL_MS, TimeUnit.MILLISECONDS)).isFalse();
        }
        throw new AssertionError("not whole again " + when + ": "
                + status.map(JsonNode::toPrettyString).orElse("it does not answer in time"));
    }

    /** The status may be half a second old. */
    private boolean isAlive() throws IOException {
        for (final Part part : Part.values()) {
            final Path record = dir.resolve(part.folder()).resolve("role.json");
            // One that was killed may be there for a moment more.
            if (!Files.exists(record)
                    || killed.contains(pid(part))
                    || !ProcessHandle.of(pid(part)).map(ProcessHandle::isAlive).orElse(false)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isWhole(final JsonNode status) {
        final JsonNode receiver = status.path("timelines").path(0).path("receiver");
        final JsonNode acceptors = receiver.path("acceptors");
        if (!receiver.path("state").asText().equals("streaming") || acceptors.size() != WAL_NODES) {
            return false;
        }
        for (final JsonNode acceptor : acceptors) {
            if (!acceptor.path("following").asBoolean()
                    || acceptor.path("lagBytes").asLong() > MAX_LAG_BYTES) {
                return false;
            }
        }
        for (final JsonNode node : status.path("walNodes")) {
            if (!node.path("state").asText().equals("up")) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        for (final long pid : Set.copyOf(frozen)) {
            thaw(pid);
        }
        for (final FirnProcess life : lives) {
            signal("CONT", life.process().pid());
            life.close();
        }
    }
}
