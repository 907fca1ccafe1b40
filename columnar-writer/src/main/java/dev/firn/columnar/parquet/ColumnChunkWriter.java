package dev.firn.columnar.parquet;

import dev.firn.columnar.buffer.ByteChain;
import dev.firn.columnar.buffer.GrowingBuffer;
import dev.firn.columnar.encoding.DictionaryEncoder;
import dev.firn.columnar.encoding.PageValues;
import dev.firn.columnar.encoding.ValueEncoding;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Map;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DictionaryPageHeader;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Util;

/**
 * One column of the row group that is being built: encodes pages, keeps them compressed until the row group is whole, and knows what footer and
 * indexes will say of them. Used again for the next row group.
 */
final class ColumnChunkWriter implements AutoCloseable {
    private static final MemoryTag PAGES = MemoryTag.of("lake-pages");
    private static final int HEADER_BYTES = 64;

    private final LeafColumn leaf;
    private final ParquetConfig config;
    private final OffHeapMemory memory;
    private final PageWorkspace work;
    private final EncodingChooser chooser;
    private final DictionaryEncoder dictionary;
    private final BloomFilterBuilder bloom;
    private final ByteArrayOutputStream header = new ByteArrayOutputStream(HEADER_BYTES);
    private final Map<ValueEncoding, Integer> pagesByEncoding = new EnumMap<>(ValueEncoding.class);

    private PageIndexBuilder index;
    private ByteChain pages;

    /** Null until the first page with values. */
    private EncodingPlan plan;

    /** Of zstd, 0 for none. Decided with the first page, since a chunk is compressed or not as a whole. */
    private int level;

    /** Null until the dictionary has no room for a page. */
    private ValueEncoding withoutDictionary;

    private long slots;
    private long nulls;
    private long rows;
    private long rawBytes;

    ColumnChunkWriter(
            final LeafColumn leaf, final ParquetConfig config, final OffHeapMemory memory, final PageWorkspace work) {
        this.leaf = leaf;
        this.config = config;
        this.memory = memory;
        this.work = work;
        chooser = new EncodingChooser(config);
        dictionary = new DictionaryEncoder(memory, fileWidth(leaf), config.dictionaryBytes());
        bloom = new BloomFilterBuilder(memory, config.bloomBytes());
        begin();
    }

    /** Bytes of a value in the file; 0 for those of varying length. */
    static int fileWidth(final LeafColumn leaf) {
        return leaf.isWideDecimal()
                ? LeafColumn.fixedBytes(leaf.field())
                : leaf.field().vectorWidth();
    }

    private void begin() {
        pages = new ByteChain(memory, PAGES);
        index = new PageIndexBuilder(leaf);
        pagesByEncoding.clear();
        dictionary.reset();
        plan = null;
        withoutDictionary = null;
        slots = 0;
        nulls = 0;
        rows = 0;
        rawBytes = 0;
    }

    /** What the chunk will take in the file, about. */
    long encodedBytes() {
        return pages.length() + dictionary.plain().length();
    }

    /**
     * Adds a page.
     *
     * @param pageRows rows that begin in it.
     * @param pageSlots values with the nulls and the empty lists.
     * @param values those that are not null; the levels stand in {@link PageWorkspace#body} already.
     */
    void addPage(final int pageRows, final int pageSlots, final PageValues values) {
        if (plan == null && (values.count() > 0 || index.pages() == 0)) {
            decide(values);
        }
        final ValueEncoding encoding = encode(values);
        if (bloom.isOpen()) {
            bloom.add(values);
        }
        final GrowingBuffer body = work.body;
        GrowingBuffer stored = body;
        if (level > 0) {
            work.compressor.compress(body, level, work.compressed);
            stored = work.compressed;
        }
        final PageHeader page = new PageHeader(
                        PageType.DATA_PAGE, Math.toIntExact(body.length()), Math.toIntExact(stored.length()))
                .setCrc(work.compressor.checksum(stored))
                .setData_page_header(new DataPageHeader(pageSlots, thrift(encoding), Encoding.RLE, Encoding.RLE));
        final long at = pages.length();
        rawBytes += body.length() + append(page, stored, pages);
        final int missing = pageSlots - values.count();
        final ValueOrder.Extremes extremes = extremes(values, encoding);
        final Bound least = Bound.least(leaf, extremes.least());
        final Bound greatest = Bound.greatest(leaf, extremes.greatest());
        index.add(at, (int) (pages.length() - at), rows, values.count() == 0, missing, least, greatest);
        pagesByEncoding.merge(encoding, 1, Integer::sum);
        rows += pageRows;
        slots += pageSlots;
        nulls += missing;
    }

