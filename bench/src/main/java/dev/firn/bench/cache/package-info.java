/**
 * The block cache: what a hit costs, and what it keeps.
 *
 * <p>{@link dev.firn.bench.cache.CacheHitBenchmark} reads from a full cache beside fio on the cache's own file, in a process of its own
 * ({@link dev.firn.bench.cache.CacheWorker}), and finds blocks in memory beside the JDK's hash map.
 * {@link dev.firn.bench.cache.CacheScanBenchmark} asks the cache's rule of what to keep, and LRU's and CLOCK's, for the blocks of one
 * trace.
 *
 * <p><b>Invariants:</b> reads allocate nothing, and each sample says so. All rules meet the same trace with the same room.
 *
 * <p><b>Owner:</b> the suite's thread; in the worker, the main thread owns cache and buffers.
 */
package dev.firn.bench.cache;
