/**
 * Benchmarks, each beside its rival in the same run.
 */
package dev.firn.bench;
