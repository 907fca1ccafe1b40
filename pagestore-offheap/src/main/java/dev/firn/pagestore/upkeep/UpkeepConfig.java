package dev.firn.pagestore.upkeep;

import dev.firn.pagestore.layer.LayerConfig;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.ObjectWriter;

/**
 * How a housekeeper works.
 *
 * @param layers how layers are written.
 * @param shape of their uploads.
 * @param calls of what else is asked of the store.
 * @param mergeRuns so many runs of about one size become one: a read meets at most one less of each size.
 * @param growth how many times larger the next size is.
 * @param imageMinBytes deltas above the last images, so many at least, before images are made again.
 * @param imageSharePercent and so much of what the last images have.
 * @param imageReads most pages of which images are being made at once: what lies beneath is asked of the shard.
 * @param imageLayers most image layers that one job makes.
 * @param maxDeltas most changes of a page that follow one another in a run of delta layers without an image, where one could be made.
 * @param maxRuns most runs of delta layers with pages: with so many, memory tables have to wait.
 * @param historyNs how long every LSN stays readable.
 * @param scanBytes of each read of a merge.
 * @param heldBytes most bytes that a merge holds back until it knows whether they are needed.
 * @param stepsACycle most entries that one duty cycle passes over.
 * @param retryNs how long to wait after a failure of the store.
 * @param sweepNs how often objects are looked for that no manifest names.
 */
public record UpkeepConfig(
        LayerConfig layers,
        ObjectWriter.Shape shape,
        CallOptions calls,
        int mergeRuns,
        int growth,
        long imageMinBytes,
        int imageSharePercent,
        int imageReads,
        int imageLayers,
        int maxDeltas,
        int maxRuns,
        long historyNs,
        int scanBytes,
        int heldBytes,
        int stepsACycle,
        long retryNs,
        long sweepNs) {
    public static final UpkeepConfig DEFAULT = new UpkeepConfig(
            LayerConfig.DEFAULT,
            ObjectWriter.Shape.DEFAULT,
            CallOptions.DEFAULT,
            4,
            4,
            256L << 20,
            50,
            64,
            4,
            128,
            32,
            7L * 24 * 3_600 * 1_000_000_000,
            1 << 20,
            8 << 20,
            1_024,
            1_000_000_000L,
            3_600_000_000_000L);

    public UpkeepConfig {
        requireWithin("mergeRuns", mergeRuns, 2, 64);
        requireWithin("growth", growth, 2, 64);
        requireWithin("imageMinBytes", imageMinBytes, 1, Long.MAX_VALUE);
        requireWithin("imageSharePercent", imageSharePercent, 1, 10_000);
        requireWithin("imageReads", imageReads, 1, 1 << 12);
        requireWithin("imageLayers", imageLayers, 1, 1 << 12);
        requireWithin("maxDeltas", maxDeltas, 1, 1 << 16);
        requireWithin("maxRuns", maxRuns, 2 * mergeRuns, 1 << 12);
        requireWithin("historyNs", historyNs, 0, Long.MAX_VALUE);
        requireWithin("scanBytes", scanBytes, 1 << 10, 1 << 28);
        requireWithin("heldBytes", heldBytes, 1 << 10, 1 << 30);
        requireWithin("stepsACycle", stepsACycle, 1, 1 << 20);
        requireWithin("retryNs", retryNs, 1, Long.MAX_VALUE);
        requireWithin("sweepNs", sweepNs, 1, Long.MAX_VALUE);
    }

    private static void requireWithin(final String name, final long value, final long least, final long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "the housekeeper's " + name + " is not within " + least + ".." + most + ": " + value);
        }
    }
}
