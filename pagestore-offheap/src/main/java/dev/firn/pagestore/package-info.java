/**
 * The page store: any page at any LSN.
 *
 * <pre>
 *   key         names of pages and of all else that has versions; kinds of entries     (read this first)
 *   cluster     the rules of recovery that a cold replay and ingest share
 *   replay      a log over a cold data directory: the oracle, and `wal verify`
 *   memory      the memory table: entries of the newest WAL, off-heap
 *   ingest      WAL records become entries; the head state
 *   layer       immutable files of entries: written, found, read, merged
 *   manifest    which layers a timeline has, and who owns it
 *   timeline    the shard: timelines, branches, reads
 *   upkeep      the housekeeper: flushes, merges, images, removal
 *   service     requests about pages, and their answers
 *   simulation  all of it under seeded faults, held against a model
 * </pre>
 *
 * <p>How they fit: {@code docs/decisions/2026-11-21-page-store.md}.
 */
package dev.firn.pagestore;
