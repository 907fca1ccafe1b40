package dev.firn.nativeio.memory;

/**
 * What a tag, or all of them, holds of an {@link OffHeapMemory}: a reading for metrics.
 *
 * @param heldBytes bytes of the slots held; each slot is at least as large as what was asked for.
 * @param heldCount allocations not freed yet.
 * @param highWaterBytes the most bytes ever held at once.
 * @param refusedCount requests that found no room.
 */
public record MemoryUsage(long heldBytes, long heldCount, long highWaterBytes, long refusedCount) {}
