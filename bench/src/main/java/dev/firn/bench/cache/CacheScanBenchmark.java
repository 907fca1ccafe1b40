package dev.firn.bench.cache;

import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.Benchmark;
import dev.firn.bench.harness.BenchmarkException;
import dev.firn.bench.harness.BenchmarkInfo;
import dev.firn.bench.harness.Contender;
import dev.firn.bench.harness.Direction;
import dev.firn.bench.harness.Result;
import dev.firn.bench.harness.Sample;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * How many of the point reads the cache answers, with and without scans between them, at three sizes: Firn's rule of what to keep beside
 * LRU and CLOCK on the same trace. Each round is a trace of another seed; the seeds are the same in every run.
 *
 * <p>Blocks of a scan come once, so that no rule can answer them: they are asked for, and not counted. Neither is the first
 * quarter, in which caches fill.
 */
public final class CacheScanBenchmark implements Benchmark {
    private static final BenchmarkInfo INFO = new BenchmarkInfo(
            "cache-scan",
            "point reads by Zipf's law that the cache answers, with and without scans between them, at 1, 5 and 20 % of the blocks",
            "hit rate",
            Direction.HIGHER_IS_BETTER,
            "LRU; CLOCK");
    private static final List<Integer> PERCENT = List.of(1, 5, 20);
    private static final int DEFAULT_ROUNDS = 3;
    private static final int ASKED = 2_000_000;
    private static final int NOT_COUNTED = ASKED / 4;
    private static final long FIRST_SEED = 0x6361636865L;

    @Override
    public BenchmarkInfo info() {
        return INFO;
    }

    @Override
    public void run(final BenchContext context) throws BenchmarkException, InterruptedException {
        for (final boolean scans : new boolean[] {false, true}) {
            for (final int percent : PERCENT) {
                final String variant = (scans ? "zipf+scans" : "zipf") + "/" + percent + "%";
                if (context.selects(variant)) {
                    measure(context, variant, scans, percent);
                }
            }
        }
    }

    private static void measure(
            final BenchContext context, final String variant, final boolean scans, final int percent)
            throws BenchmarkException, InterruptedException {
        final int capacity = BlockTrace.BLOCKS / 100 * percent;
        final List<Contender> contenders = List.of(
                contender("Firn", FirnReplacement::new, capacity, scans),
                contender("LRU", LruReplacement::new, capacity, scans),
                contender("CLOCK", ClockReplacement::new, capacity, scans));
        final List<List<Sample>> samples = context.interleave(variant, context.roundsOr(DEFAULT_ROUNDS), contenders);
        for (int rival = 1; rival < contenders.size(); rival++) {
            final String name = contenders.get(rival).name();
            context.report(Result.paired(
                    context.resultName(variant + "/" + name.toLowerCase(Locale.ROOT)),
                    INFO.unit(),
                    INFO.direction(),
                    samples.getFirst(),
                    name,
                    samples.get(rival),
                    Map.of("trace", describe(capacity, scans))));
        }
    }

    private static String describe(final int capacity, final boolean scans) {
        final String points =
                "Zipf " + BlockTrace.SKEW + " over " + BlockTrace.BLOCKS + " blocks, cache of " + capacity;
        return scans ? points + ", a scan of " + BlockTrace.SCAN_BLOCKS + " after each as many" : points;
    }

    /** Takes the seeds in order: one a round. */
    private static Contender contender(
            final String name, final IntFunction<Replacement> replacements, final int capacity, final boolean scans) {
        final long[] nextSeed = {FIRST_SEED};
        return new Contender(name, 1, () -> {
            try (Replacement replacement = replacements.apply(capacity)) {
                return Sample.ofValue(hitRate(replacement, new BlockTrace(nextSeed[0]++, scans)));
            }
        });
    }

    static double hitRate(final Replacement replacement, final BlockTrace trace) {
        long hits = 0;
        long counted = 0;
        for (int i = 0; i < ASKED; i++) {
            final boolean hit = replacement.touch(trace.next());
            if (i >= NOT_COUNTED && !trace.scanning()) {
                counted++;
                hits += hit ? 1 : 0;
            }
        }
        return (double) hits / counted;
    }
}
