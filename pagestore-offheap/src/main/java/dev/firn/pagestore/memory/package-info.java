/**
 * The memory table: what ingest made of the log since the last flush, by key and LSN, in off-heap memory of a fixed size.
 *
 * <p>{@link dev.firn.pagestore.memory.MemoryTable} first. One thread, the shard's, writes and reads it. Once {@linkplain
 * dev.firn.pagestore.memory.MemoryTable#freeze() frozen} it never changes, and any thread that learns of it after that may read it, the
 * housekeeper above all, who makes layers of it in the order of {@link dev.firn.pagestore.memory.MemoryTableScan}.
 *
 * <p><b>Invariants:</b> a key's entries have rising LSNs, and each LSN once; all of a record's entries are in one table, but for the sizes
 * of a database's forks when they are more than one has room for; nothing but the sort of
 * a scan takes memory after a table was made.
 */
package dev.firn.pagestore.memory;
