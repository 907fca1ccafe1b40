package dev.firn.server.lake;

/**
 * Some blocks of a relation that one worker transcodes: those of one file of each kind, so that no file depends on who wrote it.
 *
 * @param toast whether the blocks are those of the relation's TOAST table.
 * @param from the first block.
 * @param to the block after the last one.
 * @param memoryBytes that it takes at most.
 */
record ExportJob(ExportRelation relation, boolean toast, long from, long to, long memoryBytes) {
    long blocks() {
        return to - from;
    }
}
