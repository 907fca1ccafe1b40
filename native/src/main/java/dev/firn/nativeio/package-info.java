/**
 * Everything that reaches below the JVM: the only module with a method handle.
 *
 * <ul>
 *   <li>{@link dev.firn.nativeio.storage}: the contract for files and rings; read it first
 *   <li>{@link dev.firn.nativeio.uring}, {@link dev.firn.nativeio.portable}, {@link dev.firn.nativeio.file}: what stands
 *       behind the contract on a host
 *   <li>{@link dev.firn.nativeio.memory}, {@link dev.firn.nativeio.checksum}: off-heap memory and CRC32C
 *   <li>{@link dev.firn.nativeio.agent}: threads that run agents, with idle strategies and CPU pinning
 *   <li>{@link dev.firn.nativeio.seam}, {@link dev.firn.nativeio.network}: clock, randomness and network
 *   <li>{@link dev.firn.nativeio.simulation}: the seeded simulated host that stands behind the same contracts
 *   <li>{@link dev.firn.nativeio.zstd}: the host's libzstd
 *   <li>{@link dev.firn.nativeio.posix}: libc calls; {@code liburing}: jextract's output
 * </ul>
 */
package dev.firn.nativeio;
