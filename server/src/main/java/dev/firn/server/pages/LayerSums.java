package dev.firn.server.pages;

import dev.firn.pagestore.layer.LayerDescription;
import dev.firn.pagestore.layer.LayerKind;
import dev.firn.pagestore.manifest.Manifest;

/** What a timeline's layers come to, by kind. */
record LayerSums(int deltas, long deltaBytes, int images, long imageBytes) {
    static final LayerSums NONE = new LayerSums(0, 0, 0, 0);

    /** @param manifest null for none. */
    static LayerSums of(final Manifest manifest) {
        if (manifest == null) {
            return NONE;
        }
        int deltas = 0;
        long deltaBytes = 0;
        int images = 0;
        long imageBytes = 0;
        for (final LayerDescription layer : manifest.layers()) {
            if (layer.kind() == LayerKind.IMAGE) {
                images++;
                imageBytes += layer.lengthBytes();
            } else {
                deltas++;
                deltaBytes += layer.lengthBytes();
            }
        }
        return new LayerSums(deltas, deltaBytes, images, imageBytes);
    }
}
