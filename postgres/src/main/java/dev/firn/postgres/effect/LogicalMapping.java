package dev.firn.postgres.effect;

import java.lang.foreign.MemorySegment;

/**
 * Old and new places of tuples that a rewrite of a catalog moved, for logical decoding: xl_heap_rewrite_mapping of access/heapam_xlog.h.
 * The file is cut to {@code fileOffset}, and the bytes follow there (heap_xlog_logical_rewrite of rewriteheap.c).
 *
 * @param mappedXid the transaction that may have to see the row.
 * @param rewritingXid the transaction that rewrites.
 * @param database of the relation; 0 when it is shared.
 * @param startLsn where the rewrite began.
 * @param bytes borrowed, from {@code bytesOffset} on.
 */
public record LogicalMapping(
        int mappedXid,
        int rewritingXid,
        int database,
        int relation,
        long fileOffset,
        long startLsn,
        int mappings,
        MemorySegment bytes,
        long bytesOffset,
        int lengthBytes) {
    /** Its file within the data directory: LOGICAL_REWRITE_FORMAT of access/rewriteheap.h. */
    public String path() {
        return "pg_logical/mappings/map-%x-%x-%X_%X-%x-%x"
                .formatted(database, relation, startLsn >>> 32, (int) startLsn, mappedXid, rewritingXid);
    }
}
