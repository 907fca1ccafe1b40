package dev.firn.pagestore.timeline;

import dev.firn.pagestore.memory.MemoryTable;

/**
 * A timeline's memory table, and who uses it: reads that have found entries in it, and the housekeeper while it makes layers of it. It is freed
 * when it is in layers and nobody does. Belongs to the shard's thread.
 */
final class HeldTable {
    private final MemoryTable table;
    private int pins;
    private boolean retired;

    HeldTable(final MemoryTable table) {
        this.table = table;
    }

    MemoryTable table() {
        return table;
    }

    void pin() {
        pins++;
    }

    void unpin() {
        pins--;
        closeIfUnused();
    }

    /** No read finds it any more. */
    void retire() {
        retired = true;
        closeIfUnused();
    }

    private void closeIfUnused() {
        if (retired && pins == 0) {
            table.close();
        }
    }
}