    /** Of values of which a dictionary says where they repeat, only the first of each is looked at. */
    private ValueOrder.Extremes extremes(final PageValues values, final ValueEncoding encoding) {
        return encoding == ValueEncoding.RLE_DICTIONARY
                        && leaf.order() == ValueOrder.BYTES
                        && values.width() == PageValues.VARIABLE
                        && values.count() > 0
                ? leaf.order().byteExtremes(values, dictionary.firstRows(), dictionary.distinct())
                : leaf.order().extremes(values);
    }

    private void decide(final PageValues values) {
        if (values.count() == 0) {
            level = Math.min(1, config.zstdLevel());
            return;
        }
        plan = chooser.choose(leaf, values, dictionary, work);
        if (index.pages() == 0) {
            level = plan.level();
        }
        if (plan.bloom()) {
            bloom.begin();
        }
    }

    private ValueEncoding encode(final PageValues values) {
        if (plan == null) {
            return ValueEncoding.PLAIN;
        }
        ValueEncoding encoding = plan.encoding();
        if (encoding == ValueEncoding.RLE_DICTIONARY) {
            if (withoutDictionary == null) {
                if (dictionary.index(values)) {
                    dictionary.encodeIndices(work.body);
                    return encoding;
                }
                withoutDictionary = chooser.withoutDictionary(leaf, values, work);
            }
            encoding = withoutDictionary;
        }
        work.encoder.encode(encoding, values, work.body);
        return encoding;
    }

    /** Appends a page, and says how long its header is. */
    private int append(final PageHeader page, final GrowingBuffer stored, final ByteChain chain) {
        header.reset();
        try {
            Util.writePageHeader(page, header);
        } catch (final IOException e) {
            throw new UncheckedIOException("a page header, into memory", e);
        }
        chain.append(MemorySegment.ofArray(header.toByteArray()), 0, header.size());
        if (stored.length() > 0) {
            chain.append(stored.segment(), 0, stored.length());
        }
        return header.size();
    }

    static Encoding thrift(final ValueEncoding encoding) {
        return Encoding.valueOf(encoding.name());
    }

    /** Ends the chunk: what is to be written, and what is to be said of it. The writer is ready for the next row group. */
    FinishedChunk finish() {
        final ByteChain head = new ByteChain(memory, PAGES);
        final ByteChain filter = new ByteChain(memory, PAGES);
        boolean whole = false;
        try {
            final boolean hasDictionary = pagesByEncoding.containsKey(ValueEncoding.RLE_DICTIONARY);
            if (hasDictionary) {
                appendDictionary(head);
            }
            int filterBytes = 0;
            if (bloom.isOpen()) {
                filterBytes = bloom.finish();
                if (filterBytes > 0) {
                    filter.append(bloom.filter(), 0, filterBytes);
                }
                bloom.end();
            }
            final FinishedChunk finished = new FinishedChunk(
                    leaf,
                    hasDictionary ? head : null,
                    head.length(),
                    pages,
                    pages.length(),
                    filterBytes > 0 ? filter : null,
                    filterBytes,
                    index,
                    Map.copyOf(pagesByEncoding),
                    level > 0,
                    slots,
                    nulls,
                    rawBytes);
            begin();
            whole = true;
            return finished;
        } finally {
            if (!whole) {
                head.close();
                filter.close();
            }
        }
    }

    private void appendDictionary(final ByteChain head) {
        final GrowingBuffer plain = dictionary.plain();
        GrowingBuffer stored = plain;
        if (level > 0) {
            work.compressor.compress(plain, level, work.compressed);
            stored = work.compressed;
        }
        final PageHeader page = new PageHeader(
                        PageType.DICTIONARY_PAGE, Math.toIntExact(plain.length()), Math.toIntExact(stored.length()))
                .setCrc(work.compressor.checksum(stored))
                .setDictionary_page_header(new DictionaryPageHeader(dictionary.entries(), Encoding.PLAIN));
        rawBytes += plain.length() + append(page, stored, head);
    }

    @Override
    public void close() {
        pages.close();
        dictionary.close();
        bloom.close();
    }
}
