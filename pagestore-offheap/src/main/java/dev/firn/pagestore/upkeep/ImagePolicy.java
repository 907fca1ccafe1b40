package dev.firn.pagestore.upkeep;

import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.pagestore.layer.LayerDescription;
import dev.firn.pagestore.layer.LayerKind;
import dev.firn.pagestore.manifest.Manifest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * When images are made again, and of what. The pages' keys are cut into <em>regions</em>, each with the newest image layer over it, or none; a region is
 * due when the deltas above its image have grown to a part of the image's size. So a job is bounded: it makes one region anew, or of one without
 * images a few layers, and those behind it are the next job's.
 *
 * <p>How much of a delta layer is in a region is not known without reading it: its length is divided among the regions that it meets.
 */
final class ImagePolicy {
    private static final Comparator<long[]> BY_KEY =
            (one, other) -> PageKeys.compare(one[0], one[1], one[2], other[0], other[1], other[2]);
    private static final KeyRange PAGES = KeyRange.of(KeyClass.PAGE, KeyClass.SLRU_PAGE);

    private ImagePolicy() {}

    /**
     * What images are to be made of.
     *
     * @param lsn the images' LSN.
     * @param keys of which pages.
     * @param inputs which layers have all that there is of these pages, or all since an image: deltas, oldest first, then images.
     */
    record Plan(long lsn, KeyRange keys, List<LayerDescription> inputs) {}

    /** Keys with the same newest image layer, null for none. */
    private static final class Region {
        private final KeyRange keys;
        private final LayerDescription image;
        private double deltaBytes;

        Region(final KeyRange keys, final LayerDescription image) {
            this.keys = keys;
            this.image = image;
        }

        long imageLsn() {
            return image == null ? 0 : image.toLsn();
        }

        long imageBytes() {
            return image == null ? 0 : image.lengthBytes();
        }

        /** How much of what makes it due there is: due from 1 on. */
        double due(final int sharePercent) {
            return deltaBytes / Math.max(1.0, imageBytes() * (sharePercent / 100.0));
        }
    }

    /**
     * The next job; null when it is too early.
     *
     * @param emptyUpToLsn up to where there was no page to make an image of.
     */
    static Plan plan(final Manifest manifest, final UpkeepConfig config, final long emptyUpToLsn) {
        final List<LayerDescription> deltas = new ArrayList<>();
        for (final LayerDescription layer : manifest.layers()) {
            if (layer.kind() == LayerKind.DELTA
                    && LayerOutput.isPage(layer.keys().fromHigh())
                    && layer.toLsn() > emptyUpToLsn) {
                deltas.add(layer);
            }
        }
        final List<Region> regions = regions(manifest.layers());
        double all = 0;
        for (final LayerDescription delta : deltas) {
            all += spread(delta, regions);
        }
        if (all < config.imageMinBytes()) {
            return null;
        }
        int due = 0;
        for (int i = 1; i < regions.size(); i++) {
            if (regions.get(i).due(config.imageSharePercent())
                    > regions.get(due).due(config.imageSharePercent())) {
                due = i;
            }
        }
        final Region most = regions.get(due);
        if (most.due(config.imageSharePercent()) < 1 || manifest.uploadedLsn() <= most.imageLsn()) {
            return null;
        }
        return planOf(manifest, regions, due, config.layers().maxLayerBytes());
    }

    /** Divides a delta layer's bytes among the regions that have not got it in their images; how many bytes these are in all. */
    private static double spread(final LayerDescription delta, final List<Region> regions) {
        int met = 0;
        for (final Region region : regions) {
            if (region.keys.meets(delta.keys())) {
                met++;
            }
        }
        double above = 0;
        for (final Region region : regions) {
            if (delta.toLsn() > region.imageLsn() && region.keys.meets(delta.keys())) {
                region.deltaBytes += (double) delta.lengthBytes() / met;
                above += (double) delta.lengthBytes() / met;
            }
        }
        return above;
    }

