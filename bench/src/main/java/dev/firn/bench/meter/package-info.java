/**
 * What a process that measures counts with: time, processor time and allocation at both ends of the measured part
 * ({@link dev.firn.bench.meter.Meter}, read first), latencies in between, and cheap random numbers.
 *
 * <p><b>Invariant:</b> nothing here allocates between the two ends.
 *
 * <p><b>Owner:</b> the thread that measures.
 */
package dev.firn.bench.meter;
