package dev.firn.bench;

import dev.firn.bench.cache.CacheHitBenchmark;
import dev.firn.bench.cache.CacheScanBenchmark;
import dev.firn.bench.commit.WalCommitBenchmark;
import dev.firn.bench.corpus.BulkWorkload;
import dev.firn.bench.corpus.TpcbWorkload;
import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.BenchOptions;
import dev.firn.bench.harness.BenchReport;
import dev.firn.bench.harness.Benchmark;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.BenchmarkInfo;
import dev.firn.bench.harness.ForkedJvm;
import dev.firn.bench.harness.Machine;
import dev.firn.bench.harness.MachineReader;
import dev.firn.bench.harness.Progress;
import dev.firn.bench.harness.Result;
import dev.firn.bench.harness.ResultTable;
import dev.firn.bench.harness.RunResources;
import dev.firn.bench.ingest.IngestBenchmark;
import dev.firn.bench.lake.CompressionBenchmark;
import dev.firn.bench.lake.RebuildBenchmark;
import dev.firn.bench.lake.TranscodeBenchmark;
import dev.firn.bench.localstore.LocalStoreBenchmark;
import dev.firn.bench.micro.MicroBenchmarks;
import dev.firn.bench.pages.BranchBenchmark;
import dev.firn.bench.pages.GetPageDeltaBenchmark;
import dev.firn.bench.pages.GetPageHotBenchmark;
import dev.firn.bench.pages.GetPageNvmeBenchmark;
import dev.firn.bench.pages.SoakBenchmark;
import dev.firn.bench.quorum.WalRttBenchmark;
import dev.firn.bench.quorum.WalStreamBenchmark;
import dev.firn.bench.record.RedoRecordBenchmark;
import dev.firn.bench.replay.RedoReplayBenchmark;
import dev.firn.bench.replay.WalDecodeBenchmark;
import dev.firn.bench.restore.RestoreBenchmark;
import dev.firn.bench.s3.S3Benchmark;
import dev.firn.bench.storage.AppendFlushBenchmark;
import dev.firn.bench.storage.UringReadBenchmark;
import dev.firn.nativeio.file.HostStorage;
import dev.firn.nativeio.seam.Clock;
import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.storage.DirectoryLock;
import dev.firn.nativeio.storage.DirectoryLockedException;
import dev.firn.nativeio.storage.Storage;
import dev.firn.nativeio.storage.StorageException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The one registry of benchmarks, and the entry of {@code firn bench}. */
public final class BenchSuite {
    private static final int DONE = 0;
    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;

    private static final List<Benchmark> BENCHMARKS = List.of(
            new UringReadBenchmark(),
            new AppendFlushBenchmark(),
            MicroBenchmarks.crc32c(),
            MicroBenchmarks.alloc(),
            MicroBenchmarks.ringNop(),
            MicroBenchmarks.layerRead(),
            new WalDecodeBenchmark(),
            new RedoRecordBenchmark(),
            new RedoReplayBenchmark(
                    "redo-pgbench",
                    "replay of TPC-B-like transactions, without full-page images, on one core into memory",
                    new TpcbWorkload()),
            new RedoReplayBenchmark(
                    "redo-bulk",
                    "replay of COPY, CREATE INDEX, UPDATE, DELETE and VACUUM of many rows, on one core into memory",
                    new BulkWorkload()),
            new WalCommitBenchmark(),
            new WalStreamBenchmark(),
            new WalRttBenchmark(),
            S3Benchmark.get(),
            S3Benchmark.put(),
            new LocalStoreBenchmark(),
            new CacheHitBenchmark(),
            new CacheScanBenchmark(),
            new GetPageHotBenchmark(),
            new GetPageDeltaBenchmark(),
            new GetPageNvmeBenchmark(),
            new BranchBenchmark(),
            new IngestBenchmark(),
            new RestoreBenchmark(),
            new SoakBenchmark(),
            MicroBenchmarks.encoders(),
            new TranscodeBenchmark(),
            new CompressionBenchmark(),
            new RebuildBenchmark());

    private final List<Benchmark> benchmarks;
    private final Clock clock;

