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
        int residueFiles) {
    /** This and what became of other blocks of the relation. */
    public TranscodedTable and(final TranscodedTable other) {
        return new TranscodedTable(
                blocks + other.blocks,
                rows + other.rows,
                bytes + other.bytes,
                files + other.files,
                deadRows + other.deadRows,
                deadBytes + other.deadBytes,
                deadFiles + other.deadFiles,
                residueBytes + other.residueBytes,
                residueFiles + other.residueFiles);
    }
}
