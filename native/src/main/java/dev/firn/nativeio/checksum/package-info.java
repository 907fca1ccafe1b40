/**
 * CRC-32C (Castagnoli), the checksum of every durable structure: {@link dev.firn.nativeio.checksum.Crc32c}.
 *
 * <p>It is the checksum of iSCSI (RFC 3720), of Postgres' WAL records and of its control file. A value is the finished
 * one, that is with the final inversion, as {@link java.util.zip.CRC32C#getValue()} returns it; the value of no bytes
 * is 0. Code that follows Postgres' headers: {@code INIT_CRC32C}, {@code COMP_CRC32C} and {@code FIN_CRC32C} together are
 * one {@code compute}.
 *
 * <p>Thread-safe, without state. Nothing is allocated for native memory and byte arrays on a JVM started with Firn's flags.
 */
package dev.firn.nativeio.checksum;