    BenchSuite(final List<Benchmark> benchmarks, final Clock clock) {
        this.benchmarks = List.copyOf(benchmarks);
        this.clock = clock;
    }

    /** All benchmarks, in the order in which they run. */
    public static List<BenchmarkInfo> list() {
        return BENCHMARKS.stream().map(Benchmark::info).toList();
    }

    /**
     * Runs what was asked for.
     *
     * @param options whose names are benchmarks, or single variants of them as in {@code uring-read-4k/depth=32}.
     * @param out the table, or the one JSON document.
     * @param err progress and errors.
     * @return the exit code: 0 done, 1 when a benchmark failed, 2 for a name that does not exist.
     */
    public static int run(final BenchOptions options, final PrintStream out, final PrintStream err) {
        return new BenchSuite(BENCHMARKS, SystemClock.INSTANCE).execute(options, out, err);
    }

    int execute(final BenchOptions options, final PrintStream out, final PrintStream err) {
        for (final String name : options.names()) {
            if (benchmarks.stream().noneMatch(benchmark -> isOrIsOf(name, benchmark))) {
                err.println("There is no benchmark " + name + "; firn bench --list shows those there are.");
                return WRONG_USAGE;
            }
        }
        // Children run with the work directory as theirs: names relative to ours would mean something else there.
        final Path directory = options.workDirectory().toAbsolutePath().normalize();
        try {
            Files.createDirectories(directory);
        } catch (final IOException e) {
            err.println("Cannot make the work directory " + directory + ": " + e.getMessage());
            return FAILED;
        }
        try (Storage storage = new HostStorage(directory);
                DirectoryLock lock = storage.lock("");
                RunResources resources = new RunResources()) {
            return execute(options.withWorkDirectory(directory), resources, out, err);
        } catch (final DirectoryLockedException | StorageException e) {
            err.println(e.getMessage());
            return FAILED;
        }
    }

    private int execute(
            final BenchOptions options, final RunResources resources, final PrintStream out, final PrintStream err) {
        final Progress progress =
                new Progress(err, System.console() != null && System.console().isTerminal(), clock);
        final Path root = ForkedJvm.findRoot();
        final ForkedJvm forkedJvm = ForkedJvm.ofProject(root);
        final Machine machine = new MachineReader(root, forkedJvm, clock).read(options.workDirectory());
        final ResultTable table = new ResultTable(out);
        final List<Result> results = new ArrayList<>();
        final List<BenchReport.Failure> failures = new ArrayList<>();
        if (!options.json()) {
            table.header(machine);
        }
        for (final Benchmark benchmark : benchmarks) {
            if (!options.names().isEmpty() && options.names().stream().noneMatch(name -> isOrIsOf(name, benchmark))) {
                continue;
            }
            final BenchContext context =
                    new BenchContext(options, benchmark.info(), forkedJvm, resources, progress, result -> {
                        results.add(result);
                        progress.clear();
                        if (!options.json()) {
                            table.row(result);
                        }
                    });
            final int before = results.size();
            final String failure = failureOf(benchmark, context, results, before);
            if (failure != null) {
                failures.add(new BenchReport.Failure(benchmark.info().name(), failure));
                progress.line(benchmark.info().name() + ": " + failure);
            }
            if (Thread.currentThread().isInterrupted()) {
                break;
            }
        }
        progress.clear();
        if (options.json()) {
            out.println(new BenchReport(machine, results, failures).toJson());
            out.flush();
        }
        return failures.isEmpty() ? DONE : FAILED;
    }

    /** Runs one benchmark; why it has no result, or null. */
    private static String failureOf(
            final Benchmark benchmark, final BenchContext context, final List<Result> results, final int before) {
        try {
            benchmark.run(context);
        } catch (final BenchmarkException e) {
            return e.getMessage();
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        } catch (final RuntimeException e) {
            return e.toString();
        }
        return results.size() == before ? "none of the names asked for is a variant of it" : null;
    }

    private static boolean isOrIsOf(final String name, final Benchmark benchmark) {
        final String own = benchmark.info().name();
        return name.equals(own) || name.startsWith(own + "/");
    }
}
