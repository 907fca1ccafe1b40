package dev.firn.columnar.parquet;

import dev.firn.columnar.batch.ColumnField;
import dev.firn.columnar.batch.ColumnVector;
import dev.firn.postgres.MalformedDataException;
import java.lang.foreign.MemorySegment;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReaderImpl;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;

/** One leaf of the schema, read value by value, through row group after row group. */
final class LeafReader {
    private final LeafColumn leaf;
    private final ColumnDescriptor descriptor;
    private ColumnReader reader;
    private long left;

    LeafReader(final LeafColumn leaf) {
        this.leaf = leaf;
        final PrimitiveType.PrimitiveTypeName name = switch (leaf.physicalType()) {
            case BOOLEAN -> PrimitiveType.PrimitiveTypeName.BOOLEAN;
            case INT32 -> PrimitiveType.PrimitiveTypeName.INT32;
            case INT64 -> PrimitiveType.PrimitiveTypeName.INT64;
            case FLOAT -> PrimitiveType.PrimitiveTypeName.FLOAT;
            case DOUBLE -> PrimitiveType.PrimitiveTypeName.DOUBLE;
            case FIXED_LEN_BYTE_ARRAY -> PrimitiveType.PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY;
            default -> PrimitiveType.PrimitiveTypeName.BINARY;
        };
        final PrimitiveType type = Types.primitive(name, Type.Repetition.OPTIONAL)
                .length(LeafColumn.fixedBytes(leaf.field()))
                .named(leaf.field().name());
        descriptor = new ColumnDescriptor(
                leaf.names().toArray(String[]::new), type, leaf.maxRepetition(), leaf.maxDefinition());
    }

    LeafColumn leaf() {
        return leaf;
    }

    /** Goes on with a row group. */
    void begin(final MemorySegment file, final ColumnMetaData chunk) {
        if (!chunk.getPath_in_schema().equals(leaf.names())) {
            throw new MalformedDataException(
                    "column " + chunk.getPath_in_schema() + " where " + leaf.dottedName() + " should be");
        }
        left = chunk.getNum_values();
        reader = left == 0
                ? null
                : new ColumnReaderImpl(descriptor, new ChunkPages(file, chunk), new PrimitiveConverter() {}, null);
    }

    /** Of the value that comes next. */
    int definition() {
        require();
        return reader.getCurrentDefinitionLevel();
    }

    /** Whether the value that comes next goes on with the same row. */
    boolean goesOn() {
        return left > 0 && reader.getCurrentRepetitionLevel() > 0;
    }

    private void require() {
        if (left == 0) {
            throw new MalformedDataException("column " + leaf.dottedName() + " has fewer values than rows");
        }
    }

    /** The number that comes next; it stays the next one. */
    long peekLong() {
        require();
        return reader.getLong();
    }

    /** Steps over a value that is null at some level. */
    void skipNull() {
        require();
        reader.consume();
        left--;
    }

    /** Appends the value that comes next, null or not. */
    void append(final ColumnVector into) {
        if (definition() < leaf.maxDefinition()) {
            into.appendNull();
        } else {
            final ColumnField field = leaf.field();
            switch (field.kind()) {
                case BOOLEAN -> into.appendBoolean(reader.getBoolean());
                case INT32, DATE -> into.appendInt(reader.getInteger());
                case INT64, TIME_MICROS, TIMESTAMP_MICROS, TIMESTAMP_UTC_MICROS -> into.appendLong(reader.getLong());
                case FLOAT -> into.appendFloatBits(Float.floatToRawIntBits(reader.getFloat()));
                case DOUBLE -> into.appendDoubleBits(Double.doubleToRawLongBits(reader.getDouble()));
                case DECIMAL -> appendDecimal(into);
                case UUID, FIXED -> into.appendFixed(segment(reader.getBinary()), 0);
                default -> {
                    final Binary binary = reader.getBinary();
                    into.appendBytes(segment(binary), 0, binary.length());
                }
            }
        }
        reader.consume();
        left--;
    }

    private static MemorySegment segment(final Binary binary) {
        return MemorySegment.ofBuffer(binary.toByteBuffer());
    }

    private void appendDecimal(final ColumnVector into) {
        switch (leaf.physicalType()) {
            case INT32 -> into.appendInt(reader.getInteger());
            case INT64 -> into.appendLong(reader.getLong());
            default -> {
                // Big-endian, with the sign in the first byte.
                final byte[] bytes = reader.getBinary().getBytesUnsafe();
                long high = bytes[0] < 0 ? -1 : 0;
                long low = high;
                for (final byte next : bytes) {
                    high = high << Byte.SIZE | low >>> (Long.SIZE - Byte.SIZE);
                    low = low << Byte.SIZE | Byte.toUnsignedLong(next);
                }
                into.appendDecimal(low, high);
            }
        }
    }
}
