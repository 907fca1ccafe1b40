package dev.firn.server.command;

import dev.firn.walquorum.simulation.SeedResult;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Which seeds a simulation runs, and how: the same for each of them. */
final class SeedOptions {
    @Option(
            names = "--seeds",
            paramLabel = "A..B",
            converter = SeedRange.Converter.class,
            defaultValue = "1..100",
            description = "Which seeds to run, both ends included (default: ${DEFAULT-VALUE}).")
    private SeedRange range;

    @Option(names = "--seed", paramLabel = "N", description = "Run this seed only.")
    private Long seed;

    @Option(names = "--trace", description = "With --seed: print each event on standard error.")
    boolean trace;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "How many seeds to run at once (default: one for each CPU).")
    private int threads = Runtime.getRuntime().availableProcessors();

    /** Who hears of each event, or null. */
    Consumer<String> trace(final CommandSpec spec) {
        return trace ? spec.commandLine().getErr()::println : null;
    }

    /** Runs the seeds; returns the exit code. */
    int run(final CommandSpec spec, final JsonOption json, final LongFunction<SeedResult> oneSeed)
            throws InterruptedException {
        if (trace && seed == null) {
            throw new ParameterException(spec.commandLine(), "--trace needs --seed");
        }
        if (threads < 1) {
            throw new ParameterException(spec.commandLine(), "--threads is at least 1");
        }
        return new SeedsRun(spec, json, seed == null ? range : new SeedRange(seed, seed), threads).call(oneSeed);
    }
}
