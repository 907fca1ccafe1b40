/**
 * Benchmarks of the page store's reads: pages in memory and of so many deltas; and of branches.
 *
 * <p>{@link dev.firn.bench.pages.PageBed} is the page store without Postgres: {@link dev.firn.bench.pages.GeneratedPages} stands for its log, with
 * pages that all have the same history, so that what a read costs is known of each of them.
 *
 * <p><b>Owner:</b> a bed belongs to the thread that made it.
 */
package dev.firn.bench.pages;
