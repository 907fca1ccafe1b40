/**
 * The harness: what a benchmark is, how Firn and its rival are measured in turns, and how results are shown.
 *
 * <p>{@link dev.firn.bench.harness.Benchmark} is what a benchmark implements; {@link dev.firn.bench.harness.BenchContext}
 * is what it runs with; {@link dev.firn.bench.harness.InterleavedRounds} and
 * {@link dev.firn.bench.harness.PairedRatios} are the method: absolute figures of a shared machine mean little, so samples
 * are taken in pairs, neighbours in time, and the median of the pairs' ratios is the result. Read these first.
 *
 * <p><b>Invariants:</b> a ratio above 1 means that Firn is better, whichever way the unit goes. A missing rival is named,
 * and takes nothing away but the comparison. No child process and no unasked-for file outlives a run.
 *
 * <p><b>Owner:</b> the thread that runs the suite; only {@link dev.firn.bench.harness.RunResources} is shared with the
 * shutdown hook.
 */
package dev.firn.bench.harness;
