package dev.firn.columnar.transcode;

/**
 * What became of a relation.
 *
 * @param rows visible ones.
 * @param deadRows row versions that nobody sees at the LSN, those of transactions that go on too.
 * @param residueBytes of what the rows do not say of their pages.
 */
public record TranscodedTable(
        long blocks,
        long rows,
        long bytes,
        int files,
        long deadRows,
        long deadBytes,
        int deadFiles,
        long residueBytes,
        int residueFiles) {}
