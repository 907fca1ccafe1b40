package dev.firn.compute.instance;

import dev.firn.compute.ComputeException;
import dev.firn.compute.process.ShortCommand;
import dev.firn.compute.process.UnprivilegedUser;
import dev.firn.nativeio.seam.Clock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One Postgres on this machine: made, started, stopped, killed, recovered, promoted.
 *
 * <p>It listens on the loopback address and on a socket in a private directory, and trusts who gets there. Whatever happens to
 * this JVM, nothing of it stays running: see the package. What changes its life takes the server's lock, so such calls from
 * several threads follow one another. Sessions and programs do not hold it: a server can be crashed under a workload.
 */
public final class PostgresServer implements AutoCloseable {
    private static final String HOST = "127.0.0.1";
    private static final String DATABASE = "postgres";
    private static final Duration INITDB_LIMIT = Duration.ofMinutes(2);
    private static final Duration COMMAND_LIMIT = Duration.ofMinutes(30);
    private static final Duration KILL_LIMIT = Duration.ofSeconds(20);
    /** How long what was told to end may take to do so: an immediate stop, without a checkpoint. */
    private static final Duration STRAYS_LIMIT = Duration.ofSeconds(5);

    /** How long the end of the JVM may wait for a stop before it kills. */
    private static final Duration EXIT_LIMIT = Duration.ofSeconds(5);

    private static final Duration POLL = Duration.ofMillis(5);
    private static final long PROBE_LIMIT_MS = 1_000;
    /** Another program may take a free port between our look and Postgres' bind. */
    private static final int MAX_PORT_TRIES = 5;

    /** How the JDK reports an end by a signal: this and its number. */
    private static final int KILLED_BY_SIGNAL = 128;

    private static final int SHOWN_LOG_LINES = 12;

    private final ServerConfig config;
    private final Clock clock;
    private final UnprivilegedUser user;
    private final ServerDirectory directory;
    private final ServerLog log;
    private int port;
    private volatile Postmaster postmaster;
    private Thread shutdownHook;

    public PostgresServer(final ServerConfig config, final Clock clock) {
        this(config, clock, UnprivilegedUser.find());
    }

    PostgresServer(final ServerConfig config, final Clock clock, final UnprivilegedUser user) {
        this.config = config;
        this.clock = clock;
        this.user = user;
        this.directory = new ServerDirectory(config.directory(), user);
        this.log = new ServerLog(directory.log());
        this.port = config.port();
    }

    // --- life ---------------------------------------------------------------------------------------------------

    /** Makes the cluster: initdb, as the unprivileged user. */
    public synchronized void init() {
        if (initialised()) {
            throw new ComputeException("there is a cluster in " + dataDirectory() + " already");
        }
        prepare();
        final List<String> arguments = new ArrayList<>();
        arguments.add("--pgdata=" + dataDirectory());
        arguments.addAll(config.cluster().arguments(config.binaries().major()));
        final ShortCommand.Result result = command("initdb", arguments, INITDB_LIMIT);
        if (!result.succeeded()) {
            final List<String> lines = result.output().lines().toList();
            throw new ComputeException("initdb of Postgres " + config.binaries().version() + " made no cluster in "
                    + dataDirectory() + ": "
                    + ServerLog.failure(lines).orElse("it ended with code " + result.exitCode())
                    + "\n  " + String.join("\n  ", lines));
        }
    }

    /** Whether there is a cluster, made by {@link #init} or put there by a backup or a restore. */
    public boolean initialised() {
        return directory.holdsCluster();
    }

    /**
     * Takes over a data directory that somebody else wrote into {@link #dataDirectory}: Postgres wants it to belong to the user
     * who runs it, and to be closed to others.
     */
    public synchronized void adopt() {
        directory.adopt();
    }

