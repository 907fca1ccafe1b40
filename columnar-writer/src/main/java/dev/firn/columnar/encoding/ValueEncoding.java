package dev.firn.columnar.encoding;

/** How the values of a page are encoded, by the names of the Parquet format. */
public enum ValueEncoding {
    PLAIN,
    /** Booleans only. */
    RLE,
    RLE_DICTIONARY,
    DELTA_BINARY_PACKED,
    DELTA_LENGTH_BYTE_ARRAY,
    DELTA_BYTE_ARRAY,
    BYTE_STREAM_SPLIT
}
