package dev.firn.columnar.parquet;

import dev.firn.columnar.buffer.ByteChain;
import dev.firn.columnar.encoding.ValueEncoding;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.PageEncodingStats;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Statistics;

/**
 * A column chunk that is whole.
 *
 * @param head the dictionary page; null when there is none.
 * @param filter the bloom filter's bits; null when there is none.
 */
record FinishedChunk(
        LeafColumn leaf,
        ByteChain head,
        long headBytes,
        ByteChain pages,
        long pageBytes,
        ByteChain filter,
        int filterBytes,
        PageIndexBuilder index,
        Map<ValueEncoding, Integer> pagesByEncoding,
        boolean compressed,
        long slots,
        long nulls,
        long rawBytes) {

    long storedBytes() {
        return headBytes + pageBytes;
    }

    /** @param offset where in the file the chunk begins. */
    ColumnMetaData metaData(final long offset) {
        final List<Encoding> encodings = new ArrayList<>();
        final List<PageEncodingStats> statistics = new ArrayList<>();
        encodings.add(Encoding.RLE);
        if (head != null) {
            encodings.add(Encoding.PLAIN);
            statistics.add(new PageEncodingStats(PageType.DICTIONARY_PAGE, Encoding.PLAIN, 1));
        }
        // In the enum's order: the same rows give the same footer.
        for (final Map.Entry<ValueEncoding, Integer> entry : new TreeMap<>(pagesByEncoding).entrySet()) {
            final Encoding encoding = ColumnChunkWriter.thrift(entry.getKey());
            if (!encodings.contains(encoding)) {
                encodings.add(encoding);
            }
            statistics.add(new PageEncodingStats(PageType.DATA_PAGE, encoding, entry.getValue()));
        }
        final ColumnMetaData data = new ColumnMetaData(
                leaf.physicalType(),
                encodings,
                leaf.names(),
                compressed ? CompressionCodec.ZSTD : CompressionCodec.UNCOMPRESSED,
                slots,
                rawBytes,
                storedBytes(),
                offset + headBytes);
        if (head != null) {
            data.setDictionary_page_offset(offset);
        }
        data.setEncoding_stats(statistics);
        data.setStatistics(statistics());
        return data;
    }

    private Statistics statistics() {
        final Statistics statistics = new Statistics().setNull_count(nulls);
        final Bound least = index.least();
        final Bound greatest = index.greatest();
        if (least.isKnown()) {
            statistics.setMin_value(ByteBuffer.wrap(Arrays.copyOf(least.bytes(), least.bytes().length)));
            statistics.setIs_min_value_exact(least.exact());
        }
        if (greatest.isKnown()) {
            statistics.setMax_value(ByteBuffer.wrap(Arrays.copyOf(greatest.bytes(), greatest.bytes().length)));
            statistics.setIs_max_value_exact(greatest.exact());
        }
        return statistics;
    }
}
