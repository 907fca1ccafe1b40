package dev.firn.pagestore.layer;

/**
 * How layers are written. Readers need none of it.
 *
 * @param blockBytes a block of entries ends when it has this many bytes before compression: what one read of a delta brings.
 * @param compression which methods are tried.
 * @param minSavingPercent a block is stored as it is, unless compression takes this much off.
 * @param zstdGainPercent zstd must be this much smaller than lz4 to be chosen, as it takes three times as long to read.
 * @param filterBits of each key of a delta layer: 10 let one read in a hundred through that finds nothing.
 * @param deltaZstdLevel of delta layers: they are merged into others and made into images, and below 1 a third of the time is saved for a tenth more bytes.
 * @param imageZstdLevel of image layers, which last.
 * @param maxLayerBytes a layer takes no further key when it has this many bytes.
 * @param maxIndexBytes most memory that a writer's index may take: a layer takes no further key when it is nearly full.
 */
public record LayerConfig(
        int blockBytes,
        LayerCompression compression,
        int minSavingPercent,
        int zstdGainPercent,
        int filterBits,
        int deltaZstdLevel,
        int imageZstdLevel,
        long maxLayerBytes,
        int maxIndexBytes) {
    public static final int DELTA_ZSTD_LEVEL = -1;
    public static final int IMAGE_ZSTD_LEVEL = 1;
    public static final LayerConfig DEFAULT =
            new LayerConfig(32 << 10, LayerCompression.ZSTD, 12, 20, 10, 1L << 30, 32 << 20);

    public LayerConfig {
        requireWithin("blockBytes", blockBytes, 1 << 10, 1 << 20);
        requireWithin("minSavingPercent", minSavingPercent, 0, 99);
        requireWithin("zstdGainPercent", zstdGainPercent, 0, 99);
        requireWithin("filterBits", filterBits, 4, 32);
        requireWithin("deltaZstdLevel", deltaZstdLevel, -100, 22);
        requireWithin("imageZstdLevel", imageZstdLevel, -100, 22);
        requireWithin("maxLayerBytes", maxLayerBytes, 1 << 10, 1L << 40);
        requireWithin("maxIndexBytes", maxIndexBytes, 1 << 20, 1 << 30);
    }

    /** With the usual levels. */
    public LayerConfig(
            final int blockBytes,
            final LayerCompression compression,
            final int minSavingPercent,
            final int zstdGainPercent,
            final int filterBits,
            final long maxLayerBytes,
            final int maxIndexBytes) {
        this(
                blockBytes,
                compression,
                minSavingPercent,
                zstdGainPercent,
                filterBits,
                DELTA_ZSTD_LEVEL,
                IMAGE_ZSTD_LEVEL,
                maxLayerBytes,
                maxIndexBytes);
    }

    private static void requireWithin(final String name, final long value, final long least, final long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "the layers' " + name + " is not within " + least + ".." + most + ": " + value);
        }
    }
}
