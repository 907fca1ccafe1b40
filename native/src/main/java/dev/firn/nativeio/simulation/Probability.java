package dev.firn.nativeio.simulation;

/** Checks what the fault records are given. */
public final class Probability {
    private Probability() {}

    public static void check(final String name, final double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + " is not a probability: " + value);
        }
    }
}
