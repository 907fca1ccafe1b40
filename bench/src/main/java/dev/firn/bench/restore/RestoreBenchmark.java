package dev.firn.bench.restore;

import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.Benchmark;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.BenchmarkInfo;
import dev.firn.bench.harness.Contender;
import dev.firn.bench.harness.Direction;
import dev.firn.bench.harness.Result;
import dev.firn.bench.harness.Sample;
import dev.firn.compute.ComputeException;
import dev.firn.compute.binaries.BinariesFinder;
import dev.firn.compute.binaries.PostgresBinaries;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A data directory of the newest LSN, made by {@code firn restore}, beside {@code pg_basebackup} of the primary, which has the same data: both over
 * loopback, both durable at their end.
 *
 * <p>The rates are of the same bytes, those of the relations' pages; how long each took besides for what is no page counts.
 */
public final class RestoreBenchmark implements Benchmark {
    private static final BenchmarkInfo INFO = new BenchmarkInfo(
            "restore",
            "a data directory written from the page server, half of it from the base backup, half from layers",
            "MB/s",
            Direction.HIGHER_IS_BETTER,
            "pg_basebackup of the primary");
    private static final int MAJOR = 15;
    private static final long DEFAULT_BYTES = 512L << 20;
    private static final int DEFAULT_ROUNDS = 3;
    private static final double BYTES_A_MEGABYTE = 1e6;

    @Override
    public BenchmarkInfo info() {
        return INFO;
    }

    @Override
    public void run(final BenchContext context) throws BenchmarkException, InterruptedException {
        final long dataBytes = context.options().fileBytes() == 0
                ? DEFAULT_BYTES
                : context.options().fileBytes();
        final FollowedCluster cluster = FollowedCluster.start(
                context, binaries(context), context.workDirectory().resolve(INFO.name()), dataBytes);
        final Optional<Path> program = cluster.baseBackup(System.getenv("PATH"));
        context.progress().step(INFO.name() + ": once, unmeasured");
        final double megabytes = cluster.restore().pageBytes() / BYTES_A_MEGABYTE;
        final List<Contender> contenders = new ArrayList<>();
        contenders.add(new Contender(
                "Firn", 1, () -> Sample.ofValue(megabytes / cluster.restore().seconds())));
        program.ifPresent(client -> contenders.add(
                new Contender("pg_basebackup", 1, () -> Sample.ofValue(megabytes / cluster.backup(client)))));
        final List<List<Sample>> samples = context.interleave("all", context.roundsOr(DEFAULT_ROUNDS), contenders);
        final Map<String, String> details =
                Map.of("pages", Math.round(megabytes) + " MB", "startOfTheCommand", "not counted");
        context.report(
                program.isPresent()
                        ? Result.paired(
                                INFO.name(),
                                INFO.unit(),
                                INFO.direction(),
                                samples.getFirst(),
                                "pg_basebackup " + MAJOR,
                                samples.getLast(),
                                details)
                        : Result.alone(
                                INFO.name(),
                                INFO.unit(),
                                INFO.direction(),
                                samples.getFirst(),
                                "pg_basebackup " + MAJOR + " (not installed)",
                                details));
    }

    private static PostgresBinaries binaries(final BenchContext context) throws BenchmarkException {
        try {
            return BinariesFinder.ofThisMachine(line -> context.progress().line(line))
                    .find(MAJOR);
        } catch (final ComputeException e) {
            throw new BenchmarkException(e.getMessage(), e);
        }
    }
}
