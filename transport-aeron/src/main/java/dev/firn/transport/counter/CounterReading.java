package dev.firn.transport.counter;

/**
 * What one counter stood at.
 *
 * @param name as metrics show it, without a prefix.
 * @param help what it counts.
 */
public record CounterReading(String name, String help, long value) {}
