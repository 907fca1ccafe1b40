package dev.firn.nativeio.simulation;

import java.util.random.RandomGenerator;

/**
 * How long an operation takes: uniform within a range, and now and then much longer.
 *
 * @param tail probability of a slow one.
 * @param maxTailNs longest that a slow one takes.
 */
public record Latency(long minNs, long maxNs, double tail, long maxTailNs) {
    public Latency {
        if (minNs < 1 || maxNs < minNs || maxTailNs < 0) {
            throw new IllegalArgumentException("latency is not in order: " + minNs + ".." + maxNs + ", " + maxTailNs);
        }
        Probability.check("tail", tail);
    }

    public long sampleNs(final RandomGenerator random) {
        return Seeds.happens(random, tail)
                ? Seeds.between(random, maxNs, Math.max(maxNs, maxTailNs))
                : Seeds.between(random, minNs, maxNs);
    }
}
