/**
 * Micro-benchmarks by JMH with its gc profiler: {@link dev.firn.bench.micro.MicroBenchmarks} lists them with their rivals,
 * {@link dev.firn.bench.micro.JmhBenchmark} runs them in the suite's rounds.
 *
 * <p><b>Invariants:</b> Firn's side allocates nothing, and each result says so. The classes
 * that JMH runs are public and open because JMH extends them.
 *
 * <p><b>Owner:</b> each benchmark's state belongs to the one thread that JMH runs it in.
 */
package dev.firn.bench.micro;
