package dev.firn.columnar.transcode;

import dev.firn.columnar.parquet.ParquetConfig;

/**
 * How relations are transcoded.
 *
 * @param runBlocks blocks that are read, taken apart and turned into columns together. Default 64, half a MiB: their positions stay in the
 *     second-level cache, and a page server is asked for some pages at a time.
 * @param fileBlocks blocks whose rows make one file. Default 131,072, as in one of Postgres' own files: what changes in a block changes one file.
 * @param sliceBytes of values out of line that are fetched before rows are handed to the file; one row may have more. Default 16 MiB.
 */
public record TranscodeConfig(int runBlocks, int fileBlocks, long sliceBytes, ParquetConfig parquet) {
    /** Rows of a batch have 16 bits. */
    private static final int MOST_RUN_BLOCKS = 128;

    private static final int DEFAULT_RUN_BLOCKS = 64;
    private static final int DEFAULT_FILE_BLOCKS = 131_072;
    private static final long DEFAULT_SLICE_BYTES = 16L << 20;
    private static final long DEFAULT_ROW_GROUP_BYTES = 64L << 20;
    private static final long LEAST_ROW_GROUP_BYTES = 2L << 20;

    /** A row group is built while one waits; beside them dictionaries and vectors want room, and dead versions. */
    private static final int ROW_GROUPS_OF_MEMORY = 8;

    private static final long LEAST_SLICE_BYTES = 1L << 20;

    /** A slice is in a vector that may just have been doubled, beside the one it was copied from, and a second time in a page that is made of it. */
    private static final int SLICES_OF_MEMORY = 32;

    public TranscodeConfig {
        if (runBlocks < 1 || runBlocks > MOST_RUN_BLOCKS || fileBlocks < 1 || fileBlocks % runBlocks != 0) {
            throw new IllegalArgumentException("runs of " + runBlocks + " blocks and files of " + fileBlocks
                    + ": a run has 1 to " + MOST_RUN_BLOCKS + ", and a file is whole runs");
        }
        if (sliceBytes < 1) {
            throw new IllegalArgumentException("slices of " + sliceBytes + " bytes");
        }
    }

    public static TranscodeConfig defaults() {
        return new TranscodeConfig(
                DEFAULT_RUN_BLOCKS,
                DEFAULT_FILE_BLOCKS,
                DEFAULT_SLICE_BYTES,
                ParquetConfig.defaults()
                        .withRowGroupBytes(DEFAULT_ROW_GROUP_BYTES)
                        .withPendingBytes(DEFAULT_ROW_GROUP_BYTES));
    }

    /** The defaults, with row groups and slices no larger than suits so much memory. */
    public static TranscodeConfig within(final long memoryBytes) {
        final long rowGroup =
                Math.clamp(memoryBytes / ROW_GROUPS_OF_MEMORY, LEAST_ROW_GROUP_BYTES, DEFAULT_ROW_GROUP_BYTES);
        final TranscodeConfig defaults = defaults()
                .withSliceBytes(Math.clamp(memoryBytes / SLICES_OF_MEMORY, LEAST_SLICE_BYTES, DEFAULT_SLICE_BYTES));
        return defaults.withParquet(
                defaults.parquet().withRowGroupBytes(rowGroup).withPendingBytes(rowGroup));
    }

    public TranscodeConfig withBlocks(final int run, final int file) {
        return new TranscodeConfig(run, file, sliceBytes, parquet);
    }

    public TranscodeConfig withSliceBytes(final long bytes) {
        return new TranscodeConfig(runBlocks, fileBlocks, bytes, parquet);
    }

    public TranscodeConfig withParquet(final ParquetConfig config) {
        return new TranscodeConfig(runBlocks, fileBlocks, sliceBytes, config);
    }
}
