package dev.firn.columnar.parquet;

import dev.firn.columnar.encoding.ValueEncoding;

/**
 * How a column chunk is encoded.
 *
 * @param level of zstd; 0 for pages that are not compressed.
 */
record EncodingPlan(ValueEncoding encoding, int level, boolean bloom) {}
