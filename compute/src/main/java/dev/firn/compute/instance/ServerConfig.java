package dev.firn.compute.instance;

import dev.firn.compute.binaries.PostgresBinaries;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * What a server is started with.
 *
 * @param binaries   the Postgres to run
 * @param directory  the server's own: {@code data/}, {@code socket/} and {@code server.log} are made in it. The user who runs
 *                   Postgres has to be able to enter what is above it
 * @param cluster    how the cluster is made, when it is made
 * @param settings   server settings, given on the command line at every start: they go before those of the files in the data
 *                   directory, which stays as initdb, a base backup or a restore left it
 * @param port       TCP port on the loopback address; 0 takes a free one and keeps it while it stays free
 * @param startLimit how long until it has to take sessions, recovery included
 * @param stopLimit  how long until it has to be gone after it was asked to stop
 * @param ownerStops whether its owner stops it in order when the JVM is asked to end; else it is stopped at once by a hook. When the
 *                   JVM is gone it is gone in either case
 */
public record ServerConfig(
        PostgresBinaries binaries,
        Path directory,
        ClusterOptions cluster,
        Map<String, String> settings,
        int port,
        Duration startLimit,
        Duration stopLimit,
        boolean ownerStops) {
    public static final int ANY_PORT = 0;

    private static final Duration DEFAULT_START_LIMIT = Duration.ofSeconds(60);
    private static final Duration DEFAULT_STOP_LIMIT = Duration.ofSeconds(60);

    public ServerConfig {
        Objects.requireNonNull(binaries, "binaries");
        directory = directory.toAbsolutePath().normalize();
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    }

    /** A server with the defaults: a default cluster, no settings, a free port, a minute each to start and stop. */
    public static ServerConfig of(final PostgresBinaries binaries, final Path directory) {
        return new ServerConfig(
                binaries,
                directory,
                ClusterOptions.DEFAULT,
                Map.of(),
                ANY_PORT,
                DEFAULT_START_LIMIT,
                DEFAULT_STOP_LIMIT,
                false);
    }

    public ServerConfig withCluster(final ClusterOptions newCluster) {
        return new ServerConfig(binaries, directory, newCluster, settings, port, startLimit, stopLimit, ownerStops);
    }

    /** With one more setting. */
    public ServerConfig with(final String setting, final String value) {
        final Map<String, String> more = new LinkedHashMap<>(settings);
        more.put(setting, value);
        return new ServerConfig(binaries, directory, cluster, more, port, startLimit, stopLimit, ownerStops);
    }

    public ServerConfig withPort(final int newPort) {
        return new ServerConfig(binaries, directory, cluster, settings, newPort, startLimit, stopLimit, ownerStops);
    }

    public ServerConfig withLimits(final Duration newStartLimit, final Duration newStopLimit) {
        return new ServerConfig(binaries, directory, cluster, settings, port, newStartLimit, newStopLimit, ownerStops);
    }

    /** Its owner hears of the JVM's end itself, and stops it before. */
    public ServerConfig withOwnerStopping() {
        return new ServerConfig(binaries, directory, cluster, settings, port, startLimit, stopLimit, true);
    }
}
