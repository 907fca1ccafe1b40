/**
 * The block cache on NVMe: (immutable object, block number) → bytes, in one preallocated file, through the ring, past the page
 * cache.
 *
 * <p>{@link dev.firn.nvmecache.BlockCache} first. Behind it, each in a class of its own:
 *
 * <pre>
 *   BlockDirectory      which block is in which slot: index, queues and tenants together; no I/O
 *     BlockIndex        off-heap hash index, one cache line a probe
 *     SlotTable         off-heap: each slot's durable entry (identity, checksums), and its state in memory
 *     ReplacementQueues S3-FIFO by tenant; GhostTable remembers what was thrown out
 *   SlotWriter          blocks on their way to their slots, in bounded buffers
 *   SlotReads           reads in flight, and their verification
 *   MapWriter           makes the map follow the slots in the one order that is never wrong
 *   CacheFile           the file: superblocks, map, slots; opening, refusing, recovering
 * </pre>
 *
 * <p>{@link dev.firn.nvmecache.reader} stands above: it fetches what is missing from the object store, once for all who wait.
 *
 * <p><b>Owner:</b> a cache belongs to the thread that opened it. Its {@link dev.firn.nvmecache.CacheCounters} may be read from
 * any thread.
 *
 * <p><b>Invariants:</b> no byte leaves the cache that does not agree with the checksum of the block that was asked for; a
 * slot is written only when no entry of the durable map names it; a cache that fails is a cache that misses. Why it is built
 * so: {@code docs/decisions/2026-11-21-block-cache.md}.
 */
package dev.firn.nvmecache;
