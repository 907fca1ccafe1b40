package dev.firn.columnar.parquet;

import dev.firn.columnar.encoding.ValueEncoding;

/**
 * How a column chunk is encoded.
 *
 * @param withoutDictionary the encoding of pages that the dictionary has no room for; the same as {@code encoding} when there is none.
 * @param level of zstd; 0 for pages that are not compressed.
 */
record EncodingPlan(ValueEncoding encoding, ValueEncoding withoutDictionary, int level, boolean bloom) {}