    /** Starts it and waits until it takes sessions; a standby that takes none counts once it recovers. */
    public synchronized void start() {
        if (running()) {
            throw new ComputeException("the server in " + directory.root() + " runs already");
        }
        if (!initialised()) {
            throw new ComputeException("there is no cluster in " + dataDirectory() + " to start: init makes one");
        }
        if (postmaster != null) {
            // It was killed by somebody else. Its children end by themselves, but not at once. Its shared memory is
            // found and
            // removed by Postgres' own start.
            killAll();
            ended();
        }
        prepare();
        directory.makeSocket();
        for (int tries = 1; ; tries++) {
            final boolean chosen = config.port() == ServerConfig.ANY_PORT;
            if (chosen && (tries > 1 || port == ServerConfig.ANY_PORT)) {
                port = freePort();
            }
            launch();
            if (awaitReady()) {
                return;
            }
            final boolean clash =
                    log.tail(SHOWN_LOG_LINES).stream().anyMatch(line -> line.contains("Address already in use"));
            final int exitCode = postmaster.exitCode();
            ended();
            if (!chosen || !clash || tries == MAX_PORT_TRIES) {
                throw notStarted(clash ? "port " + port + " is taken" : "it ended with code " + exitCode);
            }
        }
    }

    /** Asks it to stop and waits until every process of it is gone. A server that does not run is stopped. */
    public synchronized void stop(final StopMode mode) {
        if (postmaster == null) {
            return;
        }
        if (postmaster.alive()) {
            postmaster.signal(mode);
            if (!postmaster.awaitEnd(config.stopLimit())) {
                throw new ComputeException("Postgres in " + directory.root() + " did not stop within "
                        + config.stopLimit().toSeconds() + " s of a "
                        + mode.name().toLowerCase(Locale.ROOT)
                        + " stop, and runs on" + shownLog());
            }
        }
        if (!processes().awaitNone(config.stopLimit())) {
            throw new ComputeException("processes " + processes().alive() + " of " + dataDirectory()
                    + " outlived their postmaster, and run on");
        }
        if (postmaster.exitCode() > KILLED_BY_SIGNAL) {
            removeGuard();
        }
        ended();
    }

    public void restart(final StopMode mode) {
        stop(mode);
        start();
    }

    /**
     * Kills postmaster and children with SIGKILL and waits until they are gone. {@link #start} recovers.
     */
    public synchronized void crash() {
        if (postmaster == null) {
            return;
        }
        killAll();
        removeGuard();
        ended();
    }

    /**
     * Waits for what a killed owner has left on the directory, and ends it when it stays. To be called before the first start, by who
     * knows that nobody else runs a server there: it has been told by the kernel to end (see the package), and may not have heard yet.
     */
    public synchronized void endStrays() {
        if (postmaster != null || !Files.isDirectory(dataDirectory())) {
            return;
        }
        final ServerProcesses processes = processes();
        if (!processes.awaitNone(STRAYS_LIMIT) && !processes.killAll(KILL_LIMIT)) {
            throw new ComputeException(
                    "processes " + processes.alive() + " of " + dataDirectory() + " survive being killed");
        }
    }

    private void killAll() {
        final ServerProcesses processes = processes();
        final List<Long> running = processes.alive();
        postmaster.kill();
        if (!postmaster.awaitEnd(KILL_LIMIT)
                || !processes.killAll(KILL_LIMIT)
                || !processes.awaitEnd(running, KILL_LIMIT)) {
            throw new ComputeException(
                    "processes " + processes.alive() + " of " + dataDirectory() + " survive being killed");
        }
    }

    /**
     * Removes the small System V segment by which Postgres sees whether a data directory is in use. A killed server leaves it to
     * the next start, which may never be. All other shared memory ends with its processes, or is in the data directory.
     */
    private void removeGuard() {
        final long pid = postmaster.pid();
        // One that is gone already is what is wanted: ipcrm's complaint about it says no more than that.
        PidFile.read(dataDirectory())
                .filter(file -> file.pid() == pid)
                .flatMap(PidFile::sharedMemoryId)
                .ifPresent(id -> ShortCommand.run(List.of("ipcrm", "-m", id), KILL_LIMIT));
    }

