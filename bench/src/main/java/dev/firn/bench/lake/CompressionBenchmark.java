package dev.firn.bench.lake;

import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.Benchmark;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.BenchmarkInfo;
import dev.firn.bench.harness.Direction;
import dev.firn.bench.harness.Result;
import dev.firn.bench.harness.Sample;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** How much smaller than its heap a table is as Parquet. Nothing here depends on time: one round says it all. */
public final class CompressionBenchmark implements Benchmark {
    private static final BenchmarkInfo INFO = new BenchmarkInfo(
            "compression",
            "heap bytes of a vacuumed table for each byte of its Parquet files: all of them, and the users' columns alone",
            "heap bytes/byte",
            Direction.HIGHER_IS_BETTER,
            "the file of DuckDB's COPY of the same rows, zstd too");
    private static final String RIVAL = "duckdb";

    @Override
    public BenchmarkInfo info() {
        return INFO;
    }

    @Override
    public void run(final BenchContext context) throws BenchmarkException, InterruptedException {
        if (LakeTable.all().stream().noneMatch(table -> context.selects(table.variant()))) {
            return;
        }
        final LakeCorpus corpus = new LakeCorpusMaker(context).make();
        try (LakeSides sides = LakeSides.start(context, corpus)) {
            for (final LakeTable table : LakeTable.all()) {
                if (context.selects(table.variant())) {
                    context.progress().step(context.resultName(table.variant()));
                    compare(context, sides, table, corpus.facts(table).heapBytes());
                }
            }
        }
    }

    private static void compare(
            final BenchContext context, final LakeSides sides, final LakeTable table, final long heapBytes)
            throws BenchmarkException, InterruptedException {
        sides.transcode(table, Duration.ZERO);
        final FileSizes sizes = sides.compare(table);
        final long theirs =
                sides.write(table, RivalJob.Side.DUCKDB, Duration.ZERO).fileBytes();
        final long columns = sizes.visibleBytes() - sizes.hiddenBytes();
        final Map<String, String> details = Map.of(
                "heap", LakeSides.megabytes(heapBytes),
                "files", LakeSides.megabytes(sizes.allBytes()),
                "hidden columns, residue and dead rows",
                        LakeSides.megabytes(sizes.allBytes() - columns) + ", "
                                + LakeSides.percent(sizes.allBytes() - columns, sizes.allBytes()) + " of the files");
        report(context, table.variant(), (double) heapBytes / sizes.allBytes(), (double) heapBytes / theirs, details);
        report(
                context,
                table.variant() + "/columns",
                (double) heapBytes / columns,
                (double) heapBytes / theirs,
                details);
    }

    private static void report(
            final BenchContext context,
            final String variant,
            final double ours,
            final double theirs,
            final Map<String, String> details) {
        context.report(Result.paired(
                context.resultName(variant),
                INFO.unit(),
                INFO.direction(),
                List.of(Sample.ofValue(ours)),
                RIVAL,
                List.of(Sample.ofValue(theirs)),
                details));
    }
}
