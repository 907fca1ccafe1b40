/**
 * The version table: what differs between the major versions of Postgres, as data.
 *
 * <p>No state and no threads. A format that differs between versions asks {@link dev.firn.postgres.version.PostgresVersion}
 * for the differing number; it never compares majors itself. A new major is a new row of that table.
 */
package dev.firn.postgres.version;
