/**
 * The page store in a simulation: shard, housekeeper, layers and manifests of production over a simulated object store, under crashes, changes of
 * owner and all that the store does wrong, held against a model that remembers every version of every page.
 *
 * <p>The log is invented ({@code ModelLog}), and comes through an input of its own: decoding Postgres' WAL is tested against Postgres. One thread.
 *
 * <p>Read {@link dev.firn.pagestore.simulation.PagesSimulation} first.
 */
package dev.firn.pagestore.simulation;
