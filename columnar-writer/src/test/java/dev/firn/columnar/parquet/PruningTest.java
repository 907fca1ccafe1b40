package dev.firn.columnar.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.columnar.batch.ColumnField;
import dev.firn.columnar.batch.ColumnKind;
import dev.firn.nativeio.memory.OffHeapConfig;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nativeio.seam.SystemRandom;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.parquet.filter2.predicate.FilterApi;
import org.apache.parquet.filter2.predicate.FilterPredicate;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.column.columnindex.ColumnIndex;
import org.apache.parquet.internal.column.columnindex.OffsetIndex;
import org.apache.parquet.io.api.Binary;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Parquet's own reader skips by page indexes, dictionaries and bloom filters, and what it never skips. */
class PruningTest {
    private static final int ROWS = 20_000;
    private static final int PAGE_ROWS = 1_024;

    @TempDir
    Path directory;

    private final OffHeapMemory memory =
            OffHeapMemory.open(OffHeapConfig.of("pruning", 128 << 20).withChecked(false));

    @AfterEach
    void closes() {
        memory.close();
    }

    private static List<ColumnField> schema() {
        return List.of(
                ColumnField.of("serial", 1, ColumnKind.INT64, false),
                ColumnField.of("token", 2, ColumnKind.STRING, true),
                ColumnField.of("measure", 3, ColumnKind.DOUBLE, true));
    }

