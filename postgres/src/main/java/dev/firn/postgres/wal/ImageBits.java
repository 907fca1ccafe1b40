package dev.firn.postgres.wal;

import dev.firn.postgres.version.PostgresVersion;

/**
 * The flag bits of a page image (BKPIMAGE_* of access/xlogrecord.h), which changed their places in 15.
 *
 * @param hole a run of zeroes was left out.
 * @param apply redo writes the image; without it, it is there to be compared only.
 */
record ImageBits(int hole, int apply, int pglz, int lz4, int zstd) {
    private static final ImageBits SINCE_15 = new ImageBits(0x01, 0x02, 0x04, 0x08, 0x10);

    static ImageBits of(final PostgresVersion version) {
        return switch (version) {
            case V15, V17 -> SINCE_15;
        };
    }

    int compressionMask() {
        return pglz | lz4 | zstd;
    }

    int allFlags() {
        return hole | apply | compressionMask();
    }
}
