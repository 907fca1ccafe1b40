package dev.firn.pagestore.upkeep;

import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.pagestore.layer.LayerDescription;
import dev.firn.pagestore.layer.LayerKind;
import dev.firn.pagestore.layer.LayerName;
import dev.firn.pagestore.layer.ReadableLsns;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which layers no read needs any more, given at which LSNs reads must be answered.
 *
 * <p>A read at R ends at the newest image at or below R over its key: that has every key of its range that has an entry below. So of a layer a key is
 * needed only as long as some R is above the layer's first LSN and below each later image over the key; and the layer, as long as one of its keys is.
 * Layers without pages are never covered by images: merges alone make them smaller.
 */
final class Collection {
    private Collection() {}

    /** The layers that are in nobody's way: to be left out of the next manifest. */
    static Set<LayerName> unneeded(final List<LayerDescription> layers, final ReadableLsns readable) {
        final List<LayerDescription> images = new ArrayList<>();
        for (final LayerDescription layer : layers) {
            if (layer.kind() == LayerKind.IMAGE) {
                images.add(layer);
            }
        }
        images.sort((one, other) -> PageKeys.compare(
                one.keys().fromHigh(),
                one.keys().fromMiddle(),
                one.keys().fromLow(),
                other.keys().fromHigh(),
                other.keys().fromMiddle(),
                other.keys().fromLow()));
        final Set<LayerName> unneeded = new HashSet<>();
        final List<KeyRange> instead = new ArrayList<>();
        for (final LayerDescription layer : layers) {
            final boolean image = layer.kind() == LayerKind.IMAGE;
            final long firstReader = image ? layer.toLsn() : layer.fromLsn() + 1;
            instead.clear();
            for (final LayerDescription later : images) {
                if ((image ? later.toLsn() > layer.toLsn() : later.toLsn() >= layer.toLsn())
                        && !readable.any(firstReader, later.toLsn())
                        && later.keys().meets(layer.keys())) {
                    instead.add(later.keys());
                }
            }
            if (covers(instead, layer.keys())) {
                unneeded.add(layer.name());
            }
        }
        return unneeded;
    }

    /** Whether ranges, in the order of their first keys, have all keys of another between them. */
    private static boolean covers(final List<KeyRange> ranges, final KeyRange wanted) {
        long high = wanted.fromHigh();
        long middle = wanted.fromMiddle();
        long low = wanted.fromLow();
        for (final KeyRange range : ranges) {
            if (PageKeys.compare(range.toHigh(), range.toMiddle(), range.toLow(), high, middle, low) < 0) {
                continue;
            }
            if (PageKeys.compare(range.fromHigh(), range.fromMiddle(), range.fromLow(), high, middle, low) > 0) {
                return false;
            }
            if (PageKeys.compare(
                            range.toHigh(),
                            range.toMiddle(),
                            range.toLow(),
                            wanted.toHigh(),
                            wanted.toMiddle(),
                            wanted.toLow())
                    >= 0) {
                return true;
            }
            // On to the key behind this range.
            high = range.toHigh();
            middle = range.toMiddle();
            low = range.toLow() + 1;
            if (low == 0) {
                middle++;
                if (middle == 0) {
                    high++;
                }
            }
        }
        return false;
    }
}
