package dev.firn.postgres.wal;

/** How the bytes of a page image are stored: {@code wal_compression}. */
public enum ImageCompression {
    /** As they are on the page, without the hole. */
    NONE("none"),
    PGLZ("pglz"),
    LZ4("lz4"),
    ZSTD("zstd");

    private final String displayName;

    ImageCompression(final String displayName) {
        this.displayName = displayName;
    }

    /** As Postgres names it. */
    public String displayName() {
        return displayName;
    }
}
