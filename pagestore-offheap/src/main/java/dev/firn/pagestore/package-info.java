/**
 * The page store: any page at any LSN.
 *
 * <p>What will live here: timelines and branches, ingest of WAL into the off-heap memory table, layer files, GetPage,
 * retention and garbage collection. No code yet.
 */
package dev.firn.pagestore;
