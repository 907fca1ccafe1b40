/**
 * Zstandard frames by the host's own libzstd (zstd.h, the functions that are stable since 1.4.0), on native memory where it lies: nothing is
 * allocated by a call. {@link dev.firn.nativeio.zstd.ZstdLibrary} says whether the host has it; where not, who needs frames brings a library along.
 *
 * <p><b>Owner:</b> a {@link dev.firn.nativeio.zstd.ZstdCompressor} or {@link dev.firn.nativeio.zstd.ZstdDecompressor} belongs to one thread, which
 * closes it: its memory is libzstd's own, of malloc, and no {@code OffHeapMemory} knows it. How many are open is counted.
 */
package dev.firn.nativeio.zstd;
