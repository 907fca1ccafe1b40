package dev.firn.s3tier.session;

import java.util.HexFormat;
import java.util.random.RandomGenerator;

/** The store's random numbers, for all of its sessions. Thread-safe; a draw or two a write or retry. */
final class Randomness {
    private final RandomGenerator random;

    Randomness(final RandomGenerator random) {
        this.random = random;
    }

    /** A name that no other write has: 128 random bits, in hexadecimal. */
    synchronized String writeName() {
        final HexFormat hex = HexFormat.of();
        return hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
    }

    /** Uniform within 0..{@code most}, both included. */
    synchronized long upTo(final long most) {
        return random.nextLong(most + 1);
    }
}
