package dev.firn.bench.commit;

import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.RunResources;
import dev.firn.compute.ComputeException;
import dev.firn.compute.binaries.PostgresBinaries;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.compute.instance.StopMode;
import dev.firn.compute.process.ShortCommand;
import dev.firn.nativeio.seam.Clock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A cluster with the tables of the loads, stopped, of which each side's servers are copies.
 *
 * <p>No checkpoint comes by itself, and nothing vacuums: rounds are short, and either would meet one side and not its
 * neighbour. All else is as Postgres has it by default, fsync included.
 */
final class CommitCluster implements AutoCloseable {
    private static final Duration COPY_LIMIT = Duration.ofMinutes(10);
    private static final Duration SERVER_LIMIT = Duration.ofMinutes(5);

    private final BenchContext context;
    private final PostgresBinaries binaries;
    private final Path directory;
    private final Clock clock;
    private final List<PostgresServer> primaries = new ArrayList<>();

    /** All that runs, in the order in which it was started. */
    private final List<AutoCloseable> running = new ArrayList<>();

    /**
     * Makes the cluster.
     *
     * @param directory made anew; the copies are made in it too. Deleted with the run.
     */
    static CommitCluster make(
            final BenchContext context,
            final PostgresBinaries binaries,
            final PgBench pgBench,
            final int branches,
            final Path directory,
            final Clock clock)
            throws BenchmarkException {
        final CommitCluster cluster = new CommitCluster(context, binaries, directory, clock);
        context.resources().own(directory);
        try {
            RunResources.delete(directory);
            Files.createDirectories(directory);
            final PostgresServer template = new PostgresServer(
                    cluster.config("template").with("fsync", "off").with("synchronous_commit", "off"), clock);
            cluster.own(template);
            template.init();
            template.start();
            pgBench.initialise(template, branches);
            CommitLoad.prepare(template);
            template.stop(StopMode.FAST);
        } catch (final IOException | SQLException | ComputeException e) {
            throw failed("template", e);
        }
        return cluster;
    }

    private CommitCluster(
            final BenchContext context, final PostgresBinaries binaries, final Path directory, final Clock clock) {
        this.context = context;
        this.binaries = binaries;
        this.directory = directory;
        this.clock = clock;
    }

    private ServerConfig config(final String name) {
        return ServerConfig.of(binaries, directory.resolve(name))
                .withLimits(SERVER_LIMIT, SERVER_LIMIT)
                .with("shared_buffers", "512MB")
                .with("max_connections", "200")
                .with("max_wal_size", "1TB")
                .with("checkpoint_timeout", "1d")
                .with("wal_keep_size", "4GB")
                .with("autovacuum", "off");
    }

    Clock clock() {
        return clock;
    }

    BenchContext context() {
        return context;
    }

    /** Takes charge of what runs: it is closed with the cluster, the last first; with the run when that ends before. */
    void own(final AutoCloseable process) {
        context.resources().ownServer(process);
        running.add(process);
    }

    /** A place for what is no server. */
    Path place(final String name) {
        return directory.resolve(name);
    }

    /** Starts a server on a copy of the cluster. It ends with the run. */
    PostgresServer start(final String name, final UnaryOperator<ServerConfig> settings) throws BenchmarkException {
        final PostgresServer server = new PostgresServer(settings.apply(config(name)), clock);
        try {
            Files.createDirectories(server.dataDirectory().getParent());
            copyTo(server.dataDirectory());
            server.adopt();
            own(server);
            server.start();
        } catch (final IOException | ComputeException e) {
            throw failed(name, e);
        }
        primaries.add(server);
        return server;
    }

    /** Starts a standby on a copy of the cluster, which streams under this name. It ends with the run. */
    void startStandby(final String name, final String applicationName, final PostgresServer primary)
            throws BenchmarkException {
        final PostgresServer standby = new PostgresServer(
                config(name)
                        .with(
                                "primary_conninfo",
                                "host=127.0.0.1 port=" + primary.port() + " user="
                                        + primary.config().cluster().superuser() + " application_name="
                                        + applicationName),
                clock);
        try {
            Files.createDirectories(standby.dataDirectory().getParent());
            copyTo(standby.dataDirectory());
            Files.createFile(standby.dataDirectory().resolve("standby.signal"));
            standby.adopt();
            own(standby);
            standby.start();
        } catch (final IOException | ComputeException e) {
            throw failed(name, e);
        }
    }

    /** Writes back what is dirty in all primaries and in the kernel, so that no side pays for what another left. */
    void settle() throws BenchmarkException {
        try {
            for (final PostgresServer server : primaries) {
                server.execute("CHECKPOINT");
            }
        } catch (final SQLException e) {
            throw failed("checkpoint", e);
        }
        ShortCommand.run(List.of("sync", "--file-system", directory.toString()), COPY_LIMIT);
    }

    /** Ends all that runs on the cluster, and deletes it: the next one needs the space. */
    @Override
    public void close() throws BenchmarkException {
        try {
            for (final AutoCloseable process : running.reversed()) {
                process.close();
            }
            RunResources.delete(directory);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (final Exception e) {
            throw new BenchmarkException("cannot stop all of " + directory.getFileName() + ": " + e.getMessage(), e);
        }
    }

    private void copyTo(final Path data) throws IOException {
        final ShortCommand.Result copied = ShortCommand.run(
                List.of(
                        "cp",
                        "-a",
                        "--reflink=auto",
                        "-T",
                        directory.resolve("template").resolve("data").toString(),
                        data.toString()),
                COPY_LIMIT);
        if (!copied.succeeded()) {
            throw new IOException("copying the cluster to " + data + " failed: "
                    + copied.output().strip());
        }
    }

    private static BenchmarkException failed(final String what, final Exception cause) {
        return new BenchmarkException("cannot prepare " + what + ": " + cause.getMessage(), cause);
    }
}
