package dev.firn.transport.counter;

/** A counter of a {@link CounterSet}: a constant of an enum, whose name in lower case is what metrics show. */
public interface CounterName {
    /** What it counts, for who reads the metrics. */
    String help();
}
