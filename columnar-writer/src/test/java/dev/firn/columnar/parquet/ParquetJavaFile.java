package dev.firn.columnar.parquet;

import dev.firn.columnar.batch.ColumnField;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.convert.GroupRecordConverter;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;

/** A file as Parquet's own reader sees it, in the terms of {@link RandomRows}. */
public final class ParquetJavaFile {
    /** Held on to, since its level is lost with it: the reader tells of every filter. */
    private static final Logger READER_LOG = Logger.getLogger("org.apache.parquet");

    static {
        READER_LOG.setLevel(Level.WARNING);
    }

    private ParquetJavaFile() {}

    static ParquetFileReader open(final Path file, final FilterCompat.Filter filter) throws IOException {
        return new ParquetFileReader(
                new LocalInputFile(file),
                ParquetReadOptions.builder(new PlainParquetConfiguration())
                        .withCodecFactory(new ZstdFrames())
                        .withRecordFilter(filter)
                        .useColumnIndexFilter(true)
                        .useStatsFilter(true)
                        .useDictionaryFilter(true)
                        .useBloomFilter(true)
                        .usePageChecksumVerification(true)
                        .build());
    }

    /** All rows, a list of columns each. */
    public static List<List<Object>> read(final Path file, final List<ColumnField> schema) throws IOException {
        try (ParquetFileReader reader = open(file, FilterCompat.NOOP)) {
            final List<List<Object>> rows = new ArrayList<>();
            PageReadStore pages = reader.readNextRowGroup();
            while (pages != null) {
                rows.addAll(rows(pages, reader.getFileMetaData().getSchema(), schema));
                pages = reader.readNextRowGroup();
            }
            return rows;
        }
    }

    static List<List<Object>> rows(final PageReadStore pages, final MessageType type, final List<ColumnField> schema) {
        final RecordReader<Group> records = new ColumnIOFactory()
                .getColumnIO(type)
                .getRecordReader(pages, new GroupRecordConverter(type), FilterCompat.NOOP);
        final List<List<Object>> rows = new ArrayList<>();
        for (long i = 0; i < pages.getRowCount(); i++) {
            rows.add(fields(records.read(), schema));
        }
        return rows;
    }

    private static List<Object> fields(final Group group, final List<ColumnField> schema) {
        final List<Object> row = new ArrayList<>();
        for (int i = 0; i < schema.size(); i++) {
            row.add(field(group, i, schema.get(i)));
        }
        return row;
    }

    private static Object field(final Group group, final int at, final ColumnField field) {
        if (group.getFieldRepetitionCount(at) == 0) {
            return null;
        }
        return switch (field.kind()) {
            case LIST -> {
                final Group list = group.getGroup(at, 0);
                final List<Object> elements = new ArrayList<>();
                for (int i = 0; i < list.getFieldRepetitionCount(0); i++) {
                    elements.add(field(list.getGroup(0, i), 0, field.children().getFirst()));
                }
                yield elements;
            }
            case MAP -> {
                final Group map = group.getGroup(at, 0);
                final List<Object> entries = new ArrayList<>();
                for (int i = 0; i < map.getFieldRepetitionCount(0); i++) {
                    final Group entry = map.getGroup(0, i);
                    entries.add(Arrays.asList(
                            field(entry, 0, field.children().getFirst()),
                            field(entry, 1, field.children().getLast())));
                }
                yield entries;
            }
            case STRUCT -> fields(group.getGroup(at, 0), field.children());
            case BOOLEAN -> group.getBoolean(at, 0);
            case INT32, DATE -> group.getInteger(at, 0);
            case FLOAT -> Float.floatToRawIntBits(group.getFloat(at, 0));
            case INT64, TIME_MICROS, TIMESTAMP_MICROS, TIMESTAMP_UTC_MICROS -> group.getLong(at, 0);
            case DOUBLE -> Double.doubleToRawLongBits(group.getDouble(at, 0));
            case DECIMAL -> decimal(group, at, field);
            case UUID, FIXED, BINARY -> bytes(group.getBinary(at, 0));
            case STRING -> group.getBinary(at, 0).toStringUsingUTF8();
        };
    }

    private static BigDecimal decimal(final Group group, final int at, final ColumnField field) {
        final BigInteger unscaled = switch (field.vectorWidth()) {
            case Integer.BYTES -> BigInteger.valueOf(group.getInteger(at, 0));
            case Long.BYTES -> BigInteger.valueOf(group.getLong(at, 0));
            default -> new BigInteger(group.getBinary(at, 0).getBytes());
        };
        return new BigDecimal(unscaled, field.scale());
    }

    private static ByteBuffer bytes(final Binary binary) {
        return ByteBuffer.wrap(binary.getBytes());
    }
}
