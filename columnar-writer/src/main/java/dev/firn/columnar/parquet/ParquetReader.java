package dev.firn.columnar.parquet;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.firn.columnar.batch.ColumnField;
import dev.firn.columnar.batch.ColumnKind;
import dev.firn.columnar.batch.ColumnVector;
import dev.firn.columnar.batch.RowBatch;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Util;

/**
 * Reads a file that {@link ParquetWriter} wrote, row after row into batches of the same schema: to rebuild heap pages from it. Pages are decoded by
 * Parquet's own column readers, a page of each column at a time. For control paths: values become objects on the way. Owned by one thread.
 *
 * <p>What is not as it was written is a {@link MalformedDataException}, whatever Parquet's library makes of it.
 */
public final class ParquetReader implements AutoCloseable {
    private static final int TAIL_BYTES = 8;

    private final Path path;
    private final Arena arena = Arena.ofConfined();
    private final MemorySegment file;
    private final List<ColumnField> schema;
    private final List<LeafReader> leaves = new ArrayList<>();
    private final int[] firstLeaves;
    private final FileMetaData footer;
    private int nextGroup;
    private long leftInGroup;

    private ParquetReader(final Path path, final List<ColumnField> schema) throws IOException {
        this.path = path;
        this.schema = List.copyOf(schema);
        firstLeaves = new int[schema.size()];
        for (final ColumnField field : schema) {
            if (!isReadable(field)) {
                throw new IllegalArgumentException("column " + field.name() + ": no reader for what is nested so deep");
            }
        }
        for (final LeafColumn leaf : LeafColumn.of(schema)) {
            if (leaf.path().size() == 1 || leaf.path().stream().skip(1).allMatch(at -> at == 0)) {
                firstLeaves[leaf.path().getFirst()] = leaves.size();
            }
            leaves.add(new LeafReader(leaf));
        }
        try (FileChannel channel = FileChannel.open(path)) {
            file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
            footer = readFooter();
        } catch (final IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /**
     * Opens a file.
     *
     * @throws MalformedDataException when it is no Parquet file, or not of this schema.
     */
    public static ParquetReader open(final Path path, final List<ColumnField> schema) throws IOException {
        return new ParquetReader(path, schema);
    }

    /**
     * What the writer was given to keep in the footer.
     *
     * @throws MalformedDataException when it is no Parquet file.
     */
    public static Map<String, String> metadata(final Path path) throws IOException {
        final Map<String, String> all = new LinkedHashMap<>();
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(path)) {
            final FileMetaData found =
                    parse(path, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
            if (found.isSetKey_value_metadata()) {
                found.getKey_value_metadata().forEach(pair -> all.put(pair.getKey(), pair.getValue()));
            }
        }
        return all;
    }

    private static FileMetaData parse(final Path path, final MemorySegment file) {
        final long size = file.byteSize();
        final int magic = LittleEndian.getInt(MemorySegment.ofArray(FooterBuilder.MAGIC), 0);
        if (size < TAIL_BYTES + Integer.BYTES || LittleEndian.getInt(file, size - Integer.BYTES) != magic) {
            throw new MalformedDataException(path + " is no Parquet file: it does not end as one");
        }
        final int length = LittleEndian.getInt(file, size - TAIL_BYTES);
        if (length < 0 || length > size - TAIL_BYTES - Integer.BYTES) {
            throw new MalformedDataException(path + ": a footer of " + length + " bytes in a file of " + size);
        }
        try {
            return Util.readFileMetaData(new ByteArrayInputStream(
                    file.asSlice(size - TAIL_BYTES - length, length).toArray(JAVA_BYTE)));
        } catch (final IOException | RuntimeException e) {
            throw new MalformedDataException(path + ": its footer: " + e.getMessage(), e);
        }
    }

    private FileMetaData readFooter() {
        final FileMetaData found = parse(path, file);
        final List<SchemaElement> expected = SchemaWriter.elements(schema);
        for (int i = 0; i < Math.max(expected.size(), found.getSchemaSize()); i++) {
            if (i >= expected.size()
                    || i >= found.getSchemaSize()
                    || !expected.get(i).equals(found.getSchema().get(i))) {
                throw new MalformedDataException(path + ": its schema is not the table's: "
                        + (i < found.getSchemaSize() ? found.getSchema().get(i).getName() : "a column is missing"));
            }
        }
        for (final RowGroup group : found.getRow_groups()) {
            if (group.getColumnsSize() != leaves.size() || group.getNum_rows() < 0) {
                throw new MalformedDataException(path + ": a row group of " + group.getColumnsSize() + " columns and "
                        + group.getNum_rows() + " rows");
            }
        }
        return found;
    }

    /** The bytes that each column of the schema takes in the file, with its page headers, as the footer has it. */
    public long[] storedBytes() {
        final long[] bytes = new long[schema.size()];
        for (final RowGroup group : footer.getRow_groups()) {
            for (int i = 0; i < leaves.size(); i++) {
                bytes[leaves.get(i).leaf().path().getFirst()] +=
                        group.getColumns().get(i).getMeta_data().getTotal_compressed_size();
            }
        }
        return bytes;
    }

    /** Whether there are rows left. */
    public boolean hasNext() {
        try {
            while (leftInGroup == 0 && nextGroup < footer.getRow_groupsSize()) {
                final RowGroup group = footer.getRow_groups().get(nextGroup++);
                leftInGroup = group.getNum_rows();
                for (int i = 0; i < leaves.size() && leftInGroup > 0; i++) {
                    leaves.get(i).begin(file, group.getColumns().get(i).getMeta_data());
                }
            }
        } catch (final RuntimeException e) {
            throw malformed(e);
        }
        return leftInGroup > 0;
    }

    /** The value of the next row, of a column of 64-bit numbers that are never null. There must be one. */
    public long peekLong(final int column) {
        try {
            return leaves.get(firstLeaves[column]).peekLong();
        } catch (final RuntimeException e) {
            throw malformed(e);
        }
    }

    /** Appends the next row to a batch, whose rows the caller counts; there must be one. */
    public void read(final RowBatch into) {
        try {
            for (int i = 0; i < schema.size(); i++) {
                read(into.column(i), leaves.get(firstLeaves[i]), i);
            }
            leftInGroup--;
        } catch (final RuntimeException e) {
            throw malformed(e);
        }
    }

    private void read(final ColumnVector column, final LeafReader leaf, final int index) {
        switch (column.field().kind()) {
            case STRUCT -> readStruct(column, index);
            case LIST -> readList(column, leaf);
            default -> leaf.append(column);
        }
    }

    private void readStruct(final ColumnVector column, final int index) {
        final int children = column.field().children().size();
        final int first = firstLeaves[index];
        if (column.field().nullable() && leaves.get(first).definition() == 0) {
            column.appendNull();
            for (int i = 0; i < children; i++) {
                leaves.get(first + i).skipNull();
            }
            return;
        }
        for (int i = 0; i < children; i++) {
            leaves.get(first + i).append(column.child(i));
        }
        column.endStruct();
    }

    private static void readList(final ColumnVector column, final LeafReader leaf) {
        final int empty = column.field().nullable() ? 1 : 0;
        final int definition = leaf.definition();
        if (definition < empty) {
            column.appendNull();
            leaf.skipNull();
            return;
        }
        if (definition == empty) {
            leaf.skipNull();
        } else {
            do {
                leaf.append(column.child(0));
            } while (leaf.goesOn());
        }
        column.endList();
    }

    private MalformedDataException malformed(final RuntimeException e) {
        return new MalformedDataException(path + ": " + e.getMessage(), e);
    }

    /** Whether batches of such a column can be read: lists and structs of leaves, nothing deeper. */
    private static boolean isReadable(final ColumnField field) {
        return field.isLeaf()
                || (field.kind() != ColumnKind.MAP && field.children().stream().allMatch(ColumnField::isLeaf));
    }

    @Override
    public void close() {
        arena.close();
    }
}
