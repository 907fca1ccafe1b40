/**
 * Counters that a hot path keeps, and that metrics read as a list of names, explanations and values.
 *
 * <p><b>Owner:</b> a {@link dev.firn.transport.counter.CounterSet} is written by the thread that owns what it counts, and read
 * by any.
 */
package dev.firn.transport.counter;
