package dev.firn.postgres.effect;

import java.lang.foreign.MemorySegment;

/**
 * Old and new places of tuples that a rewrite of a catalog moved, for logical decoding: xl_heap_rewrite_mapping of access/heapam_xlog.h.
 *
 * @param bytes borrowed, from {@code bytesOffset} on.
 */
public record LogicalMapping(
        int mappedXid,
        int database,
        int relation,
        long fileOffset,
        long startLsn,
        int mappings,
        MemorySegment bytes,
        long bytesOffset,
        int lengthBytes) {}
