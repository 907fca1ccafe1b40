package dev.firn.pagestore.timeline;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nvmecache.reader.ObjectReadHandler;
import dev.firn.pagestore.layer.LayerIndex;
import dev.firn.pagestore.layer.MalformedLayerException;
import dev.firn.pagestore.layer.ReadFailure;
import dev.firn.s3tier.store.GetOutcome;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The indexes of layers that are in memory: loaded when a read first needs them, once for all who wait, and kept within a limit, by second chance.
 * An index is used within one duty cycle only, so that any may go between two.
 */
final class LayerIndexes implements ObjectReadHandler {
    private static final Logger LOG = System.getLogger(LayerIndexes.class.getPackageName());
    private static final MemoryTag TAG = MemoryTag.of("layer-index");

    /** Hears that an index is there, or why not. */
    interface Waiters {
        void onIndex(LayerPart part);

        void onNoIndex(LayerPart part, boolean damaged, String message);
    }

    private final OffHeapMemory memory;
    private final ObjectReads objects;
    private final long limitBytes;
    private final ReadCounters counters;
    private final Waiters waiters;

    /** Loads on their way, by number; null where none is. */
    private final OpenLayer[] loads;

    private final List<OpenLayer> resident = new ArrayList<>();
    private long residentBytes;
    private int hand;

    LayerIndexes(
            final OffHeapMemory memory,
            final ObjectReads objects,
            final long limitBytes,
            final int maxLoads,
            final ReadCounters counters,
            final Waiters waiters) {
        this.memory = memory;
        this.objects = objects;
        this.limitBytes = limitBytes;
        this.loads = new OpenLayer[maxLoads];
        this.counters = counters;
        this.waiters = waiters;
    }

    /** The layer's index, or null: then {@link #await} it. */
    LayerIndex index(final OpenLayer layer) {
        layer.referenced = true;
        return layer.index;
    }

    /** Lets a part of a read wait for an index, and has that loaded unless it is on its way. False when a limit is reached. */
    boolean await(final OpenLayer layer, final LayerPart part) {
        if (layer.tail == null && !begin(layer)) {
            return false;
        }
        part.nextWaiter = layer.waiters;
        layer.waiters = part;
        return true;
    }

    private boolean begin(final OpenLayer layer) {
        for (int number = 0; number < loads.length; number++) {
            if (loads[number] == null) {
                return begin(layer, number);
            }
        }
        return false;
    }

    private boolean begin(final OpenLayer layer, final int number) {
        final long bytes = layer.description().tailBytes();
        makeRoom(bytes);
        layer.tail = memory.tryAllocate(bytes, TAG);
        if (layer.tail == null) {
            return false;
        }
        layer.tailRead = 0;
        if (!readOn(layer, number)) {
            memory.free(layer.tail);
            layer.tail = null;
            return false;
        }
        loads[number] = layer;
        return true;
    }

    private boolean readOn(final OpenLayer layer, final int number) {
        final long part = Math.min(objects.maxReadBytes(), layer.tail.byteSize() - layer.tailRead);
        final MemorySegment into = layer.tail.asSlice(layer.tailRead, part);
        if (!objects.read(
                layer.object(),
                layer.description().indexOffset() + layer.tailRead,
                into,
                into.byteSize(),
                this,
                number)) {
            return false;
        }
        layer.tailRead += part;
        return true;
    }

    private void makeRoom(final long bytes) {
        int looks = 2 * resident.size();
        while (residentBytes + bytes > limitBytes && !resident.isEmpty() && looks-- > 0) {
            hand %= resident.size();
            final OpenLayer candidate = resident.get(hand);
            if (candidate.referenced) {
                candidate.referenced = false;
                hand++;
            } else {
                drop(candidate);
            }
        }
    }

    private void drop(final OpenLayer layer) {
        if (layer.index != null) {
            residentBytes -= layer.index.memoryBytes();
            layer.index.close();
            layer.index = null;
            resident.remove(layer);
        }
    }

    /** A part of an index has come. */
    @Override
    public void onRead(final long token) {
        final int number = (int) token;
        final OpenLayer layer = loads[number];
        if (layer.tailRead < layer.tail.byteSize()) {
            if (!readOn(layer, number)) {
                fail(number, false, "too many reads are on their way");
            }
            return;
        }
        loads[number] = null;
        final MemorySegment tail = layer.tail;
        layer.tail = null;
        try {
            layer.index = LayerIndex.open(layer.timeline(), layer.description(), tail, memory);
        } catch (final MalformedLayerException e) {
            readAgain(layer, number, e);
            return;
        }
        layer.isReadAgain = false;
        residentBytes += layer.index.memoryBytes();
        resident.add(layer);
        layer.referenced = true;
        tell(layer, false, null);
        if (layer.retired) {
            drop(layer);
        }
    }

    /** What came is not what was written: the store is asked once more, past any cache. */
    private void readAgain(final OpenLayer layer, final int number, final MalformedLayerException damage) {
        objects.forget(
                layer.object(),
                layer.description().indexOffset(),
                layer.description().tailBytes());
        counters.damaged++;
        layer.isReadAgain = !layer.isReadAgain;
        if (!layer.isReadAgain || !begin(layer, number)) {
            layer.isReadAgain = false;
            tell(layer, true, damage.getMessage());
            return;
        }
        LOG.log(Level.WARNING, "{0}; it is read again", damage.getMessage());
    }

    @Override
    public void onFailed(final long token, final GetOutcome why) {
        fail((int) token, false, ReadFailure.describe(why));
    }

    private void fail(final int number, final boolean damaged, final String message) {
        final OpenLayer layer = loads[number];
        loads[number] = null;
        memory.free(layer.tail);
        layer.tail = null;
        layer.isReadAgain = false;
        tell(layer, damaged, message);
    }

    private void tell(final OpenLayer layer, final boolean damaged, final String failure) {
        LayerPart part = layer.waiters;
        layer.waiters = null;
        while (part != null) {
            final LayerPart next = part.nextWaiter;
            part.nextWaiter = null;
            if (failure == null) {
                waiters.onIndex(part);
            } else {
                waiters.onNoIndex(part, damaged, failure);
            }
            part = next;
        }
    }

    /** No map has this layer any more. */
    void retire(final OpenLayer layer) {
        layer.retired = true;
        drop(layer);
    }

    long residentBytes() {
        return residentBytes;
    }

    /** Whoever reads writes into no memory of this any more. */
    void close() {
        for (int number = 0; number < loads.length; number++) {
            if (loads[number] != null) {
                memory.free(loads[number].tail);
                loads[number] = null;
            }
        }
        while (!resident.isEmpty()) {
            drop(resident.getLast());
        }
    }
}
