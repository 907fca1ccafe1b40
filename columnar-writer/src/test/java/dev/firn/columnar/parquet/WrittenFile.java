package dev.firn.columnar.parquet;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.firn.columnar.batch.ColumnField;
import dev.firn.columnar.batch.RowBatch;
import dev.firn.nativeio.memory.OffHeapMemory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** A file that the writer made of columns of values, in batches of some size, for a sink that takes what it likes. */
record WrittenFile(byte[] bytes, FileStatistics statistics, int rowGroups) {
    static WrittenFile of(
            final List<ColumnField> schema,
            final List<List<Object>> columns,
            final int batchRows,
            final ParquetConfig config,
            final OffHeapMemory memory,
            final RandomGenerator pace) {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        final ParquetSink sink = (bytes, offset, length) -> {
            final long take =
                    pace == null ? length : pace.nextInt(3) == 0 ? 0 : Math.min(length, 1 + pace.nextInt(9_000));
            out.writeBytes(bytes.asSlice(offset, take).toArray(JAVA_BYTE));
            return take;
        };
        final int rows = columns.getFirst().size();
        try (RowBatch batch = new RowBatch(schema, memory);
                ParquetWriter writer = new ParquetWriter(schema, config, memory, sink, Map.of("firn.test", "yes"))) {
            for (int first = 0; first < rows; first += batchRows) {
                RandomRows.fill(batch, columns, first, Math.min(rows, first + batchRows));
                while (!writer.write(batch)) {
                    writer.doWork();
                }
            }
            while (!writer.finish()) {
                writer.doWork();
            }
            return new WrittenFile(out.toByteArray(), writer.statistics(), writer.rowGroupCount());
        }
    }

    Path store(final Path directory) throws IOException {
        final Path file = directory.resolve("rows.parquet");
        Files.write(file, bytes);
        return file;
    }
}