    /** Ends recovery of a standby, and waits until it has ended. */
    public synchronized void promote() {
        requireRunning();
        final ShortCommand.Result result = command(
                "pg_ctl",
                List.of(
                        "promote",
                        "-D",
                        dataDirectory().toString(),
                        "-w",
                        "-t",
                        Long.toString(config.startLimit().toSeconds())),
                config.startLimit().plus(KILL_LIMIT));
        if (!result.succeeded()) {
            throw new ComputeException("Postgres in " + directory.root() + " was not promoted: "
                    + result.output().strip() + shownLog());
        }
    }

    /** Stops it at once if it runs, by force if need be. The directory stays. */
    @Override
    public synchronized void close() {
        if (postmaster == null) {
            return;
        }
        try {
            stop(StopMode.IMMEDIATE);
        } catch (final ComputeException e) {
            crash();
        }
    }

    // --- what it is ---------------------------------------------------------------------------------------------

    public boolean running() {
        final Postmaster current = postmaster;
        return current != null && current.alive();
    }

    /** The postmaster's process id. */
    public synchronized long pid() {
        requireRunning();
        return postmaster.pid();
    }

    /** Ids of all processes of it: the postmaster's, its children's, also those that a dead postmaster left. */
    public List<Long> processIds() {
        return Files.isDirectory(dataDirectory()) ? processes().alive() : List.of();
    }

    public ServerConfig config() {
        return config;
    }

    public Path dataDirectory() {
        return directory.data();
    }

    /** Where its socket is: what PGHOST may name. */
    public synchronized Path socketDirectory() {
        return directory.socket();
    }

    public Path logFile() {
        return log.file();
    }

    /** Its last messages since it was last started. */
    public List<String> logTail(final int count) {
        return log.tail(count);
    }

    /** Its TCP port; known once it has been started. */
    public synchronized int port() {
        return port;
    }

    /** A URL for libpq and what follows it. */
    public String connectionString() {
        return "postgresql://" + config.cluster().superuser() + "@" + HOST + ":" + port() + "/" + DATABASE;
    }

    // --- talking to it ------------------------------------------------------------------------------------------

    /** A session of the superuser in the database {@code postgres}; the caller closes it. */
    public Connection connect() throws SQLException {
        return connect(DATABASE);
    }

