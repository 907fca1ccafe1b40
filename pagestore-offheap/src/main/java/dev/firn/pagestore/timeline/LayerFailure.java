package dev.firn.pagestore.timeline;

import dev.firn.pagestore.service.ReadRefusal;

/** A layer that a read needs can't be had; no part of a usual read. */
final class LayerFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ReadRefusal refusal;

    LayerFailure(final ReadRefusal refusal, final String message) {
        super(message, null, false, false);
        this.refusal = refusal;
    }

    ReadRefusal refusal() {
        return refusal;
    }
}
