/**
 * Where the programs of a Postgres major version come from.
 *
 * <p>{@link dev.firn.compute.binaries.PostgresBinaries} is a folder of programs whose version was asked for, not guessed. No state
 * but the cache on disk, which any number of processes may share.
 */
package dev.firn.compute.binaries;
