package dev.firn.walquorum.archive;

/**
 * How far one log's archive is.
 *
 * @param trouble what does not work at the moment, and is tried again: one sentence; null for nothing.
 * @param failure why nothing is archived any more: one sentence; null while all is well.
 */
public record ArchiveStatus(
        String timeline,
        long logId,
        long archivedLsn,
        long lagBytes,
        long lagNs,
        long segmentsPut,
        long segmentsTakenOver,
        long retries,
        String trouble,
        String failure) {}
