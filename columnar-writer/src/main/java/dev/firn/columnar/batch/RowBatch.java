package dev.firn.columnar.batch;

import dev.firn.nativeio.memory.OffHeapMemory;
import java.util.ArrayList;
import java.util.List;

/**
 * Rows, column by column. As many as make a page or a few: the writer begins pages with each batch, so batches of less than
 * {@code ParquetConfig.pageRows} rows make pages that are smaller than they should be.
 */
public final class RowBatch implements AutoCloseable {
    private final List<ColumnVector> columns = new ArrayList<>();
    private int rows;

    /** @param memory borrowed: where all of the batch lies. */
    public RowBatch(final List<ColumnField> schema, final OffHeapMemory memory) {
        for (final ColumnField field : schema) {
            columns.add(new ColumnVector(field, memory));
        }
    }

    public int columnCount() {
        return columns.size();
    }

    public ColumnVector column(final int index) {
        return columns.get(index);
    }

    public int rows() {
        return rows;
    }

    /**
     * Says that each column has so many values now.
     *
     * @throws IllegalStateException when one has not.
     */
    public void setRows(final int count) {
        for (int i = 0; i < columns.size(); i++) {
            final ColumnVector column = columns.get(i);
            if (column.count() != count) {
                throw new IllegalStateException("column " + column.field().name() + " has " + column.count()
                        + " values in a batch of " + count + " rows");
            }
        }
        rows = count;
    }

    /** Bytes of values, all columns and their children. */
    public long valueBytes() {
        long bytes = 0;
        for (int i = 0; i < columns.size(); i++) {
            bytes += valueBytes(columns.get(i));
        }
        return bytes;
    }

    private static long valueBytes(final ColumnVector vector) {
        long bytes = vector.valueBytes();
        for (int i = 0; i < vector.field().children().size(); i++) {
            bytes += valueBytes(vector.child(i));
        }
        return bytes;
    }

    /** Forgets the rows and keeps the memory. */
    public void clear() {
        for (int i = 0; i < columns.size(); i++) {
            columns.get(i).clear();
        }
        rows = 0;
    }

    @Override
    public void close() {
        columns.forEach(ColumnVector::close);
    }
}
