package dev.firn.columnar.parquet;

import dev.firn.columnar.buffer.GrowingBuffer;
import dev.firn.columnar.encoding.PageValues;
import dev.firn.columnar.kernel.BloomBlocks;
import dev.firn.columnar.kernel.XxHash64;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;

/**
 * A split-block bloom filter (BloomFilter.md) of values whose number is not known yet: as large as allowed to begin with, and folded in halves at
 * the end for as long as it stays right once in a hundred times or better. A block's number is a hash's upper bits, so halving the blocks joins
 * neighbours.
 */
final class BloomFilterBuilder implements AutoCloseable {
    static final int LEAST_BYTES = BloomBlocks.BLOCK_BYTES;
    private static final MemoryTag FILTERS = MemoryTag.of("lake-bloom");

    /** Share of set bits at which one in a hundred lookups of an absent value finds all eight of its bits set. */
    private static final double FULL = 0.53;

    /** Share at which so many lookups are wrong that the filter does not pay. */
    private static final double USELESS = 0.70;

    private final OffHeapMemory memory;
    private final int mostBytes;
    private final GrowingBuffer hashes;
    private MemorySegment filter;

    BloomFilterBuilder(final OffHeapMemory memory, final int mostBytes) {
        this.memory = memory;
        this.mostBytes = mostBytes;
        hashes = new GrowingBuffer(memory, FILTERS);
    }

    boolean isOpen() {
        return filter != null;
    }

    void begin() {
        filter = memory.allocate(mostBytes, FILTERS);
        filter.fill((byte) 0);
    }

    void add(final PageValues page) {
        final MemorySegment hashed = hashes.ensure((long) page.count() * Long.BYTES);
        if (page.width() == PageValues.VARIABLE) {
            for (int i = 0; i < page.count(); i++) {
                LittleEndian.putLong(
                        hashed, (long) i * Long.BYTES, XxHash64.hash(page.values(), page.start(i), page.length(i)));
            }
        } else {
            XxHash64.hashAll(page.values(), page.valuesAt(), page.count(), page.width(), hashed);
        }
        BloomBlocks.insert(hashed, page.count(), filter);
    }

    /** Folds it; the filter's bytes are the first of {@link #filter}. 0 when it is too full to be of use. */
    int finish() {
        long set = 0;
        for (long at = 0; at < mostBytes; at += Long.BYTES) {
            set += Long.bitCount(LittleEndian.getLong(filter, at));
        }
        double share = set / ((double) mostBytes * Byte.SIZE);
        if (share > USELESS) {
            return 0;
        }
        int bytes = mostBytes;
        while (bytes > LEAST_BYTES && 1 - (1 - share) * (1 - share) <= FULL) {
            bytes /= 2;
            share = fold(bytes);
        }
        return bytes;
    }

    private double fold(final int bytes) {
        long set = 0;
        for (int block = 0; block < bytes; block += BloomBlocks.BLOCK_BYTES) {
            for (int at = 0; at < BloomBlocks.BLOCK_BYTES; at += Long.BYTES) {
                final long from = 2L * block + at;
                final long joined = LittleEndian.getLong(filter, from)
                        | LittleEndian.getLong(filter, from + BloomBlocks.BLOCK_BYTES);
                LittleEndian.putLong(filter, (long) block + at, joined);
                set += Long.bitCount(joined);
            }
        }
        return set / ((double) bytes * Byte.SIZE);
    }

    MemorySegment filter() {
        return filter;
    }

    /** Gives the filter's memory back. */
    void end() {
        if (filter != null) {
            memory.free(filter);
            filter = null;
        }
    }

    @Override
    public void close() {
        end();
        hashes.close();
    }
}
