package dev.firn.columnar.parquet;

import java.util.Objects;

/**
 * How files are written.
 *
 * @param rowGroupBytes of encoded pages after which a row group ends. Default 128 MiB: what engines give to one task.
 * @param pageRows most rows of a page: what a reader that looks for one row has to decode. Default 20 480.
 * @param pageBytes of values after which a page ends, whatever its rows. Default 1 MiB.
 * @param dictionaryBytes most bytes of a dictionary; a column whose grows beyond goes on without. Default 1 MiB.
 * @param bloomBytes most bytes of one bloom filter; folded to what its values need. Default 1 MiB.
 * @param pendingBytes that may wait for the sink before the writer refuses rows. Default 128 MiB, one row group.
 * @param zstdLevel the highest, 1 to 19, for columns whose bytes it makes enough fewer of than level 1 does; 0 for no compression. Default 3.
 * @param nsPerByte what a stored byte may cost in time of encoding, for the choice of encodings and compression. Default 30: a file is written once
 *     and kept, sent and read many times.
 */
public record ParquetConfig(
        long rowGroupBytes,
        int pageRows,
        int pageBytes,
        int dictionaryBytes,
        int bloomBytes,
        long pendingBytes,
        int zstdLevel,
        int nsPerByte,
        BloomPolicy bloom,
        ReaderProfile readers) {
    /** Pages begin at whole words of validity bitmaps. */
    static final int PAGE_ROW_UNIT = 64;

    private static final int MIB = 1 << 20;
    private static final int HIGHEST_LEVEL = 19;
    private static final int DEFAULT_PAGE_ROWS = 20_480;
    private static final int DEFAULT_ROW_GROUP_MIB = 128;
    private static final int DEFAULT_LEVEL = 3;
    private static final int DEFAULT_NS_PER_BYTE = 30;

    public ParquetConfig {
        Objects.requireNonNull(bloom, "bloom");
        Objects.requireNonNull(readers, "readers");
        if (rowGroupBytes < 1 || pageRows < PAGE_ROW_UNIT || pageRows % PAGE_ROW_UNIT != 0 || pageBytes < 1) {
            throw new IllegalArgumentException("row groups of " + rowGroupBytes + " bytes, pages of " + pageRows
                    + " rows and " + pageBytes + " bytes: each is at least 1, and rows are a multiple of "
                    + PAGE_ROW_UNIT);
        }
        if (zstdLevel < 0 || zstdLevel > HIGHEST_LEVEL) {
            throw new IllegalArgumentException("zstd level " + zstdLevel + " is not within 0.." + HIGHEST_LEVEL);
        }
        if (Integer.bitCount(bloomBytes) != 1 || bloomBytes < BloomFilterBuilder.LEAST_BYTES) {
            throw new IllegalArgumentException("a bloom filter of " + bloomBytes + " bytes: a power of two from "
                    + BloomFilterBuilder.LEAST_BYTES + " on is needed");
        }
        if (dictionaryBytes < 0 || pendingBytes < 1 || nsPerByte < 0) {
            throw new IllegalArgumentException("dictionaries of " + dictionaryBytes + " bytes, " + pendingBytes
                    + " pending ones, " + nsPerByte + " ns a byte: none may be negative");
        }
    }

    public static ParquetConfig defaults() {
        return new ParquetConfig(
                (long) DEFAULT_ROW_GROUP_MIB * MIB,
                DEFAULT_PAGE_ROWS,
                MIB,
                MIB,
                MIB,
                (long) DEFAULT_ROW_GROUP_MIB * MIB,
                DEFAULT_LEVEL,
                DEFAULT_NS_PER_BYTE,
                BloomPolicy.WHERE_IT_PAYS,
                ReaderProfile.EVERY_ENGINE);
    }

    public ParquetConfig withRowGroupBytes(final long bytes) {
        return new ParquetConfig(
                bytes,
                pageRows,
                pageBytes,
                dictionaryBytes,
                bloomBytes,
                pendingBytes,
                zstdLevel,
                nsPerByte,
                bloom,
                readers);
    }

    public ParquetConfig withPages(final int rows, final int bytes) {
        return new ParquetConfig(
                rowGroupBytes,
                rows,
                bytes,
                dictionaryBytes,
                bloomBytes,
                pendingBytes,
                zstdLevel,
                nsPerByte,
                bloom,
                readers);
    }

    public ParquetConfig withDictionaryBytes(final int bytes) {
        return new ParquetConfig(
                rowGroupBytes,
                pageRows,
                pageBytes,
                bytes,
                bloomBytes,
                pendingBytes,
                zstdLevel,
                nsPerByte,
                bloom,
                readers);
    }

    public ParquetConfig withPendingBytes(final long bytes) {
        return new ParquetConfig(
                rowGroupBytes,
                pageRows,
                pageBytes,
                dictionaryBytes,
                bloomBytes,
                bytes,
                zstdLevel,
                nsPerByte,
                bloom,
                readers);
    }

    public ParquetConfig withZstdLevel(final int level) {
        return new ParquetConfig(
                rowGroupBytes,
                pageRows,
                pageBytes,
                dictionaryBytes,
                bloomBytes,
                pendingBytes,
                level,
                nsPerByte,
                bloom,
                readers);
    }

    public ParquetConfig withBloom(final BloomPolicy policy) {
        return new ParquetConfig(
                rowGroupBytes,
                pageRows,
                pageBytes,
                dictionaryBytes,
                bloomBytes,
                pendingBytes,
                zstdLevel,
                nsPerByte,
                policy,
                readers);
    }

    public ParquetConfig withReaders(final ReaderProfile profile) {
        return new ParquetConfig(
                rowGroupBytes,
                pageRows,
                pageBytes,
                dictionaryBytes,
                bloomBytes,
                pendingBytes,
                zstdLevel,
                nsPerByte,
                bloom,
                profile);
    }
}
