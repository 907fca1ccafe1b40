package dev.firn.pagestore.layer;

import dev.firn.pagestore.key.KeyRange;
import java.util.Objects;

/**
 * What is known of a layer without reading it: a manifest lists these.
 *
 * @param keys what it covers: its entries' keys lie within.
 * @param fromLsn what lies above it is covered; of an image layer the same as {@code toLsn}.
 * @param toLsn the last LSN that is covered.
 * @param lengthBytes of the whole object.
 * @param indexOffset where its index begins: what one reads to open it goes from there to the end.
 * @param entries how many it holds.
 * @param contentBytes of its entries, uncompressed.
 * @param checksum of its footer, which has the index's: tells it from anything else under this name.
 */
public record LayerDescription(
        LayerName name,
        LayerKind kind,
        KeyRange keys,
        long fromLsn,
        long toLsn,
        long lengthBytes,
        long indexOffset,
        long entries,
        long contentBytes,
        int checksum) {
    public LayerDescription {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(keys, "keys");
        if (fromLsn < 0 || toLsn < fromLsn || (kind == LayerKind.IMAGE) != (fromLsn == toLsn)) {
            throw new IllegalArgumentException(
                    "layer " + name + ", of kind " + kind + ", covers no LSNs from " + fromLsn + " to " + toLsn);
        }
        if (indexOffset < 0 || lengthBytes <= indexOffset || entries < 0 || contentBytes < 0) {
            throw new IllegalArgumentException("layer " + name + " has " + lengthBytes + " bytes, its index at "
                    + indexOffset + ", " + entries + " entries of " + contentBytes + " bytes");
        }
    }

    /** How many bytes are read to open it: index and footer. */
    public long tailBytes() {
        return lengthBytes - indexOffset;
    }
}
