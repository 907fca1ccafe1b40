/**
 * Corpora for redo: a cold cluster, the WAL that a running Postgres wrote from there on, and the data directory that it left.
 *
 * <p>{@link dev.firn.compute.corpus.CorpusMaker} makes them; read it first. What Postgres is put through stands in SQL scripts
 * beside this package's classes, one per subject, each of which says which records it is after.
 * {@link dev.firn.compute.corpus.SqlScript} reads them and {@link dev.firn.compute.corpus.ScriptRunner} runs them, one statement
 * after another, so that two runs write the same kinds of records. Nothing here is shared between threads.
 */
package dev.firn.compute.corpus;
