package dev.firn.columnar.transcode;

import dev.firn.columnar.batch.ColumnField;
import dev.firn.columnar.batch.ColumnVector;
import dev.firn.columnar.batch.RowBatch;
import dev.firn.columnar.parquet.ParquetConfig;
import dev.firn.columnar.parquet.ParquetWriter;
import dev.firn.nativeio.memory.OffHeapMemory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The files of one kind of rows of a relation: a batch that fills up, and the file that is being written, which begins with its first row. Belongs to
 * one thread.
 */
final class RowFile implements AutoCloseable {
    /** Values that a batch may have before it is handed to the file, whatever its rows. */
    private static final long BATCH_BYTES = 8L << 20;

    private final List<ColumnField> schema;
    private final ParquetConfig config;
    private final OffHeapMemory memory;
    private final LakeFolder folder;
    private final String prefix;
    private final Map<String, String> metadata;
    private final RowBatch batch;
    private final int overflowColumn;
    private final List<LakeFile> finished = new ArrayList<>();
    private long firstBlock;
    private ParquetWriter writer;
    private LakeFile file;
    private long rows;
    private long bytes;

    /** @param prefix of the files' names, which go on with the number of the first block. */
    RowFile(
            final TableSchema table,
            final ParquetConfig config,
            final OffHeapMemory memory,
            final LakeFolder folder,
            final String prefix,
            final Map<String, String> metadata) {
        this(table.fields(), table.overflowColumn(), config, memory, folder, prefix, metadata);
    }

    RowFile(
            final List<ColumnField> schema,
            final int overflowColumn,
            final ParquetConfig config,
            final OffHeapMemory memory,
            final LakeFolder folder,
            final String prefix,
            final Map<String, String> metadata) {
        this.schema = schema;
        this.config = config;
        this.memory = memory;
        this.folder = folder;
        this.prefix = prefix;
        this.metadata = metadata;
        this.batch = new RowBatch(schema, memory);
        this.overflowColumn = overflowColumn;
    }

    /** What is filled; {@link #endRows} when it has more rows. */
    RowBatch batch() {
        return batch;
    }

    /** From now on rows are of blocks from this one on; those before are in a file of their own. */
    void begin(final long block) {
        finish();
        firstBlock = block;
    }

    /** Sees that all columns have so many rows, and the batch is handed on when it is large. @param next how many may follow. */
    void endRows(final int count, final int next) {
        seal(count);
        flushIfLarge(next);
    }

    /** Sees that all columns have so many rows. */
    void seal(final int count) {
        if (overflowColumn >= 0) {
            final ColumnVector overflow = batch.column(overflowColumn);
            for (int i = 0; i < overflow.field().children().size(); i++) {
                overflow.child(i).appendNulls(count - overflow.child(i).count());
            }
            overflow.endStructs(count - overflow.count());
        }
        batch.setRows(count);
    }

    /** Hands the batch on when it is large. @param next how many rows may follow. */
    void flushIfLarge(final int next) {
        if (batch.rows() + next > config.pageRows() || batch.valueBytes() >= BATCH_BYTES) {
            flush();
        }
    }

    private void flush() {
        if (batch.rows() == 0) {
            return;
        }
        open();
        while (!writer.write(batch)) {
            writer.doWork();
        }
        writer.doWork();
        rows += batch.rows();
        batch.clear();
    }

    private void open() {
        if (writer == null) {
            file = folder.create("%s-%010d.parquet".formatted(prefix, firstBlock));
            final Map<String, String> all = new LinkedHashMap<>(metadata);
            all.put("firn.first-block", Long.toString(firstBlock));
            writer = new ParquetWriter(schema, config, memory, file, all);
        }
    }

    /** Ends the file, if one was begun. */
    void finish() {
        flush();
        if (writer == null) {
            return;
        }
        while (!writer.finish()) {
            writer.doWork();
        }
        bytes += writer.statistics().bytes();
        writer.close();
        writer = null;
        file.finish();
        finished.add(file);
        file = null;
    }

    /** Makes a file without rows when there is none: a table has its columns all the same. */
    void requireFile() {
        finish();
        if (finished.isEmpty()) {
            open();
            finish();
        }
    }

    long rows() {
        return rows;
    }

    long bytes() {
        return bytes;
    }

    int files() {
        return finished.size();
    }

    /** Takes everything back. @param why it has to: what cannot be taken back is told beside it, and not in its place. */
    void abandon(final Throwable why) {
        if (file != null) {
            finished.add(file);
            file = null;
        }
        for (final LakeFile one : finished) {
            try {
                one.abandon();
            } catch (final RuntimeException e) {
                why.addSuppressed(e);
            }
        }
        finished.clear();
    }

    @Override
    public void close() {
        if (writer != null) {
            writer.close();
        }
        batch.close();
    }
}
