package dev.firn.bench.record;

import dev.firn.bench.corpus.Corpus;
import dev.firn.bench.corpus.CorpusMaker;
import dev.firn.bench.corpus.KindsWorkload;
import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.Benchmark;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.BenchmarkInfo;
import dev.firn.bench.harness.Direction;
import dev.firn.bench.micro.JmhBenchmark;
import dev.firn.bench.micro.MicroCase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/** What redo of one record costs, for each kind: records and pages are those of a log that a server wrote in this run. */
public final class RedoRecordBenchmark implements Benchmark {
    private static final BenchmarkInfo INFO = new BenchmarkInfo(
            "redo-record",
            "redo of a record on all of its pages, by kind, with the gc profiler; putting the pages back is not timed",
            "ns/op",
            Direction.LOWER_IS_BETTER,
            "none: stock's redo routines run in its server only");
    private static final int MAJOR = 15;

    @Override
    public BenchmarkInfo info() {
        return INFO;
    }

    @Override
    public void run(final BenchContext context) throws BenchmarkException, InterruptedException {
        final List<RecordKind> chosen = Arrays.stream(RecordKind.values())
                .filter(kind -> context.selects(kind.variant()))
                .toList();
        if (chosen.isEmpty()) {
            return;
        }
        final Path directory = sample(context);
        final List<MicroCase> cases = new ArrayList<>();
        for (final RecordKind kind : chosen) {
            final Path samples = directory.resolve(kind.variant());
            if (Files.exists(samples)) {
                cases.add(new MicroCase(
                        kind.variant(),
                        new MicroCase.Side(
                                RedoRecordMicro.class,
                                kind.effectsOnly() ? "effects" : "redo",
                                Map.of("samples", samples.toString()),
                                RecordSampler.SAMPLES),
                        null,
                        DoubleUnaryOperator.identity()));
            } else {
                context.progress().line(context.resultName(kind.variant()) + ": this Postgres writes no such record");
            }
        }
        new JmhBenchmark(INFO, cases).run(context);
    }

    private static Path sample(final BenchContext context) throws BenchmarkException {
        final Corpus corpus = new CorpusMaker(context).make(new KindsWorkload(), MAJOR);
        final Path directory = Path.of(corpus.directory(), "samples");
        context.progress().step(INFO.name() + ": taking records from the log");
        try (RecordSampler sampler = new RecordSampler(corpus)) {
            Files.createDirectories(directory);
            sampler.sampleTo(directory);
        } catch (final IOException e) {
            throw new BenchmarkException("cannot take records from " + corpus.wal() + ": " + e.getMessage(), e);
        }
        return directory;
    }
}
