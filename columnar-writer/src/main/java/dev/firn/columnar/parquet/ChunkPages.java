package dev.firn.columnar.parquet;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import dev.firn.postgres.MalformedDataException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.zip.CRC32;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DataPageV1;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Util;

/** The pages of one column chunk that Firn wrote, for Parquet's own decoders: each against its checksum, then decompressed. */
final class ChunkPages implements PageReader {
    /** Longest page header that is looked for: min and max values in it are cut. */
    private static final int HEADER_BYTES = 16 << 10;

    /** No page of Firn's is as long: {@link ParquetConfig#pageBytes} and one value. */
    private static final int MAX_PAGE_BYTES = 1 << 30;

    private final MemorySegment file;
    private final ColumnMetaData chunk;
    private final long end;
    private long at;

    /** @param file borrowed. */
    ChunkPages(final MemorySegment file, final ColumnMetaData chunk) {
        this.file = file;
        this.chunk = chunk;
        at = chunk.isSetDictionary_page_offset()
                ? Math.min(chunk.getDictionary_page_offset(), chunk.getData_page_offset())
                : chunk.getData_page_offset();
        end = at + chunk.getTotal_compressed_size();
        if (at < 0 || end < at || end > file.byteSize()) {
            throw new MalformedDataException(
                    "a column chunk from " + at + " to " + end + " in a file of " + file.byteSize() + " bytes");
        }
    }

    @Override
    public DictionaryPage readDictionaryPage() {
        final long begin = at;
        final PageHeader header = header();
        if (header.getType() != PageType.DICTIONARY_PAGE) {
            at = begin;
            return null;
        }
        return new DictionaryPage(
                BytesInput.from(bytes(header)),
                header.getDictionary_page_header().getNum_values(),
                Encoding.valueOf(
                        header.getDictionary_page_header().getEncoding().name()));
    }

    @Override
    public long getTotalValueCount() {
        return chunk.getNum_values();
    }

    @Override
    public DataPage readPage() {
        if (at >= end) {
            return null;
        }
        final PageHeader header = header();
        if (header.getType() != PageType.DATA_PAGE) {
            throw new MalformedDataException("a page of type " + header.getType() + ", which Firn does not write");
        }
        final byte[] bytes = bytes(header);
        final var data = header.getData_page_header();
        return new DataPageV1(
                BytesInput.from(bytes),
                data.getNum_values(),
                bytes.length,
                // Nobody asks for them here, and the class would load a library for geometries.
                null,
                Encoding.valueOf(data.getRepetition_level_encoding().name()),
                Encoding.valueOf(data.getDefinition_level_encoding().name()),
                Encoding.valueOf(data.getEncoding().name()));
    }

    private PageHeader header() {
        final byte[] bytes = file.asSlice(at, Math.min(HEADER_BYTES, end - at)).toArray(JAVA_BYTE);
        final ByteArrayInputStream in = new ByteArrayInputStream(bytes);
        try {
            final PageHeader header = Util.readPageHeader(in);
            at += bytes.length - in.available();
            return header;
        } catch (final IOException e) {
            throw new MalformedDataException("a page header at " + at + ": " + e.getMessage(), e);
        }
    }

    private byte[] bytes(final PageHeader header) {
        final int stored = header.getCompressed_page_size();
        final int length = header.getUncompressed_page_size();
        if (stored < 0 || stored > end - at || length < 0 || length > MAX_PAGE_BYTES) {
            throw new MalformedDataException("a page of " + stored + " bytes, " + length + " decompressed, at " + at);
        }
        final byte[] bytes = file.asSlice(at, stored).toArray(JAVA_BYTE);
        final CRC32 crc = new CRC32();
        crc.update(bytes);
        if (header.isSetCrc() && header.getCrc() != (int) crc.getValue()) {
            throw new MalformedDataException("a page at " + at + " with checksum "
                    + Long.toHexString(crc.getValue()) + ", and its header says "
                    + Integer.toHexString(header.getCrc()));
        }
        at += stored;
        if (chunk.getCodec() == CompressionCodec.UNCOMPRESSED) {
            return bytes;
        }
        if (chunk.getCodec() != CompressionCodec.ZSTD || Zstd.getFrameContentSize(bytes) != length) {
            throw new MalformedDataException("a page of " + length + " bytes, compressed with " + chunk.getCodec());
        }
        try {
            return Zstd.decompress(bytes, length);
        } catch (final ZstdException e) {
            throw new MalformedDataException("a page that does not decompress: " + e.getMessage(), e);
        }
    }
}
