package dev.firn.columnar.parquet;

import dev.firn.columnar.batch.ColumnField;
import dev.firn.columnar.batch.ColumnKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnIndex;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.ColumnOrder;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.KeyValue;
import org.apache.parquet.format.OffsetIndex;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.TypeDefinedOrder;
import org.apache.parquet.format.Util;

/** Collects what the end of the file says: row groups, page indexes, statistics. */
final class FooterBuilder {
    static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
    private static final int FORMAT_VERSION = 2;
    private static final String CREATED_BY = "firn version 0.1.0";

    private final List<ColumnField> schema;
    private final List<LeafColumn> leaves;
    private final List<RowGroup> rowGroups = new ArrayList<>();
    private final List<ColumnIndex> columnIndexes = new ArrayList<>();
    private final List<OffsetIndex> offsetIndexes = new ArrayList<>();
    private final Bound[] least;
    private final Bound[] greatest;
    private final long[] storedBytes;
    private final long[] slots;
    private final long[] nulls;
    private long rows;

    FooterBuilder(final List<ColumnField> schema, final List<LeafColumn> leaves) {
        this.schema = schema;
        this.leaves = leaves;
        least = new Bound[leaves.size()];
        greatest = new Bound[leaves.size()];
        storedBytes = new long[leaves.size()];
        slots = new long[leaves.size()];
        nulls = new long[leaves.size()];
    }

    /** @param offset where the row group begins. Bloom filters follow it, in the order of its columns, each behind its header. */
    void addRowGroup(
            final long offset, final long groupRows, final List<FinishedChunk> chunks, final long[] filterOffsets) {
        final List<ColumnChunk> columns = new ArrayList<>();
        long at = offset;
        long raw = 0;
        for (int i = 0; i < chunks.size(); i++) {
            final FinishedChunk chunk = chunks.get(i);
            final ColumnMetaData data = chunk.metaData(at);
            if (filterOffsets[i] > 0) {
                data.setBloom_filter_offset(filterOffsets[i]);
            }
            columns.add(new ColumnChunk(0).setMeta_data(data));
            columnIndexes.add(chunk.index().columnIndex());
            offsetIndexes.add(chunk.index().offsetIndex(at + chunk.headBytes()));
            at += chunk.storedBytes();
            raw += chunk.rawBytes();
            count(i, chunk);
        }
        rowGroups.add(new RowGroup(columns, raw, groupRows)
                .setFile_offset(offset)
                .setTotal_compressed_size(at - offset)
                .setOrdinal((short) rowGroups.size()));
        rows += groupRows;
    }

    private void count(final int column, final FinishedChunk chunk) {
        storedBytes[column] += chunk.storedBytes();
        slots[column] += chunk.slots();
        nulls[column] += chunk.nulls();
        if (chunk.slots() == chunk.nulls()) {
            return;
        }
        least[column] = join(column, least[column], chunk.index().least(), -1);
        greatest[column] = join(column, greatest[column], chunk.index().greatest(), 1);
    }

    /** Unknown stays unknown: a bound that leaves values out is none. */
    private Bound join(final int column, final Bound before, final Bound next, final int sign) {
        if (before == null || !next.isKnown()) {
            return next;
        }
        return before.isKnown() && leaves.get(column).order().compare(next.bytes(), before.bytes()) * sign > 0
                ? next
                : before;
    }

    int rowGroupCount() {
        return rowGroups.size();
    }

    /** Page indexes, footer and magic, for the end of a file that has so many bytes already. */
    byte[] finish(final long offset, final Map<String, String> metadata) {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            int next = 0;
            for (final RowGroup group : rowGroups) {
                for (final ColumnChunk column : group.getColumns()) {
                    final ColumnIndex index = columnIndexes.get(next++);
                    if (index != null) {
                        final int before = out.size();
                        Util.writeColumnIndex(index, out);
                        column.setColumn_index_offset(offset + before);
                        column.setColumn_index_length(out.size() - before);
                    }
                }
            }
            next = 0;
            for (final RowGroup group : rowGroups) {
                for (final ColumnChunk column : group.getColumns()) {
                    final int before = out.size();
                    Util.writeOffsetIndex(offsetIndexes.get(next++), out);
                    column.setOffset_index_offset(offset + before);
                    column.setOffset_index_length(out.size() - before);
                }
            }
            final int footer = out.size();
            Util.writeFileMetaData(fileMetaData(metadata), out);
            final int length = out.size() - footer;
            out.write(ByteBuffer.allocate(Integer.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(length)
                    .array());
            out.write(MAGIC);
        } catch (final IOException e) {
            throw new UncheckedIOException("a footer, into memory", e);
        }
        return out.toByteArray();
    }

    private FileMetaData fileMetaData(final Map<String, String> metadata) {
        final FileMetaData data = new FileMetaData(FORMAT_VERSION, SchemaWriter.elements(schema), rows, rowGroups);
        data.setCreated_by(CREATED_BY);
        for (final Map.Entry<String, String> entry : new TreeMap<>(metadata).entrySet()) {
            data.addToKey_value_metadata(new KeyValue(entry.getKey()).setValue(entry.getValue()));
        }
        for (int i = 0; i < leaves.size(); i++) {
            data.addToColumn_orders(ColumnOrder.TYPE_ORDER(new TypeDefinedOrder()));
        }
        return data;
    }

    FileStatistics statistics(final long bytes) {
        final List<ColumnStatistics> columns = new ArrayList<>();
        for (int i = 0; i < leaves.size(); i++) {
            final LeafColumn leaf = leaves.get(i);
            columns.add(new ColumnStatistics(
                    leaf.field().fieldId(),
                    leaf.dottedName(),
                    storedBytes[i],
                    slots[i],
                    nulls[i],
                    singleValue(leaf, least[i]),
                    singleValue(leaf, greatest[i])));
        }
        final List<Long> splits =
                rowGroups.stream().map(RowGroup::getFile_offset).toList();
        return new FileStatistics(rows, bytes, splits, columns);
    }

    /** Iceberg's form: PLAIN, but decimals as few bytes as they need, the most significant first. */
    private static byte[] singleValue(final LeafColumn leaf, final Bound bound) {
        if (bound == null || !bound.isKnown()) {
            return null;
        }
        final byte[] bytes = bound.bytes();
        if (leaf.field().kind() != ColumnKind.DECIMAL) {
            return bytes.clone();
        }
        final ByteBuffer plain = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        final BigInteger unscaled = switch (leaf.order()) {
            case INT -> BigInteger.valueOf(plain.getInt());
            case LONG -> BigInteger.valueOf(plain.getLong());
            default -> new BigInteger(bytes);
        };
        return unscaled.toByteArray();
    }
}
