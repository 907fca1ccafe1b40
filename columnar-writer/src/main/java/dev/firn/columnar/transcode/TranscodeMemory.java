package dev.firn.columnar.transcode;

import dev.firn.columnar.batch.ColumnField;
import dev.firn.postgres.page.PageLayout;
import java.util.List;

/**
 * How much off-heap memory a {@link RelationTranscoder} takes at most, so that several of them get along in one memory. Values out of line that are
 * longer than a slice come on top: nobody knows of them before they are read.
 */
public final class TranscodeMemory {
    /** Pages that are read, what pages are made in, and the allocator's slabs that are not full: of three files. */
    private static final long FIXED_BYTES = 24L << 20;

    /** What a column of a large table takes beside its values: its dictionary with its hash table, its filter, a piece of its chunk; in two files. */
    private static final long COLUMN_BYTES = 6L << 20;

    /** What a column takes at least: the least pieces of its buffers. */
    private static final long LEAST_COLUMN_BYTES = 256L << 10;

    /** A small table's dictionaries, vectors and encoded pages are at most so many times its heap. */
    private static final int TIMES_HEAP = 8;

    /** A batch's values, in a buffer that has just been doubled, and the one that it was copied from. */
    private static final long BATCH_BYTES = 32L << 20;

    private TranscodeMemory() {}

    /** @param blocks that one transcoder is to transcode. */
    public static long mostBytes(final TableSchema schema, final TranscodeConfig config, final long blocks) {
        final long heapBytes = blocks * PageLayout.PAGE_BYTES;
        final long columns = leaves(schema.fields());
        final long large = columns * COLUMN_BYTES
                + BATCH_BYTES
                + 2 * config.sliceBytes()
                + config.parquet().rowGroupBytes()
                + config.parquet().pendingBytes();
        return FIXED_BYTES + columns * LEAST_COLUMN_BYTES + Math.min(large, TIMES_HEAP * heapBytes);
    }

    private static int leaves(final List<ColumnField> fields) {
        int leaves = 0;
        for (final ColumnField field : fields) {
            leaves += field.children().isEmpty() ? 1 : leaves(field.children());
        }
        return leaves;
    }
}
