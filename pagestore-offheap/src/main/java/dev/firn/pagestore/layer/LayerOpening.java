package dev.firn.pagestore.layer;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.s3tier.store.Failed;
import dev.firn.s3tier.store.GetOutcome;
import java.lang.foreign.MemorySegment;

/** Opens layers: reads index and footer, by one ranged read. */
public final class LayerOpening {
    /** What an open layer's index holds. */
    private static final MemoryTag INDEX = MemoryTag.of("layer-index");

    /** Hears what became of it, when the read is answered. */
    public interface Handler {
        /** @param index the handler's own: to be closed. */
        void onOpened(LayerIndex index);

        /** @param damaged whether the bytes are wrong or missing, and not only out of reach. */
        void onFailed(LayerDescription layer, boolean damaged, String message);
    }

    private LayerOpening() {}

    /** @return false, without effect, when there is no room for a read, or no memory, now. */
    public static boolean begin(
            final LayerReads reads,
            final String timeline,
            final LayerDescription layer,
            final OffHeapMemory memory,
            final Handler handler) {
        final MemorySegment tail = memory.tryAllocate(layer.tailBytes(), INDEX);
        if (tail == null) {
            return false;
        }
        final boolean begun = reads.read(
                layer, layer.indexOffset(), tail, failure -> onRead(timeline, layer, tail, memory, handler, failure));
        if (!begun) {
            memory.free(tail);
        }
        return begun;
    }

    private static void onRead(
            final String timeline,
            final LayerDescription layer,
            final MemorySegment tail,
            final OffHeapMemory memory,
            final Handler handler,
            final GetOutcome failure) {
        if (failure != null) {
            memory.free(tail);
            handler.onFailed(
                    layer,
                    !(failure instanceof Failed),
                    "layer " + layer.name().key(timeline) + " can't be opened: " + ReadFailure.describe(failure));
            return;
        }
        final LayerIndex index;
        try {
            index = LayerIndex.open(timeline, layer, tail, memory);
        } catch (final MalformedLayerException damage) {
            handler.onFailed(layer, true, damage.getMessage());
            return;
        }
        handler.onOpened(index);
    }
}