    private static List<List<Object>> rows() {
        final RandomGenerator random = SystemRandom.seeded(11);
        final List<Object> serials = new ArrayList<>();
        final List<Object> tokens = new ArrayList<>();
        final List<Object> measures = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            serials.add((long) i * 3);
            tokens.add(i % 97 == 0 ? null : "token-" + Long.toHexString(random.nextLong()));
            measures.add(Double.doubleToRawLongBits(i % 11 == 0 ? Double.NaN : i / 7.0));
        }
        return List.of(serials, tokens, measures);
    }

    private Path file(final List<List<Object>> rows) throws IOException {
        final ParquetConfig config = ParquetConfig.defaults().withPages(PAGE_ROWS, 1 << 20);
        return WrittenFile.of(schema(), rows, 5_120, config, memory, null).store(directory);
    }

    @Test
    void shouldLetPagesBeSkippedByTheirRanges() throws IOException {
        final List<List<Object>> rows = rows();
        final Path file = file(rows);
        for (final int row : new int[] {0, 1_023, 1_024, 12_345, ROWS - 1}) {
            final FilterPredicate wanted = FilterApi.eq(
                    FilterApi.longColumn("serial"), (Long) rows.get(0).get(row));
            try (ParquetFileReader reader = ParquetJavaFile.open(file, FilterCompat.get(wanted))) {
                final PageReadStore pages = reader.readNextFilteredRowGroup();
                assertThat(pages.getRowCount()).as("row %d", row).isLessThanOrEqualTo(PAGE_ROWS);
                assertThat(ParquetJavaFile.rows(pages, reader.getFileMetaData().getSchema(), schema())
                                .size())
                        .isEqualTo((int) pages.getRowCount());
                assertThat(reader.readNextFilteredRowGroup()).isNull();
            }
        }
    }

    @Test
    void shouldSayOfEachPageWhatIsInIt() throws IOException {
        final List<List<Object>> rows = rows();
        try (ParquetFileReader reader = ParquetJavaFile.open(file(rows), FilterCompat.NOOP)) {
            final BlockMetaData block = reader.getFooter().getBlocks().getFirst();
            for (final ColumnChunkMetaData column : block.getColumns()) {
                final ColumnIndex index = reader.readColumnIndex(column);
                final OffsetIndex offsets = reader.readOffsetIndex(column);
                assertThat(offsets.getPageCount())
                        .isEqualTo(index.getNullCounts().size());
                long nulls = 0;
                for (final long count : index.getNullCounts()) {
                    nulls += count;
                }
                final int at = column.getPath().toDotString().equals("serial") ? 0 : 1;
                if (!column.getPath().toDotString().equals("measure")) {
                    assertThat(nulls)
                            .isEqualTo(rows.get(at).stream()
                                    .filter(value -> value == null)
                                    .count());
                    assertThat(column.getStatistics().getNumNulls()).isEqualTo(nulls);
                }
                for (int page = 0; page < offsets.getPageCount(); page++) {
                    // The last batch is shorter, and so are its pages.
                    final long first = offsets.getFirstRowIndex(page);
                    assertThat(first % ParquetConfig.PAGE_ROW_UNIT).isZero();
                    assertThat(offsets.getLastRowIndex(page, ROWS) - first).isBetween(0L, PAGE_ROWS - 1L);
                }
            }
        }
    }

    @Test
    void shouldRuleOutAbsentValuesByBloomFilter() throws IOException {
        final List<List<Object>> rows = rows();
        final Path file = file(rows);
        int ruledOut = 0;
        for (int i = 0; i < 200; i++) {
            ruledOut += rowGroups(file, "token-8" + Integer.toHexString(i) + "absent") == 0 ? 1 : 0;
        }
        assertThat(ruledOut).as("of 200 absent values").isGreaterThanOrEqualTo(194);
        for (int row = 1; row < ROWS; row += 997) {
            if (rows.get(1).get(row) != null) {
                assertThat(rowGroups(file, (String) rows.get(1).get(row))).isEqualTo(1);
            }
        }
    }

    @Test
    void shouldMakeNoFilterOfProse() throws IOException {
        final RandomGenerator random = SystemRandom.seeded(13);
        final List<Object> comments = new ArrayList<>();
        final List<Object> keys = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            comments.add(Long.toString(random.nextLong(), 36) + " blithely " + random.nextInt());
            keys.add(Long.toString(random.nextLong(), 36));
        }
        final List<ColumnField> schema = List.of(
                ColumnField.of("comment", 1, ColumnKind.STRING, true),
                ColumnField.of("key", 2, ColumnKind.STRING, true));
        final Path file = WrittenFile.of(schema, List.of(comments, keys), 5_120, ParquetConfig.defaults(), memory, null)
                .store(directory);
        try (ParquetFileReader reader = ParquetJavaFile.open(file, FilterCompat.NOOP)) {
            final List<ColumnChunkMetaData> columns =
                    reader.getFooter().getBlocks().getFirst().getColumns();
            assertThat(reader.readBloomFilter(columns.get(0))).isNull();
            assertThat(reader.readBloomFilter(columns.get(1))).isNotNull();
        }
    }

    private static int rowGroups(final Path file, final String token) throws IOException {
        final FilterPredicate wanted = FilterApi.eq(
                FilterApi.binaryColumn("token"), Binary.fromConstantByteArray(token.getBytes(StandardCharsets.UTF_8)));
        try (ParquetFileReader reader = ParquetJavaFile.open(file, FilterCompat.get(wanted))) {
            return reader.getRowGroups().size();
        }
    }

    @Test
    void shouldCutLongBoundsWithoutLosingValues() throws IOException {
        final String longText = "\u00E4".repeat(500);
        final List<ColumnField> schema = List.of(
                ColumnField.of("text", 1, ColumnKind.STRING, true),
                ColumnField.of("bytes", 2, ColumnKind.BINARY, true));
        final byte[] high = new byte[300];
        Arrays.fill(high, (byte) -1);
        final List<List<Object>> rows = List.of(
                Arrays.asList("abc".repeat(100), longText, null, "b"),
                Arrays.asList(
                        java.nio.ByteBuffer.wrap(high),
                        null,
                        java.nio.ByteBuffer.wrap(new byte[100]),
                        java.nio.ByteBuffer.wrap(new byte[] {1})));
        final WrittenFile written = WrittenFile.of(schema, rows, 4, ParquetConfig.defaults(), memory, null);
        assertThat(ParquetJavaFile.read(written.store(directory), schema).get(1).getFirst())
                .isEqualTo(longText);
        final ColumnStatistics text = written.statistics().columns().getFirst();
        assertThat(text.lowerBound()).hasSize(Bound.MAX_BYTES);
        assertThat(text.upperBound())
                .as("nothing short lies above %s", longText)
                .isNull();
        assertThat(written.statistics().columns().getLast().upperBound()).isNull();
    }

    @Test
    void shouldTellManifestsWhatIsInTheFile() {
        final WrittenFile written = WrittenFile.of(schema(), rows(), 5_120, ParquetConfig.defaults(), memory, null);
        final ColumnStatistics serial = written.statistics().columns().getFirst();
        assertThat(serial.fieldId()).isEqualTo(1);
        assertThat(serial.valueCount()).isEqualTo(ROWS);
        assertThat(serial.lowerBound()).isEqualTo(new byte[8]);
        assertThat(written.statistics().columns().get(1).nullCount()).isEqualTo(207);
        assertThat(written.statistics().splitOffsets()).containsExactly(4L);
    }
}
