package dev.firn.pagestore.layer;

import java.util.Objects;

/**
 * What a layer is to be, before it is written.
 *
 * @param timeline whose it is.
 * @param fromLsn of a delta layer: its entries lie above; of an image layer the same as {@code toLsn}.
 * @param toLsn the last LSN that it covers; of an image layer that of all its entries.
 */
public record LayerScope(String timeline, LayerName name, LayerKind kind, long fromLsn, long toLsn) {
    public LayerScope {
        Objects.requireNonNull(timeline, "timeline");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(kind, "kind");
        if (fromLsn < 0 || toLsn < fromLsn || (kind == LayerKind.IMAGE) != (fromLsn == toLsn)) {
            throw new IllegalArgumentException(
                    "a layer of kind " + kind + " can't cover LSNs " + fromLsn + " to " + toLsn);
        }
    }

    public static LayerScope delta(final String timeline, final LayerName name, final long fromLsn, final long toLsn) {
        return new LayerScope(timeline, name, LayerKind.DELTA, fromLsn, toLsn);
    }

    public static LayerScope image(final String timeline, final LayerName name, final long lsn) {
        return new LayerScope(timeline, name, LayerKind.IMAGE, lsn, lsn);
    }
}
