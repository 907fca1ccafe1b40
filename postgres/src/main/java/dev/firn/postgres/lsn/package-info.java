/**
 * Positions in the WAL. An LSN is a primitive {@code long} everywhere, the bits of Postgres' uint64, so compare with
 * {@link java.lang.Long#compareUnsigned}. No state. Read {@link dev.firn.postgres.lsn.Lsn}.
 */
package dev.firn.postgres.lsn;
