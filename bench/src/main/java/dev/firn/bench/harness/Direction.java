package dev.firn.bench.harness;

/** Which way a unit is good. */
public enum Direction {
    /** Throughput: operations or bytes a second. */
    HIGHER_IS_BETTER,
    /** Time or space an operation. */
    LOWER_IS_BETTER;

    /** How much better Firn is: above 1 means better, whichever way the unit goes. */
    public double ratio(final double value, final double rivalValue) {
        return this == HIGHER_IS_BETTER ? value / rivalValue : rivalValue / value;
    }
}
