/**
 * Stateless Postgres: a process that owns nothing.
 *
 * <p>Here today is the Postgres runner, which tests and {@code firn up} share: {@link dev.firn.compute.binaries} obtains a
 * major version, {@link dev.firn.compute.instance} makes a cluster and runs it, as an unprivileged user, with nothing left
 * behind. Read {@link dev.firn.compute.instance.PostgresServer} first. The data directory that is served page by page, the
 * life cycle of a compute and scale to zero will live here too.
 */
package dev.firn.compute;
