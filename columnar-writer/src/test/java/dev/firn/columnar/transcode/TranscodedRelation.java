package dev.firn.columnar.transcode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.columnar.batch.ColumnField;
import dev.firn.columnar.hidden.HiddenColumn;
import dev.firn.columnar.parquet.ParquetJavaFile;
import dev.firn.nativeio.memory.OffHeapMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A relation that was transcoded into a folder, and what its files say. */
record TranscodedRelation(TableSource source, TranscodedTable counts, Path folder) {
    static TranscodedRelation of(
            final LakeDatabase database,
            final LakeTable table,
            final int major,
            final TranscodeConfig config,
            final OffHeapMemory memory,
            final Path folder) {
        return of(database.source(table, Map.of()), major, config, memory, folder);
    }

    static TranscodedRelation of(
            final TableSource source,
            final int major,
            final TranscodeConfig config,
            final OffHeapMemory memory,
            final Path folder) {
        try (RelationTranscoder transcoder = new RelationTranscoder(
                source, major, config, memory, new TestFolder(folder), "part", "_firn/dead", "_firn/residue")) {
            return new TranscodedRelation(source, transcoder.transcode((_, _) -> {}), folder);
        }
    }

    List<Path> files(final String below, final String prefix) throws IOException {
        final Path where = folder.resolve(below);
        if (!Files.exists(where)) {
            return List.of();
        }
        try (Stream<Path> found = Files.list(where)) {
            return found.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .sorted()
                    .toList();
        }
    }

    /** All rows of the files of a folder, in the files' order. */
    List<List<Object>> rows(final String below, final String prefix) throws IOException {
        final List<List<Object>> rows = new ArrayList<>();
        for (final Path file : files(below, prefix)) {
            rows.addAll(ParquetJavaFile.read(file, source.schema().fields()));
        }
        return rows;
    }

    /** The rows by their ctid as Postgres prints it; asks that they are in the order of block and offset number. */
    Map<String, List<Object>> byAddress(final List<List<Object>> rows) {
        final Map<String, List<Object>> found = new TreeMap<>();
        final int hidden = source.schema().firstHidden();
        long last = -1;
        for (final List<Object> row : rows) {
            final long block = (Long) row.get(hidden + HiddenColumn.BLOCK.ordinal());
            final int offset = (Integer) row.get(hidden + HiddenColumn.OFFSET.ordinal());
            assertThat(block << 16 | offset).isGreaterThan(last);
            last = block << 16 | offset;
            found.put("(" + block + "," + offset + ")", row);
        }
        return found;
    }

    /** What is wrong with a column of a row, given what Postgres printed; null when nothing is. */
    String difference(final List<Object> row, final int index, final String expected) {
        final LakeColumn column = source.schema().column(index);
        final ColumnField field = column.field();
        final Object value = row.get(index);
        final Object overflow = column.overflow() < 0
                ? null
                : ((List<?>) row.get(source.schema().overflowColumn())).get(column.overflow());
        if (value != null && overflow != null) {
            return "both native and overflow";
        }
        if (expected == null) {
            return value == null && overflow == null ? null : "not null";
        }
        final char delimiter = column.type().base().element() == null
                ? ','
                : column.type().base().element().base().delimiter();
        if (value != null) {
            return LakeText.isSame(field, value, expected, delimiter) ? null : value + " is not " + expected;
        }
        if (!Objects.equals(overflow, expected)) {
            return "overflow " + overflow + " is not " + expected;
        }
        return LakeText.mayOverflow(field, expected, delimiter) ? null : expected + " overflows, but it fits";
    }
}
