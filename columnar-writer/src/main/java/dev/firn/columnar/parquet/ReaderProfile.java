package dev.firn.columnar.parquet;

import dev.firn.columnar.encoding.ValueEncoding;

/** Who has to read the files, which decides what encodings they may have. */
public enum ReaderProfile {
    /** Every engine with its fast reader: without BYTE_STREAM_SPLIT, which Spark's vectorized reader does not know. */
    EVERY_ENGINE,
    /** All encodings of the format: DuckDB, Trino, Arrow, parquet-java and Iceberg's own readers. */
    WHOLE_FORMAT;

    boolean allows(final ValueEncoding encoding) {
        return this == WHOLE_FORMAT || encoding != ValueEncoding.BYTE_STREAM_SPLIT;
    }
}
