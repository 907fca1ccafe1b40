package dev.firn.pagestore.layer;

import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.GetOutcome;
import dev.firn.s3tier.store.StoreSession;
import java.lang.foreign.MemorySegment;

/** Reads layers from the object store. Moved by the session's poll. */
public final class StoreLayerReads implements LayerReads {
    private final StoreSession session;
    private final String timeline;
    private final CallOptions options;

    /** @param session borrowed. */
    public StoreLayerReads(final StoreSession session, final String timeline, final CallOptions options) {
        this.session = session;
        this.timeline = timeline;
        this.options = options;
    }

    @Override
    public boolean read(
            final LayerDescription layer, final long offset, final MemorySegment into, final Handler handler) {
        if (session.room() == 0) {
            return false;
        }
        session.get(layer.name().key(timeline), offset, into, null, options, outcome -> {
            final boolean whole =
                    outcome instanceof GetOutcome.Fetched fetched && fetched.lengthBytes() == into.byteSize();
            handler.onRead(whole ? null : outcome);
        });
        return true;
    }
}
