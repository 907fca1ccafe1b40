package dev.firn.pagestore.upkeep;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.key.SortedEntries;
import dev.firn.pagestore.layer.BlockCodec;
import dev.firn.pagestore.layer.LayerDescription;
import dev.firn.pagestore.layer.LayerIndex;
import dev.firn.pagestore.layer.LayerOpening;
import dev.firn.pagestore.layer.LayerReads;
import dev.firn.pagestore.layer.LayerScan;
import dev.firn.pagestore.layer.StoreLayerReads;
import dev.firn.s3tier.store.CallOptions;
import dev.firn.s3tier.store.StoreSession;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Goes over several layers: opens each, then a scan of each. The indexes are its own, and go with it. Belongs to the session's thread.
 */
public final class LayerScans implements LayerOpening.Handler, AutoCloseable {
    /** How far it is. */
    public enum State {
        OPENING,
        OPEN,
        FAILED
    }

    /**
     * What scans stand on.
     *
     * @param readBytes of each read.
     */
    public record ScanContext(
            StoreSession session, BlockCodec codec, OffHeapMemory memory, int readBytes, CallOptions options) {}

    private final ScanContext context;
    private final String timeline;
    private final LayerReads reads;
    private final List<LayerDescription> layers;
    private final KeyRange keys;
    private final LayerIndex[] indexes;
    private final List<LayerScan> scans = new ArrayList<>();
    private int begun;
    private int answered;
    private boolean damaged;
    private String failure;
    private boolean closed;

    /** @param keys what to go over, or null for all. */
    public LayerScans(
            final ScanContext context,
            final String timeline,
            final List<LayerDescription> layers,
            final KeyRange keys) {
        this.context = context;
        this.timeline = timeline;
        this.reads = new StoreLayerReads(context.session(), timeline, context.options());
        this.layers = List.copyOf(layers);
        this.keys = keys;
        this.indexes = new LayerIndex[layers.size()];
    }

    /** Goes on opening; returns how much was done. */
    public int work() {
        int done = 0;
        while (failure == null
                && begun < layers.size()
                && LayerOpening.begin(reads, timeline, layers.get(begun), context.memory(), this)) {
            begun++;
            done++;
        }
        if (failure == null && answered == layers.size() && scans.size() < layers.size()) {
            for (int i = 0; i < indexes.length; i++) {
                scans.add(
                        new LayerScan(reads, indexes[i], keys, context.codec(), context.memory(), context.readBytes()));
            }
            done++;
        }
        return done;
    }

    public State state() {
        if (failure != null) {
            return State.FAILED;
        }
        return scans.size() == layers.size() ? State.OPEN : State.OPENING;
    }

    public String failure() {
        return failure;
    }

    /** Whether a layer is damaged, and not only out of reach. */
    public boolean isDamaged() {
        return damaged;
    }

    /** One for each layer, in their order; once {@link State#OPEN}. */
    public List<? extends SortedEntries> scans() {
        return scans;
    }

    @Override
    public void onOpened(final LayerIndex index) {
        answered++;
        if (closed) {
            index.close();
            return;
        }
        for (int i = 0; i < indexes.length; i++) {
            if (layers.get(i).name().equals(index.description().name())) {
                indexes[i] = index;
            }
        }
    }

    @Override
    public void onFailed(final LayerDescription description, final boolean isDamaged, final String message) {
        answered++;
        damaged |= isDamaged;
        failure = message;
    }

    /** Indexes that are still on their way are closed when they come. */
    @Override
    public void close() {
        closed = true;
        scans.forEach(LayerScan::close);
        scans.clear();
        for (final LayerIndex index : indexes) {
            if (index != null) {
                index.close();
            }
        }
        Arrays.fill(indexes, null);
    }
}
