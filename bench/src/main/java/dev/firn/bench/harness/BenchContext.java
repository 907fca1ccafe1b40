package dev.firn.bench.harness;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** What a benchmark is given to run with. For the thread that runs the suite. */
public final class BenchContext {
    private final BenchOptions options;
    private final BenchmarkInfo info;
    private final ForkedJvm forkedJvm;
    private final RunResources resources;
    private final Progress progress;
    private final Consumer<Result> results;

    public BenchContext(
            final BenchOptions options,
            final BenchmarkInfo info,
            final ForkedJvm forkedJvm,
            final RunResources resources,
            final Progress progress,
            final Consumer<Result> results) {
        this.options = options;
        this.info = info;
        this.forkedJvm = forkedJvm;
        this.resources = resources;
        this.progress = progress;
        this.results = results;
    }

    public BenchOptions options() {
        return options;
    }

    public Path workDirectory() {
        return options.workDirectory();
    }

    public int roundsOr(final int byDefault) {
        return options.rounds() == 0 ? byDefault : options.rounds();
    }

    public Duration sampleDurationOr(final Duration byDefault) {
        return options.sampleDuration().isZero() ? byDefault : options.sampleDuration();
    }

    /** The result's full name: the benchmark's, and the variant after a slash. */
    public String resultName(final String variant) {
        return info.name() + "/" + variant;
    }

    /** Whether a variant was asked for: by its benchmark's name, by its own, or because nothing was named at all. */
    public boolean selects(final String variant) {
        final List<String> names = options.names();
        return names.isEmpty() || names.contains(info.name()) || names(variant);
    }

    /** Whether a variant was asked for by its own name, or by what its name begins with, up to a slash. */
    public boolean names(final String variant) {
        final String full = resultName(variant);
        return options.names().stream()
                .anyMatch(name -> !name.equals(info.name()) && (full.equals(name) || full.startsWith(name + "/")));
    }

    public ForkedJvm forkedJvm() {
        return forkedJvm;
    }

    public RunResources resources() {
        return resources;
    }

    public Progress progress() {
        return progress;
    }

    /** Hands over a finished result; what was reported stays reported when the benchmark fails later. */
    public void report(final Result result) {
        results.accept(result);
    }

    /** Measures contenders in turns and shows how far it is. */
    public List<List<Sample>> interleave(final String variant, final int rounds, final List<Contender> contenders)
            throws BenchmarkException, InterruptedException {
        return new InterleavedRounds(rounds, contenders)
                .run((round, contender) -> progress.step(
                        resultName(variant) + ": round " + (round + 1) + " of " + rounds + ", " + contender.name()));
    }
}
