/**
 * WAL to measure with: a copy of a cluster's files at a checkpoint, and the log that a stock Postgres wrote from there on, made
 * anew by each run with the runner of {@code compute/}.
 *
 * <p>Read {@link dev.firn.bench.corpus.CorpusMaker} first. The files belong to the run, and go with it unless
 * {@code --keep-files} was asked for.
 */
package dev.firn.bench.corpus;
