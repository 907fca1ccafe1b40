package dev.firn.nativeio.simulation;

import dev.firn.nativeio.seam.SystemRandom;
import java.util.random.RandomGenerator;

/**
 * One seed becomes a generator for each component, so that a draw more in one does not shift the draws of the others. Also for
 * simulated parts that other modules add.
 */
public final class Seeds {
    private Seeds() {}

    public static RandomGenerator generator(final long seed, final String component, final long index) {
        return SystemRandom.seeded(derive(seed, component, index));
    }

    public static long derive(final long seed, final String component, final long index) {
        return mix(mix(mix(seed) ^ component.hashCode()) ^ index);
    }

    /** The finaliser of splitmix64: every bit of the input reaches every bit of the output. */
    static long mix(final long value) {
        long z = value + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** True with this probability; draws only when the answer is open. */
    public static boolean happens(final RandomGenerator random, final double probability) {
        return probability > 0 && (probability >= 1 || random.nextDouble() < probability);
    }

    /** Uniform within {@code minimum..maximum}, both included. */
    public static long between(final RandomGenerator random, final long minimum, final long maximum) {
        return minimum >= maximum ? minimum : minimum + random.nextLong(maximum - minimum + 1);
    }

    /**
     * The gap to the next event of a Poisson process with this mean, at least 1 ns. By StrictMath: Math.log may differ in its
     * last bit between processors, and with it everything that follows.
     */
    public static long exponential(final RandomGenerator random, final long meanNs) {
        return Math.max(1, (long) (-StrictMath.log(1.0 - random.nextDouble()) * meanNs));
    }
}
