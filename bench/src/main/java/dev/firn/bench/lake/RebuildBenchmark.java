package dev.firn.bench.lake;

import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.Benchmark;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.BenchmarkInfo;
import dev.firn.bench.harness.Contender;
import dev.firn.bench.harness.Direction;
import dev.firn.bench.harness.Result;
import dev.firn.bench.harness.Sample;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Parquet files back to heap pages, bit for bit. */
public final class RebuildBenchmark implements Benchmark {
    private static final BenchmarkInfo INFO = new BenchmarkInfo(
            "rebuild",
            "heap pages from their Parquet files, each compared with its checksum, one thread",
            "MB/s of heap",
            Direction.HIGHER_IS_BETTER,
            "Postgres: COPY FREEZE of the rows into a new table, without WAL");
    private static final int DEFAULT_ROUNDS = 5;

    @Override
    public BenchmarkInfo info() {
        return INFO;
    }

    @Override
    public void run(final BenchContext context) throws BenchmarkException, InterruptedException {
        if (LakeTable.all().stream().noneMatch(table -> context.selects(table.variant()))) {
            return;
        }
        final LakeCorpusMaker maker = new LakeCorpusMaker(context);
        final LakeCorpus corpus = maker.make();
        try (RestoredTable rival = new RestoredTable(context, maker.binaries())) {
            for (final LakeTable table : LakeTable.all()) {
                if (context.selects(table.variant())) {
                    try (LakeSides sides = LakeSides.start(context, corpus)) {
                        measure(context, sides, rival, table, corpus.facts(table));
                    }
                }
            }
        }
    }

    private static void measure(
            final BenchContext context,
            final LakeSides sides,
            final RestoredTable rival,
            final LakeTable table,
            final LakeCorpus.Facts facts)
            throws BenchmarkException, InterruptedException {
        final Duration sample = sides.sample();
        sides.transcode(table, Duration.ZERO);
        sides.warmUpRebuilding(table);
        rival.restore(table, facts);
        final List<LakeMeasurement> ours = new ArrayList<>();
        final List<List<Sample>> samples = context.interleave(
                table.variant(),
                context.roundsOr(DEFAULT_ROUNDS),
                List.of(
                        new Contender("Firn", 1, () -> {
                            final LakeMeasurement measurement = sides.rebuild(table, sample);
                            ours.add(measurement);
                            return measurement.toSample();
                        }),
                        new Contender(
                                rival.name(),
                                1,
                                () -> Sample.ofValue(rival.restore(table, facts).heapMegabytesPerSecond()))));
        context.report(Result.paired(
                context.resultName(table.variant()),
                INFO.unit(),
                INFO.direction(),
                samples.getFirst(),
                rival.name(),
                samples.getLast(),
                Map.of(
                        "rows",
                        String.format(
                                Locale.ROOT, "%.2f M rows/s", ours.getLast().millionRowsPerSecond()),
                        "heap",
                        LakeSides.megabytes(facts.heapBytes()))));
    }
}
