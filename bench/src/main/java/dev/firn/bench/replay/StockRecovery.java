package dev.firn.bench.replay;

import dev.firn.bench.corpus.Corpus;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.RunResources;
import dev.firn.compute.ComputeException;
import dev.firn.compute.binaries.PostgresBinaries;
import dev.firn.compute.instance.PostgresServer;
import dev.firn.compute.instance.ServerConfig;
import dev.firn.nativeio.seam.SystemClock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Stock Postgres' recovery of a corpus: its base and log are put together as a crash would have left them, the server is started, and
 * its own log tells how long redo took. The checkpoint that follows is not part of that.
 */
public final class StockRecovery {
    private static final Duration LIMIT = Duration.ofMinutes(30);
    private static final int LOG_LINES = 200;
    private static final long NS_A_SECOND = 1_000_000_000L;

    /** StartupXLOG's message with pg_rusage_show: seconds with two decimals. */
    private static final Pattern DONE = Pattern.compile(
            "redo done at (\\S+) system usage: CPU: user: ([0-9.]+) s, system: ([0-9.]+) s, elapsed: ([0-9.]+) s");

    private final PostgresBinaries binaries;
    private final Corpus corpus;
    private final Path place;
    private final long bufferBytes;
    private final RunResources resources;

    /**
     * A recovery that can be run again and again.
     *
     * @param bufferBytes shared buffers: enough for all pages.
     */
    public StockRecovery(
            final PostgresBinaries binaries,
            final Corpus corpus,
            final long bufferBytes,
            final RunResources resources) {
        this.binaries = binaries;
        this.corpus = corpus;
        this.place = Path.of(corpus.directory(), "recovery");
        this.bufferBytes = bufferBytes;
        this.resources = resources;
    }

    /** How a result names it. */
    public String name() {
        return "Postgres " + binaries.version() + " recovery";
    }

    /** Recovers once; how fast. */
    public double megabytesPerSecond() throws BenchmarkException {
        return run(1).megabytesPerSecond().value();
    }

    /**
     * Recovers once.
     *
     * @param records how many the log has, which the server does not tell.
     */
    ReplayMeasurement run(final long records) throws BenchmarkException {
        try {
            RunResources.delete(place);
            final PostgresServer server = new PostgresServer(
                    ServerConfig.of(binaries, place)
                            .withLimits(LIMIT, LIMIT)
                            .with("fsync", "off")
                            .with("autovacuum", "off")
                            .with("shared_buffers", (bufferBytes >> 20) + "MB")
                            .with("log_min_messages", "log"),
                    SystemClock.INSTANCE);
            corpus.copyCrashed(server.dataDirectory());
            server.adopt();
            resources.ownServer(server);
            final List<String> log;
            try (server) {
                server.start();
                log = server.logTail(LOG_LINES);
                server.crash();
            }
            RunResources.delete(place);
            return measurement(log, records);
        } catch (final IOException | ComputeException e) {
            throw new BenchmarkException(name() + ": " + e.getMessage(), e);
        }
    }

    private ReplayMeasurement measurement(final List<String> log, final long records) throws BenchmarkException {
        for (final String line : log) {
            final Matcher matcher = DONE.matcher(line);
            if (matcher.find()) {
                if (nanoseconds(matcher.group(4)) == 0) {
                    throw new BenchmarkException(name() + " took no hundredth of a second: make more log (--file-mib)");
                }
                return new ReplayMeasurement(
                        corpus.walBytes(),
                        records,
                        nanoseconds(matcher.group(4)),
                        nanoseconds(matcher.group(2)),
                        nanoseconds(matcher.group(3)),
                        0);
            }
        }
        throw new BenchmarkException(name() + " does not say how long its redo took: " + String.join(" | ", log));
    }

    private static long nanoseconds(final String seconds) {
        return Math.round(Double.parseDouble(seconds) * NS_A_SECOND);
    }
}
