package dev.firn.columnar.parquet;

/** Which columns get a bloom filter. */
public enum BloomPolicy {
    NONE,
    /** Integers, uuids, strings and bytes that hardly repeat and are not in order: what neither a dictionary nor a range of values can rule out. */
    WHERE_IT_PAYS
}