    /** A session of the superuser in a database; the caller closes it. */
    public Connection connect(final String database) throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://" + HOST + ":" + port() + "/" + database + "?user="
                + config.cluster().superuser());
    }

    /** Runs statements, in a session of their own, as one transaction unless they say otherwise. */
    public void execute(final String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The rows of a query as text, NULL as null, in a session of its own. */
    public List<List<String>> query(final String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            final int columns = result.getMetaData().getColumnCount();
            final List<List<String>> rows = new ArrayList<>();
            while (result.next()) {
                final List<String> row = new ArrayList<>(columns);
                for (int column = 1; column <= columns; column++) {
                    row.add(result.getString(column));
                }
                rows.add(row);
            }
            return rows;
        }
    }

    /**
     * Runs one of the binaries' programs to its end (pgbench, psql, pg_waldump, …) as the unprivileged user, with this server as
     * the one that it speaks to by default.
     */
    public ShortCommand.Result run(final String program, final String... arguments) {
        return command(program, List.of(arguments), COMMAND_LIMIT);
    }

    /** The same with a program of another package: a client that these binaries come without. */
    public ShortCommand.Result run(final Path program, final String... arguments) {
        return command(program, List.of(arguments), COMMAND_LIMIT);
    }

    // --- steps --------------------------------------------------------------------------------------------------

    private void prepare() {
        user.requireEntry(config.binaries().folder());
        directory.make();
    }

    private void launch() {
        final List<String> command = new ArrayList<>();
        command.add(config.binaries().program("postgres").toString());
        command.add("-D");
        command.add(dataDirectory().toString());
        setting(command, "listen_addresses", HOST);
        setting(command, "port", Integer.toString(port));
        setting(command, "unix_socket_directories", directory.socket().toString());
        // Files in the data directory, where posix would leave segments on the machine after a kill.
        setting(command, "dynamic_shared_memory_type", "mmap");
        setting(command, "logging_collector", "off");
        setting(command, "log_destination", "stderr");
        config.settings().forEach((name, value) -> setting(command, name, value));
        log.markStart();
        postmaster = Postmaster.start(command, log, user, config.binaries().program("pg_ctl"));
        if (!config.ownerStops()) {
            shutdownHook = new Thread(this::stopAtExit, "postgres-stop");
            Runtime.getRuntime().addShutdownHook(shutdownHook);
        }
    }

    private static void setting(final List<String> command, final String name, final String value) {
        command.add("-c");
        command.add(name + "=" + value);
    }

    /** Waits for one of two ends: it takes sessions, or it is gone. */
    private boolean awaitReady() {
        final long deadlineNs = clock.nanoTime() + config.startLimit().toNanos();
        final Path socket = directory.socketFile(port);
        while (!postmaster.awaitEnd(POLL)) {
            final PidFile file = PidFile.read(dataDirectory())
                    .filter(found -> found.pid() == postmaster.pid())
                    .orElse(null);
            if (file != null && file.standby()) {
                return true;
            }
            if (file != null
                    && file.ready()
                    && ReadinessProbe.accepts(socket, config.cluster().superuser(), PROBE_LIMIT_MS)) {
                return true;
            }
            if (clock.nanoTime() > deadlineNs) {
                final ComputeException late = notStarted(
                        "it takes no sessions after " + config.startLimit().toSeconds() + " s");
                crash();
                throw late;
            }
        }
        return false;
    }

    private ComputeException notStarted(final String otherwise) {
        final String reason = log.failure().orElse(otherwise);
        return new ComputeException("Postgres " + config.binaries().version() + " did not start in " + directory.root()
                + ": " + (reason.equals(otherwise) ? reason : otherwise + ", " + reason) + shownLog());
    }

    private String shownLog() {
        return "\n" + log.file() + " ends with:\n  " + String.join("\n  ", log.tail(SHOWN_LOG_LINES));
    }

    /** The hook's: takes no lock, since whoever holds it may be waiting for the JVM's end. */
    private void stopAtExit() {
        final Postmaster current = postmaster;
        if (current == null || !current.alive()) {
            return;
        }
        try {
            current.signal(StopMode.IMMEDIATE);
            current.awaitEnd(EXIT_LIMIT);
        } finally {
            current.kill();
            processes().killAll(KILL_LIMIT);
        }
    }

    private void ended() {
        postmaster = null;
        try {
            if (shutdownHook != null) {
                Runtime.getRuntime().removeShutdownHook(shutdownHook);
            }
        } catch (final IllegalStateException e) {
            // The JVM is ending and the hook runs: it finds nothing to do.
            return;
        }
        directory.removeSocket(port);
    }

    private ShortCommand.Result command(final String program, final List<String> arguments, final Duration limit) {
        return command(config.binaries().program(program), arguments, limit);
    }

    /** Holds no lock while it runs: a workload may be under way when the server is killed. */
    private ShortCommand.Result command(final Path program, final List<String> arguments, final Duration limit) {
        final String host = socketDirectory().toString();
        final int tcpPort = port();
        final List<String> command = new ArrayList<>();
        command.add(program.toString());
        command.addAll(arguments);
        return ShortCommand.run(
                user.command(command),
                environment -> {
                    PostgresEnvironment.cleanse(environment);
                    environment.put("PGHOST", host);
                    if (tcpPort != ServerConfig.ANY_PORT) {
                        environment.put("PGPORT", Integer.toString(tcpPort));
                    }
                    environment.put("PGUSER", config.cluster().superuser());
                    environment.put("PGDATABASE", DATABASE);
                },
                limit);
    }

    private ServerProcesses processes() {
        try {
            return new ServerProcesses(dataDirectory().toRealPath(), clock);
        } catch (final IOException e) {
            throw new UncheckedIOException("cannot resolve " + dataDirectory(), e);
        }
    }

    private void requireRunning() {
        if (!running()) {
            throw new ComputeException("the server in " + directory.root() + " does not run");
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
            return socket.getLocalPort();
        } catch (final IOException e) {
            throw new ComputeException("no free port on " + HOST + ": " + e.getMessage(), e);
        }
    }
}
