package dev.firn.postgres.compression;

/** How Postgres compresses. */
public enum CompressionMethod {
    /** Postgres' own: common/pg_lzcompress.c. */
    PGLZ,
    /** A raw LZ4 block. */
    LZ4,
    /** One Zstandard frame; only in full-page images. */
    ZSTD;

    private static final CompressionMethod[] TOAST = {PGLZ, LZ4};

    /**
     * The method of a TOAST value by its number (ToastCompressionId of access/toast_compression.h), or null when there is
     * none.
     */
    public static CompressionMethod ofToastId(final int id) {
        return id >= 0 && id < TOAST.length ? TOAST[id] : null;
    }
}
