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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Heap pages to Parquet files, beside writers that are fed the same rows. */
public final class TranscodeBenchmark implements Benchmark {
    private static final BenchmarkInfo INFO = new BenchmarkInfo(
            "transcode",
            "heap pages of Postgres to Parquet files with hidden columns and residue, zstd, one thread",
            "MB/s of heap",
            Direction.HIGHER_IS_BETTER,
            "parquet-java's row writer; DuckDB's COPY TO Parquet; zstd too, fed the same rows");
    private static final int DEFAULT_ROUNDS = 5;

    @Override
    public BenchmarkInfo info() {
        return INFO;
    }

    @Override
    public void run(final BenchContext context) throws BenchmarkException, InterruptedException {
        if (LakeTable.all().stream().noneMatch(table -> selected(context, table).size() > 0)) {
            return;
        }
        final LakeCorpus corpus = new LakeCorpusMaker(context).make();
        for (final LakeTable table : LakeTable.all()) {
            final List<RivalJob.Side> rivals = selected(context, table);
            if (!rivals.isEmpty()) {
                // Processes of its own for each table: what one taught the compiler is not what the next would.
                try (LakeSides sides = LakeSides.start(context, corpus)) {
                    measure(context, sides, table, rivals);
                }
            }
        }
    }

    private static List<RivalJob.Side> selected(final BenchContext context, final LakeTable table) {
        final List<RivalJob.Side> sides = new ArrayList<>();
        for (final RivalJob.Side side : RivalJob.Side.values()) {
            if (context.selects(variant(table, side))) {
                sides.add(side);
            }
        }
        return sides;
    }

    private static String variant(final LakeTable table, final RivalJob.Side side) {
        return table.variant() + "/" + side.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static void measure(
            final BenchContext context, final LakeSides sides, final LakeTable table, final List<RivalJob.Side> rivals)
            throws BenchmarkException, InterruptedException {
        final Duration sample = sides.sample();
        sides.warmUpTranscoding(table);
        final FileSizes sizes = sides.compare(table);
        final List<List<LakeMeasurement>> measured = new ArrayList<>();
        final List<Contender> contenders = new ArrayList<>();
        measured.add(new ArrayList<>());
        contenders.add(new Contender("Firn", 1, () -> kept(measured.getFirst(), sides.transcode(table, sample))));
        for (final RivalJob.Side side : rivals) {
            sides.warmUp(table, side);
            final List<LakeMeasurement> own = new ArrayList<>();
            measured.add(own);
            contenders.add(new Contender(side.name(), 1, () -> kept(own, sides.write(table, side, sample))));
        }
        final List<List<Sample>> samples =
                context.interleave(table.variant(), context.roundsOr(DEFAULT_ROUNDS), contenders);
        for (int i = 0; i < rivals.size(); i++) {
            final String variant = variant(table, rivals.get(i));
            context.report(Result.paired(
                    context.resultName(variant),
                    INFO.unit(),
                    INFO.direction(),
                    samples.getFirst(),
                    variant.substring(variant.indexOf('/') + 1),
                    samples.get(i + 1),
                    details(measured.getFirst().getLast(), measured.get(i + 1).getLast(), sizes)));
        }
    }

    private static Sample kept(final List<LakeMeasurement> all, final LakeMeasurement measurement) {
        all.add(measurement);
        return measurement.toSample();
    }

    private static Map<String, String> details(
            final LakeMeasurement ours, final LakeMeasurement theirs, final FileSizes sizes) {
        final Map<String, String> details = new LinkedHashMap<>();
        details.put(
                "rows",
                String.format(
                        Locale.ROOT,
                        "%.2f M rows/s against %.2f",
                        ours.millionRowsPerSecond(),
                        theirs.millionRowsPerSecond()));
        details.put("heap", LakeSides.megabytes(ours.heapBytes()));
        details.put(
                "files",
                LakeSides.megabytes(ours.fileBytes()) + ", of which the users' columns "
                        + LakeSides.megabytes(sizes.visibleBytes() - sizes.hiddenBytes()) + ", against "
                        + LakeSides.megabytes(theirs.fileBytes()));
        details.put(
                "cpu",
                String.format(
                        Locale.ROOT,
                        "%.2f of a processor against %.2f",
                        (double) ours.cpuNs() / ours.elapsedNs(),
                        (double) theirs.cpuNs() / theirs.elapsedNs()));
        return details;
    }
}
