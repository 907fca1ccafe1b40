/**
 * Stateless Postgres: a process that owns nothing.
 *
 * <p>What will live here: the Postgres runner (init, start, stop, kill, as an unprivileged user), the data directory that is
 * served page by page, the life cycle of a compute, and scale to zero. No code yet.
 */
package dev.firn.compute;
