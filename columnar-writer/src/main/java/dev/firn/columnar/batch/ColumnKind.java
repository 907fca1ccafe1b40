package dev.firn.columnar.batch;

/** What a column's values are. */
public enum ColumnKind {
    /** A bit. */
    BOOLEAN,
    INT32,
    INT64,
    FLOAT,
    DOUBLE,
    /** A scaled integer of 4, 8 or 16 bytes, whichever is the least that holds the precision. */
    DECIMAL,
    /** Days since 1970-01-01, 4 bytes. */
    DATE,
    /** Microseconds since midnight, 8 bytes. */
    TIME_MICROS,
    /** Microseconds since 1970-01-01, 8 bytes; of no time zone. */
    TIMESTAMP_MICROS,
    /** Microseconds since 1970-01-01 UTC, 8 bytes. */
    TIMESTAMP_UTC_MICROS,
    /** 16 bytes as they are written out. */
    UUID,
    /** UTF-8. */
    STRING,
    BINARY,
    /** Bytes, always so many. */
    FIXED,
    /** One child: the elements. */
    LIST,
    STRUCT,
    /** Two children: keys, which are never null, and values. */
    MAP
}
