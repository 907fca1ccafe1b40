package dev.firn.postgres.lake;

/** How the lake holds a column. */
public enum LakeKind {
    BOOLEAN,
    INT32,
    INT64,
    FLOAT,
    DOUBLE,
    /** An unscaled integer of 128 bits, with precision and scale. */
    DECIMAL,
    /** Days since 1970-01-01. */
    DATE,
    /** Microseconds since midnight. */
    TIME_MICROS,
    /** Microseconds since 1970-01-01, of no time zone. */
    TIMESTAMP_MICROS,
    /** Microseconds since 1970-01-01 UTC. */
    TIMESTAMP_UTC_MICROS,
    UUID,
    /** UTF-8: text itself, or the canonical text of a type that the lake has no type for. */
    STRING,
    BINARY,
    /** A list of {@link LakeType#element}. */
    LIST
}
