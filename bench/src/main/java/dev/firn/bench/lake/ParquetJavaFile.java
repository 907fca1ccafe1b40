package dev.firn.bench.lake;

import com.github.luben.zstd.ZstdCompressCtx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;

/** The rival: parquet-java's row writer, driven from arrays, with zstd through the same library and at the same level as Firn's. */
final class ParquetJavaFile {
    private static final int ZSTD_LEVEL = 3;
    private static final int UUID_BYTES = 16;
    private static final int MOST_DIGITS_OF_LONG = 18;

    private ParquetJavaFile() {}

    static void write(final RowArrays rows, final Path file) throws IOException {
        try (ParquetWriter<Integer> writer = new Builder(new LocalOutputFile(file), rows)
                .withConf(new PlainParquetConfiguration())
                .withCodecFactory(new Zstd())
                .withCompressionCodec(CompressionCodecName.ZSTD)
                .withWriterVersion(ParquetProperties.WriterVersion.PARQUET_1_0)
                .build()) {
            for (int row = 0; row < rows.rows(); row++) {
                writer.write(row);
            }
        }
    }

    private static MessageType schema(final RowArrays rows) {
        final Types.MessageTypeBuilder message = Types.buildMessage();
        for (final RowArrays.Column column : rows.columns()) {
            message.addField(type(column));
        }
        return message.named("rows");
    }

    private static Type type(final RowArrays.Column column) {
        return switch (column.kind()) {
            case BOOLEAN -> Types.optional(PrimitiveTypeName.BOOLEAN).named(column.name());
            case INT -> Types.optional(PrimitiveTypeName.INT32).named(column.name());
            case LONG -> Types.optional(PrimitiveTypeName.INT64).named(column.name());
            case DOUBLE -> Types.optional(PrimitiveTypeName.DOUBLE).named(column.name());
            case DATE ->
                Types.optional(PrimitiveTypeName.INT32)
                        .as(LogicalTypeAnnotation.dateType())
                        .named(column.name());
            case TIMESTAMP ->
                Types.optional(PrimitiveTypeName.INT64)
                        .as(LogicalTypeAnnotation.timestampType(true, TimeUnit.MICROS))
                        .named(column.name());
            case DECIMAL -> {
                if (column.precision() > MOST_DIGITS_OF_LONG) {
                    throw new IllegalArgumentException(column.name() + " has " + column.precision() + " digits");
                }
                yield Types.optional(PrimitiveTypeName.INT64)
                        .as(LogicalTypeAnnotation.decimalType(column.scale(), column.precision()))
                        .named(column.name());
            }
            case TEXT ->
                Types.optional(PrimitiveTypeName.BINARY)
                        .as(LogicalTypeAnnotation.stringType())
                        .named(column.name());
            case UUID ->
                Types.optional(PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY)
                        .length(UUID_BYTES)
                        .as(LogicalTypeAnnotation.uuidType())
                        .named(column.name());
        };
    }

    private static final class Builder extends ParquetWriter.Builder<Integer, Builder> {
        private final RowArrays rows;

        private Builder(final OutputFile file, final RowArrays rows) {
            super(file);
            this.rows = rows;
        }

        @Override
        protected Builder self() {
            return this;
        }

        @Override
        protected WriteSupport<Integer> getWriteSupport(final Configuration configuration) {
            return new Rows(rows);
        }

        @Override
        protected WriteSupport<Integer> getWriteSupport(final ParquetConfiguration configuration) {
            return new Rows(rows);
        }
    }

    /** A row is its number. */
    private static final class Rows extends WriteSupport<Integer> {
        private final RowArrays rows;
        private final RowArrays.Column[] columns;
        private RecordConsumer consumer;

        private Rows(final RowArrays rows) {
            this.rows = rows;
            columns = rows.columns().toArray(RowArrays.Column[]::new);
        }

        @Override
        public WriteContext init(final Configuration configuration) {
            return new WriteContext(schema(rows), Map.of());
        }

        @Override
        public WriteContext init(final ParquetConfiguration configuration) {
            return new WriteContext(schema(rows), Map.of());
        }

        @Override
        public void prepareForWrite(final RecordConsumer recordConsumer) {
            consumer = recordConsumer;
        }

        @Override
        public void write(final Integer number) {
            final int row = number;
            consumer.startMessage();
            for (int i = 0; i < columns.length; i++) {
                final RowArrays.Column column = columns[i];
                if (!column.isNull(row)) {
                    consumer.startField(column.name(), i);
                    add(column, row);
                    consumer.endField(column.name(), i);
                }
            }
            consumer.endMessage();
        }

        private void add(final RowArrays.Column column, final int row) {
            switch (column.kind()) {
                case BOOLEAN -> consumer.addBoolean(column.number(row) != 0);
                case INT, DATE -> consumer.addInteger((int) column.number(row));
                case LONG, TIMESTAMP, DECIMAL -> consumer.addLong(column.number(row));
                case DOUBLE -> consumer.addDouble(column.decimal(row));
                case TEXT, UUID -> consumer.addBinary(Binary.fromConstantByteArray(column.bytes(row)));
            }
        }
    }

    /** parquet-java's own codec comes by way of Hadoop's configuration. */
    private static final class Zstd implements CompressionCodecFactory {
        @Override
        public BytesInputCompressor getCompressor(final CompressionCodecName name) {
            return new Frames(new ZstdCompressCtx().setLevel(ZSTD_LEVEL));
        }

        @Override
        public BytesInputDecompressor getDecompressor(final CompressionCodecName name) {
            throw new UnsupportedOperationException("a writer decompresses nothing");
        }

        @Override
        public void release() {
            // Each compressor is released by its user.
        }
    }

    private record Frames(ZstdCompressCtx context) implements CompressionCodecFactory.BytesInputCompressor {
        @Override
        public BytesInput compress(final BytesInput bytes) throws IOException {
            return BytesInput.from(context.compress(bytes.toByteArray()));
        }

        @Override
        public CompressionCodecName getCodecName() {
            return CompressionCodecName.ZSTD;
        }

        @Override
        public void release() {
            context.close();
        }
    }
}
