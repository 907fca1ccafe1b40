/**
 * The page store: any page at any LSN.
 *
 * <p>{@code dev.firn.pagestore.replay} replays WAL over a cold data directory. What will live here besides: timelines and branches, ingest of WAL
 * into the off-heap memory table, layer files, GetPage, retention and garbage collection.
 */
package dev.firn.pagestore;
