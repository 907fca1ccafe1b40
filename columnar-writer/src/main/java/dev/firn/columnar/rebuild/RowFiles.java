package dev.firn.columnar.rebuild;

import dev.firn.columnar.batch.ColumnField;
import dev.firn.columnar.batch.RowBatch;
import dev.firn.columnar.parquet.ParquetReader;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.MalformedDataException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The rows of one kind of a relation, from its files one after another, a page's at a time. Owned by one thread. */
final class RowFiles implements AutoCloseable {
    private final List<Path> files;
    private final List<ColumnField> schema;
    private final int blockColumn;
    private final RowBatch batch;
    private int nextFile;
    private ParquetReader reader;

    /** @param files in the order of their blocks. */
    RowFiles(
            final List<Path> files, final List<ColumnField> schema, final int blockColumn, final OffHeapMemory memory) {
        this.files = List.copyOf(files);
        this.schema = schema;
        this.blockColumn = blockColumn;
        batch = new RowBatch(schema, memory);
    }

    /** The rows that were last read; borrowed until the next are. */
    RowBatch batch() {
        return batch;
    }

    /** The block of the next row; less than 0 when there is none. */
    long nextBlock() throws IOException {
        while (reader == null || !reader.hasNext()) {
            if (nextFile == files.size()) {
                return -1;
            }
            if (reader != null) {
                reader.close();
            }
            reader = ParquetReader.open(files.get(nextFile++), schema);
        }
        return reader.peekLong(blockColumn);
    }

    /** Reads the rows of a block, which are none when the next ones are of a later one. */
    void read(final long block, final int most) throws IOException {
        batch.clear();
        int rows = 0;
        long next = nextBlock();
        while (next == block) {
            if (rows == most) {
                throw new MalformedDataException("block " + block + " has more than " + most + " rows");
            }
            reader.read(batch);
            rows++;
            next = nextBlock();
        }
        if (next >= 0 && next < block) {
            throw new MalformedDataException("a row of block " + next + " stands after block " + block);
        }
        batch.setRows(rows);
    }

    @Override
    public void close() {
        batch.close();
        if (reader != null) {
            reader.close();
        }
    }
}
