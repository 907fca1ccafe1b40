package dev.firn.nativeio.seam;

import java.security.SecureRandom;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/** Randomness that differs from run to run: the one place that makes it. */
public final class SystemRandom {
    private static final String ALGORITHM = "L64X128MixRandom";

    private SystemRandom() {}

    /** A fast generator, seeded from the host's entropy; for one thread. */
    public static RandomGenerator create() {
        return seeded(new SecureRandom().nextLong());
    }

    /** A generator for keys and nonces; thread-safe. */
    public static RandomGenerator secure() {
        return new SecureRandom();
    }

    /** The generator that simulations and tests use: the same seed gives the same numbers on every host. */
    public static RandomGenerator seeded(final long seed) {
        return RandomGeneratorFactory.of(ALGORITHM).create(seed);
    }
}
