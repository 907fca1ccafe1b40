package dev.firn.server.postgres;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.firn.compute.ComputeException;
import dev.firn.compute.binaries.BinariesFinder;
import dev.firn.compute.binaries.PostgresBinaries;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.compute.instance.StopMode;
import dev.firn.compute.process.ShortCommand;
import dev.firn.nativeio.seam.Clock;
import dev.firn.server.CommandException;
import dev.firn.server.attachment.Attachment;
import dev.firn.server.home.PrivateText;
import dev.firn.server.role.Role;
import dev.firn.server.role.RoleHealth;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stock Postgres of a data directory: found or fetched, its cluster made once, started, and stopped in order.
 *
 * <p>One object for a life of the system; a role of it for each start. It keeps its port over restarts, also of the system, while that is
 * free: a connection string goes on to hold.
 */
public final class OwnPostgres {
    /** The role's name in status, metrics and logs. */
    public static final String ROLE = "postgres";

    private static final String FOLDER = "postgres";
    private static final String DATA = "data";

    /** A cluster that is being made. */
    private static final String MAKING = "new";

    private static final String HOST = "127.0.0.1";
    private static final int ANY_PORT = ServerConfig.ANY_PORT;

    /** Recovery included. */
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    /**
     * A stop waits for the receiver to confirm the last record, which it cannot while there is no majority; past this, Postgres is stopped
     * at once, and recovers at its next start.
     */
    private static final Duration STOP_LIMIT = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(ROLE);

    private final Path folder;
    private final int major;
    private final boolean required;
    private final Clock clock;
    private int port;
    private boolean everRan;
    private PostgresServer server;
    private volatile Running running;

    /** What others are told while it runs. */
    private record Running(String version, Path binaries, String url, int port, long pid, Path socket) {}

    private OwnPostgres(final Path folder, final int major, final boolean required, final int port, final Clock clock) {
        this.folder = folder;
        this.major = major;
        this.required = required;
        this.port = port;
        this.clock = clock;
    }

    /**
     * The Postgres of a data directory; empty when there is to be none.
     *
     * @param othersAttached whether the system follows another.
     * @param lastPort the one that it had; 0 for none yet.
     * @throws CommandException when there is one of another version than is wished for.
     */
    public static Optional<OwnPostgres> of(
            final Path directory,
            final PostgresWish wish,
            final boolean othersAttached,
            final int lastPort,
            final Clock clock) {
        final Path folder = directory.resolve(FOLDER);
        final Optional<Integer> found = majorOf(folder);
        if (!wish.wanted() || (found.isEmpty() && wish.major() == 0 && othersAttached)) {
            return Optional.empty();
        }
        if (found.isPresent() && wish.major() != 0 && wish.major() != found.get()) {
            throw new CommandException(
                    "the Postgres in " + folder + " is of version " + found.get() + ": leave --postgres " + wish.major()
                            + " away to go on with it, or choose another directory with --dir");
        }
        final int wanted = wish.major() == 0 ? PostgresWish.DEFAULT_MAJOR : wish.major();
        return Optional.of(
                new OwnPostgres(folder, found.orElse(wanted), found.isPresent() || wish.major() != 0, lastPort, clock));
    }

    /** The version of the cluster that stands there. */
    private static Optional<Integer> majorOf(final Path folder) {
        final Path file = folder.resolve(DATA).resolve("PG_VERSION");
        try {
            return PrivateText.read(file).map(text -> Integer.parseInt(text.strip()));
        } catch (final NumberFormatException e) {
            throw new CommandException(file + " is damaged: it names no version of Postgres", e);
        }
    }

    public int major() {
        return major;
    }

    /** Whether the system is not to come up without it: it was asked for, or has data. */
    public boolean required() {
        return required;
    }

    /** How a receiver reaches it. It has been started before. */
    public String conninfo() {
        final Running its = running;
        if (its == null) {
            throw new IllegalStateException("it does not run");
        }
        return "host=" + HOST + " port=" + its.port() + " user=postgres";
    }

    /** A URL for psql and what is like it; empty while it does not run. */
    public Optional<String> url() {
        return Optional.ofNullable(running).map(Running::url);
    }