    /** A region with a small image takes its neighbours along, as long as they are small together: so images grow together again. */
    private static Plan planOf(
            final Manifest manifest, final List<Region> regions, final int due, final long maxLayerBytes) {
        int first = due;
        int last = due;
        long bytes = regions.get(due).imageBytes();
        while (last + 1 < regions.size()
                && regions.get(last + 1).image != null
                && bytes + regions.get(last + 1).imageBytes() <= maxLayerBytes / 2) {
            bytes += regions.get(++last).imageBytes();
        }
        while (first > 0
                && regions.get(first - 1).image != null
                && bytes + regions.get(first - 1).imageBytes() <= maxLayerBytes / 2) {
            bytes += regions.get(--first).imageBytes();
        }
        final KeyRange from = regions.get(first).keys;
        final KeyRange to = regions.get(last).keys;
        final KeyRange keys = new KeyRange(
                from.fromHigh(), from.fromMiddle(), from.fromLow(), to.toHigh(), to.toMiddle(), to.toLow());
        long oldest = Long.MAX_VALUE;
        final List<LayerDescription> images = new ArrayList<>();
        for (final Region region : regions.subList(first, last + 1)) {
            oldest = Math.min(oldest, region.imageLsn());
            if (region.image != null && !images.contains(region.image)) {
                images.add(region.image);
            }
        }
        final List<LayerDescription> inputs = new ArrayList<>();
        for (final LayerDescription layer : manifest.layers()) {
            if (layer.kind() == LayerKind.DELTA
                    && layer.toLsn() > oldest
                    && layer.keys().meets(keys)) {
                inputs.add(layer);
            }
        }
        inputs.sort(Comparator.comparingLong(LayerDescription::toLsn));
        images.sort(Comparator.comparingLong(LayerDescription::toLsn));
        inputs.addAll(images);
        return new Plan(manifest.uploadedLsn(), keys, inputs);
    }

    /** The regions, in order: all keys of pages are in one. */
    private static List<Region> regions(final List<LayerDescription> layers) {
        final TreeMap<long[], LayerDescription> from = new TreeMap<>(BY_KEY);
        from.put(new long[] {PAGES.fromHigh(), PAGES.fromMiddle(), PAGES.fromLow()}, null);
        layers.stream()
                .filter(layer -> layer.kind() == LayerKind.IMAGE)
                .sorted(Comparator.comparingLong(LayerDescription::toLsn))
                .forEach(layer -> paint(from, layer));
        final List<Region> regions = new ArrayList<>();
        for (final Map.Entry<long[], LayerDescription> each : from.entrySet()) {
            final long[] key = each.getKey();
            final long[] next = from.higherKey(key);
            final KeyRange keys = next == null
                    ? new KeyRange(key[0], key[1], key[2], PAGES.toHigh(), PAGES.toMiddle(), PAGES.toLow())
                    : KeyRange.before(key[0], key[1], key[2], next[0], next[1], next[2]);
            regions.add(new Region(keys, each.getValue()));
        }
        return regions;
    }

    /** An image layer newer than all before comes over what they had. */
    private static void paint(final TreeMap<long[], LayerDescription> from, final LayerDescription layer) {
        final KeyRange keys = layer.keys();
        final long[] first = {keys.fromHigh(), keys.fromMiddle(), keys.fromLow()};
        final long[] after = LayerOutput.successor(keys.toHigh(), keys.toMiddle(), keys.toLow());
        final boolean toTheEnd = PageKeys.compare(
                        keys.toHigh(), keys.toMiddle(), keys.toLow(), PAGES.toHigh(), PAGES.toMiddle(), PAGES.toLow())
                >= 0;
        final LayerDescription behind = toTheEnd ? null : from.floorEntry(after).getValue();
        (toTheEnd ? from.tailMap(first, true) : from.subMap(first, true, after, false)).clear();
        from.put(first, layer);
        if (!toTheEnd) {
            from.put(after, behind);
        }
    }
}
