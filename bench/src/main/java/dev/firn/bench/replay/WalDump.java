package dev.firn.bench.replay;

import dev.firn.bench.corpus.Corpus;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.RunResources;
import dev.firn.bench.harness.Sample;
import dev.firn.compute.binaries.PostgresBinaries;
import dev.firn.nativeio.seam.Clock;
import dev.firn.postgres.lsn.Lsn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** Stock Postgres' reader of WAL, told to print nothing: it finds, checks and decodes each record. */
final class WalDump {
    private static final String PROGRAM = "pg_waldump";
    private static final long LIMIT_S = 600;

    private final PostgresBinaries binaries;
    private final RunResources resources;
    private final Clock clock;

    WalDump(final PostgresBinaries binaries, final RunResources resources, final Clock clock) {
        this.binaries = binaries;
        this.resources = resources;
        this.clock = clock;
    }

    /** How a result names it. */
    String name() {
        return present()
                ? PROGRAM + " " + binaries.version() + " --quiet, with its start and reading cached files"
                : PROGRAM + " (Postgres " + binaries.version() + " comes without it: apt-get install postgresql-"
                        + binaries.major() + ")";
    }

    boolean present() {
        return binaries.has(PROGRAM);
    }

    /** One pass over the log: gigabytes a second. */
    Sample run(final Corpus corpus) throws BenchmarkException, InterruptedException {
        try {
            final long startNs = clock.nanoTime();
            final Process process = resources.own(new ProcessBuilder(
                            binaries.program(PROGRAM).toString(),
                            "--quiet",
                            "--path=" + corpus.wal(),
                            "--start=" + Lsn.format(corpus.startLsn()),
                            "--end=" + Lsn.format(corpus.endLsn()))
                    .redirectErrorStream(true)
                    .start());
            final String complaint = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(LIMIT_S, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new BenchmarkException(PROGRAM + " failed: " + complaint.strip());
            }
            return Sample.ofValue((double) corpus.walBytes() / (clock.nanoTime() - startNs));
        } catch (final IOException e) {
            throw new BenchmarkException("cannot run " + PROGRAM + ": " + e.getMessage(), e);
        }
    }
}