    /**
     * With the keys of {@code computes} in {@code firn status}.
     *
     * @param state in one word.
     * @param detail why it is so; empty for nothing to be said.
     */
    public ObjectNode describe(final String state, final String detail, final int restarts) {
        final ObjectNode document = JsonNodeFactory.instance.objectNode();
        final Running its = running;
        document.put("timeline", Attachment.OWN);
        // Its role's phase follows a moment after its end.
        document.put("state", its == null && state.equals("up") ? "restarting" : state);
        document.put("detail", detail);
        document.put("postgresMajor", major);
        document.put("version", its == null ? null : its.version());
        document.put("url", its == null ? null : its.url());
        document.put("host", HOST);
        if (its == null) {
            document.putNull("port");
            document.putNull("pid");
        } else {
            document.put("port", its.port());
            document.put("pid", its.pid());
        }
        document.put("user", "postgres");
        document.put("socketDirectory", its == null ? null : its.socket().toString());
        document.put("binaries", its == null ? null : its.binaries().toString());
        document.put("dataDirectory", folder.resolve(DATA).toString());
        document.put("restarts", restarts);
        return document;
    }

    /** For one start. */
    public Role role() {
        return new Role() {
            @Override
            public void start() {
                try {
                    startServer();
                } catch (final ComputeException e) {
                    throw new CommandException(sentence(e), e);
                }
            }

            @Override
            public RoleHealth health() {
                return server.running()
                        ? RoleHealth.healthy(
                                "Postgres " + server.config().binaries().version() + ", port " + port)
                        : RoleHealth.failed("its process has ended: " + server.logFile() + " may say why");
            }

            @Override
            public void stop() {
                stopServer();
            }
        };
    }

    /** Without the log's last lines, which the log has. */
    private static String sentence(final ComputeException e) {
        return e.getMessage().lines().findFirst().orElse(e.toString());
    }

    private void startServer() {
        if (!everRan) {
            final PostgresBinaries binaries =
                    BinariesFinder.ofThisMachine(LOG::info).find(major);
            port = free(port);
            // A standby by any other name does not make a commit durable; see the attach command.
            server = new PostgresServer(
                    ServerConfig.of(binaries, folder)
                            .with("synchronous_standby_names", "firn")
                            .withPort(port)
                            .withLimits(START_LIMIT, STOP_LIMIT)
                            .withOwnerStopping(),
                    clock);
            if (!server.initialised()) {
                makeCluster(binaries);
            }
            server.endStrays();
        }
        server.start();
        everRan = true;
        running = new Running(
                server.config().binaries().version(),
                server.config().binaries().folder(),
                server.connectionString(),
                server.port(),
                server.pid(),
                server.socketDirectory());
    }

    private void stopServer() {
        running = null;
        if (server == null) {
            return;
        }
        try {
            server.stop(StopMode.FAST);
        } catch (final ComputeException e) {
            LOG.warn("Postgres is stopped at once, and recovers at its next start: {}", sentence(e));
            server.close();
        }
    }

    /** That port, while nobody else has it; else any. */
    private static int free(final int wanted) {
        try (ServerSocket socket = new ServerSocket(wanted, 1, InetAddress.getByName(HOST))) {
            return socket.getLocalPort();
        } catch (final IOException e) {
            if (wanted == ANY_PORT) {
                throw new ComputeException("no free port on " + HOST + ": " + e.getMessage(), e);
            }
            return free(ANY_PORT);
        }
    }

    /** Beside its place, on disk before it gets there: what a crash leaves half made is made again. */
    private void makeCluster(final PostgresBinaries binaries) {
        final Path making = folder.resolve(MAKING);
        try {
            delete(making);
            final PostgresServer maker = new PostgresServer(ServerConfig.of(binaries, making), clock);
            maker.init();
            final ShortCommand.Result synced = maker.run("initdb", "--sync-only", "--pgdata=" + maker.dataDirectory());
            if (!synced.succeeded()) {
                throw new ComputeException("the new cluster in " + making + " is not on disk: "
                        + synced.output().strip());
            }
            Files.move(maker.dataDirectory(), folder.resolve(DATA), StandardCopyOption.ATOMIC_MOVE);
            PrivateText.syncDirectory(folder);
            PrivateText.syncDirectory(folder.getParent());
            delete(making);
        } catch (final IOException e) {
            throw new ComputeException("the new cluster in " + making + " did not get to its place: " + e, e);
        }
        LOG.info("made a cluster of Postgres {} in {}", binaries.version(), folder);
    }

    private static void delete(final Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        final List<Path> files;
        try (Stream<Path> walk = Files.walk(tree)) {
            files = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (final Path file : files) {
            Files.delete(file);
        }
    }
}
