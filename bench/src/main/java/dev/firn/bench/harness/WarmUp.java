package dev.firn.bench.harness;

import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

/**
 * Has a side work until what it does is compiled.
 *
 * <p>A JVM compiles what it does often, and is at that for up to minutes: its compilers take what the side is measured by, and its code goes
 * on getting faster. A server runs for weeks, so this is not what is asked for. A side without a JVM is warm after one turn.
 */
public final class WarmUp {
    /** Compilers that take less than this of one processor are at rest. */
    private static final double REST_SHARE = 0.03;

    private final Progress progress;
    private final Duration longest;
    private final Function<Set<Long>, Duration> compilerTime;

    /** Some work of the kind that will be measured. */
    @FunctionalInterface
    public interface Turn {
        /** Works, and says for how long. */
        Duration work() throws BenchmarkException, InterruptedException;
    }

    /** @param longest after so much work it ends, and says so when compilers are still busy. */
    public WarmUp(final Progress progress, final Duration longest) {
        this(progress, longest, CompilerTime::of);
    }

    WarmUp(final Progress progress, final Duration longest, final Function<Set<Long>, Duration> compilerTime) {
        this.progress = progress;
        this.longest = longest;
        this.compilerTime = compilerTime;
    }

    /**
     * Warms a side up.
     *
     * @param side as progress calls it: the result, and who it is.
     * @param processes of it that are JVMs.
     */
    public void run(final String side, final Set<Long> processes, final Turn turn)
            throws BenchmarkException, InterruptedException {
        Duration worked = Duration.ZERO;
        double share;
        do {
            progress.step(side + ": warming up");
            final Duration before = compilerTime.apply(processes);
            final Duration elapsed = turn.work();
            final Duration compiled = compilerTime.apply(processes).minus(before);
            share = (double) compiled.toNanos() / Math.max(1, elapsed.toNanos());
            worked = worked.plus(elapsed);
        } while (share > REST_SHARE && worked.compareTo(longest) < 0);
        if (share > REST_SHARE) {
            progress.line(String.format(
                    Locale.ROOT,
                    "%s: compilers still take %.0f %% of a processor after %d s of warming up",
                    side,
                    1e2 * share,
                    worked.toSeconds()));
        }
    }
}
