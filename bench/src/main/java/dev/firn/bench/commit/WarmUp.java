package dev.firn.bench.commit;

import dev.firn.bench.harness.BenchContext;
import dev.firn.bench.harness.BenchmarkException;
import java.time.Duration;
import java.util.List;

/**
 * Brings pages into memory, and has loads run until what they run is compiled.
 *
 * <p>A JVM compiles what it does often, and with a load that waits for its disk, not for its processors, it is at that for more than a
 * minute. Its compilers then take what the load is measured by: on two processors an eighth of all time half a minute after the start.
 * A server runs for weeks, so this is not what is asked for. A side without a JVM is warm after one turn.
 */
final class WarmUp {
    private static final int CLIENTS = 16;
    private static final Duration LONGEST_TURN = Duration.ofSeconds(10);

    /** No turn is longer than so many samples. */
    private static final int TURN_SAMPLES = 3;

    private static final int MAX_TURNS = 15;

    /** Compilers that take less than this of one processor are at rest. */
    private static final double REST_SHARE = 0.03;

    private final BenchContext context;
    private final PgBench pgBench;
    private final long turnSeconds;

    /** @param sample what one measurement takes. */
    WarmUp(final BenchContext context, final PgBench pgBench, final Duration sample) {
        this.context = context;
        this.pgBench = pgBench;
        final Duration turn = sample.multipliedBy(TURN_SAMPLES);
        this.turnSeconds = PgBench.seconds(turn.compareTo(LONGEST_TURN) < 0 ? turn : LONGEST_TURN);
    }

    void run(final CommitSide side, final List<CommitLoad> loads) throws BenchmarkException {
        int turns = 0;
        double share;
        do {
            final Duration before = CompilerTime.of(side.processes());
            for (final CommitLoad load : loads) {
                context.progress().step(context.resultName("warming up " + side.name()));
                pgBench.measure(side.primary(), load, CLIENTS, turnSeconds);
            }
            turns++;
            share = CompilerTime.of(side.processes()).minus(before).toMillis() / (1e3 * turnSeconds * loads.size());
        } while (share > REST_SHARE && turns < MAX_TURNS);
        if (share > REST_SHARE) {
            context.progress()
                    .line(context.resultName(String.format(
                            "the compilers of %s still take %.0f %% of a processor after %d s of warming up",
                            side.name(), 1e2 * share, turns * turnSeconds * loads.size())));
        }
        side.requireIntact();
    }
}
