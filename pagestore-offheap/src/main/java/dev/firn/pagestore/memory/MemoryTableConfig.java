package dev.firn.pagestore.memory;

/**
 * How large a memory table is.
 *
 * @param bytes for entries, their payload and keys; the index of keys takes {@link #indexBytes} besides.
 */
public record MemoryTableConfig(long bytes) {
    /** A flush makes layers of tens of megabytes from it; two of them, one being flushed, are a small part of a host. */
    public static final long DEFAULT_BYTES = 256L << 20;

    /** The least: a record of full-page images of all the blocks that one can have, and what comes with it. */
    public static final long MIN_BYTES = 1L << 20;

    /** The most: places in it are counted by eight bytes, in an int. */
    public static final long MAX_BYTES = 16L << 30;

    /** A key has an entry of some 32 bytes and payload besides itself: chains of keys stay short when they are this small. */
    private static final int BYTES_A_BUCKET = 128;

    public MemoryTableConfig {
        if (bytes < MIN_BYTES || bytes > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "a memory table of " + bytes + " bytes is not within " + MIN_BYTES + ".." + MAX_BYTES);
        }
        bytes = bytes & -Long.BYTES;
    }

    /** The usual one. */
    public static MemoryTableConfig defaults() {
        return new MemoryTableConfig(DEFAULT_BYTES);
    }

    int buckets() {
        return (int) Long.highestOneBit(bytes / BYTES_A_BUCKET);
    }

    /** What the index takes. */
    public long indexBytes() {
        return (long) buckets() * Integer.BYTES;
    }

    /** All that a table takes, but for {@linkplain MemoryTable#sortBytes() sorting}. */
    public long totalBytes() {
        return bytes + indexBytes();
    }
}
