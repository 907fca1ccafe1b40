/**
 * Postgres' on-disk formats and the redo engine: WAL records, pages, tuples, control file, system catalogs. No I/O and no
 * threads: it is given memory and answers.
 *
 * <p>What will live here: the WAL reader (a flyweight over each record, in place over off-heap memory), the page and file
 * formats of major versions 15 and 17 as a version table, and redo of every built-in resource manager, checked against
 * the consistency images that Postgres itself writes. No code yet.
 */
package dev.firn.postgres;
