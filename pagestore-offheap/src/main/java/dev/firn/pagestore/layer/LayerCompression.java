package dev.firn.pagestore.layer;

/** How a block's bytes are stored. The numbers are part of the layer format. As a setting: the method named, and those before it. */
public enum LayerCompression {
    NONE(0),
    /** An LZ4 block. */
    LZ4(1),
    /** One Zstandard frame. */
    ZSTD(2);

    private final int number;

    LayerCompression(final int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
