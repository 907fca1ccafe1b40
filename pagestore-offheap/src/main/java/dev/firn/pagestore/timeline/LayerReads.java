package dev.firn.pagestore.timeline;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.nvmecache.reader.ObjectReadHandler;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.layer.BlockCodec;
import dev.firn.pagestore.layer.LayerBlock;
import dev.firn.pagestore.layer.LayerIndex;
import dev.firn.pagestore.layer.MalformedLayerException;
import dev.firn.pagestore.layer.ReadFailure;
import dev.firn.pagestore.service.ReadRefusal;
import dev.firn.s3tier.store.GetOutcome;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;

/**
 * The part of reads that is in layers: plans which block of which layer a key's entries are in, asks for all of them at once, and takes them newest
 * first as they come.
 *
 * <p>The layers that may have a key end with the newest image at or below the read's LSN, so all that a read can want is known before anything is
 * read, but for a chain that goes on in the block before. A layer whose index is in memory and has nothing of the key costs no read. A read that finds
 * an entry which stands alone before it comes to its last layers has asked for those in vain: the price of one wait instead of several.
 *
 * <p>Belongs to the shard's thread.
 */
final class LayerReads implements ObjectReadHandler, LayerIndexes.Waiters {
    /** Most layers that a read is planned through at once; the next ones are planned when these are through. */
    static final int PLANNED_LAYERS = 16;

    private static final Logger LOG = System.getLogger(LayerReads.class.getPackageName());
    private static final MemoryTag TAG = MemoryTag.of("page-reads");

    /** Whose the reads are. */
    interface Owner {
        /** Something has come that the read may have waited for. */
        void onLayers(KeyRead read);

        /** Nothing is on its way any more for a read that did not wait for it. */
        void onDrained(KeyRead read);
    }

    private final OffHeapMemory memory;
    private final ObjectReads objects;
    private final LayerIndexes indexes;
    private final BlockCodec codec;
    private final ReadCounters counters;
    private final KeyRead[] reads;
    private final Owner owner;
    private final LayerBlock layerBlock = new LayerBlock();

    /** @param reads all of the shard, by their numbers. */
    LayerReads(
            final ShardConfig config,
            final OffHeapMemory memory,
            final ObjectReads objects,
            final ReadCounters counters,
            final KeyRead[] reads,
            final Owner owner) {
        this.memory = memory;
        this.objects = objects;
        this.codec = new BlockCodec(memory);
        this.indexes = new LayerIndexes(memory, objects, config.indexBytes(), config.indexLoads(), counters, this);
        this.counters = counters;
        this.reads = reads;
        this.owner = owner;
    }

    LayerIndexes indexes() {
        return indexes;
    }

    /** Moves I/O on. */
    int poll(final int limit) {
        return objects.poll(limit);
    }

    /** Begins with a timeline's layers, as its map has them. */
    static void enter(final KeyRead read, final LayerMap map) {
        final int range = map.range(read.high, read.middle, read.low);
        read.layerIndex = map.from(range);
        read.layerEnd = map.to(range);
        read.imageLsn = map.imageLsn(range, read.lsn);
        read.parts = 0;
        read.part = 0;
    }

    /**
     * Takes a read on, until it waits ({@link KeyRead.State#AWAITS_LAYERS}), meets a limit ({@link KeyRead.State#HELD}), has an entry that stands alone
     * ({@link KeyRead.State#COMPLETE}), or is through ({@link KeyRead.State#BOTTOM}).
     */
    void go(final KeyRead read) {
        while (read.state == KeyRead.State.LAYERS) {
            if (read.part == read.parts) {
                plan(read);
                if (read.parts == 0) {
                    leave(read);
                    read.state = KeyRead.State.BOTTOM;
                    return;
                }
            }
            take(read, read.plan(read.part));
        }
    }

    // The plan.

    private void plan(final KeyRead read) {
        read.parts = 0;
        read.part = 0;
        while (read.layerIndex < read.layerEnd && read.parts < PLANNED_LAYERS) {
            final OpenLayer layer = read.map.layer(read.layerIndex);
            if (layer.toLsn() <= read.lowerLsn) {
                read.layerIndex = read.layerEnd;
                return;
            }
            read.layerIndex++;
            if (layer.isImage() ? layer.toLsn() > read.lsn : layer.fromLsn() >= read.lsn) {
                continue;
            }
            if (layer.isImage()) {
                // What has no entry here has nothing older either.
                read.layerIndex = read.layerEnd;
            }
            final LayerPart part = read.nextPart(layer);
            locate(part);
            if (part.state == LayerPart.State.NOTHING) {
                read.parts--;
            }
        }
    }

    private void locate(final LayerPart part) {
        final KeyRead read = part.read;
        final LayerIndex index = indexes.index(part.layer);
        if (index == null) {
            if (indexes.await(part.layer, part)) {
                part.state = LayerPart.State.AWAITS_INDEX;
                read.outstanding++;
            }
            return;
        }
        if (part.bytes != null) {
            part.state = LayerPart.State.HERE;
            return;
        }
        if (part.block == LayerIndex.NONE) {
            part.block = index.firstBlock(read.high, read.middle, read.low, read.lsn);
        }
        if (part.block == LayerIndex.NONE) {
            part.state = LayerPart.State.NOTHING;
        } else {
            part.state = LayerPart.State.WANTED;
            fetch(part, index);
        }
    }

    private void fetch(final LayerPart part, final LayerIndex index) {
        final int lengthBytes = index.blockBytes(part.block);
        final MemorySegment room = memory.tryAllocateAtLeast(lengthBytes, TAG);
        if (room == null) {
            return;
        }
        if (!objects.read(part.layer.object(), index.blockOffset(part.block), room, lengthBytes, this, part.token)) {
            memory.free(room);
            return;
        }
        part.bytes = room;
        part.state = LayerPart.State.AWAITS_BLOCK;
        part.read.outstanding++;
        counters.blocksRead++;
    }

    // What comes.

    @Override
    public void onRead(final long token) {
        come(part(token), LayerPart.State.HERE);
    }

    @Override
    public void onFailed(final long token, final GetOutcome why) {
        final LayerPart part = part(token);
        part.failure = why;
        free(part);
        come(part, LayerPart.State.FAILED);
    }

    @Override
    public void onIndex(final LayerPart part) {
        come(part, LayerPart.State.UNLOCATED);
    }

    @Override
    public void onNoIndex(final LayerPart part, final boolean damaged, final String message) {
        part.failure = null;
        part.indexFailure = message;
        part.indexDamaged = damaged;
        come(part, LayerPart.State.FAILED);
    }

    private void come(final LayerPart part, final LayerPart.State state) {
        final KeyRead read = part.read;
        read.outstanding--;
        part.state = state;
        if (read.parts == 0) {
            // The read is over, or has gone on to where this counts no more.
            free(part);
            if (read.outstanding == 0) {
                owner.onDrained(read);
            }
            return;
        }
        if (state == LayerPart.State.UNLOCATED) {
            locate(part);
        }
        if (read.state == KeyRead.State.AWAITS_LAYERS && !read.plan(read.part).isOutstanding()) {
            read.state = KeyRead.State.LAYERS;
            owner.onLayers(read);
        }
    }

    private LayerPart part(final long token) {
        return reads[(int) (token / PLANNED_LAYERS)].plan((int) (token % PLANNED_LAYERS));
    }

    // What is taken of it.

    /** Takes the newest layer that is not through. */
    private void take(final KeyRead read, final LayerPart part) {
        switch (part.state) {
            case UNLOCATED -> {
                locate(part);
                if (part.state == LayerPart.State.UNLOCATED) {
                    hold(read);
                }
            }
            case WANTED -> {
                final LayerIndex index = indexes.index(part.layer);
                if (index == null) {
                    part.state = LayerPart.State.UNLOCATED;
                    return;
                }
                fetch(part, index);
                if (part.state == LayerPart.State.WANTED) {
                    hold(read);
                }
            }
            case AWAITS_INDEX, AWAITS_BLOCK -> read.state = KeyRead.State.AWAITS_LAYERS;
            case HERE -> takeBlock(read, part);
            case NOTHING -> read.part++;
            case FAILED -> throw failure(part);
        }
    }

    private static LayerFailure failure(final LayerPart part) {
        final String layer = "layer " + part.layer.object().key();
        if (part.failure != null) {
            return new LayerFailure(
                    ReadRefusal.UNREACHABLE, "a block of " + layer + ": " + ReadFailure.describe(part.failure));
        }
        return new LayerFailure(
                part.indexDamaged ? ReadRefusal.DAMAGED : ReadRefusal.UNREACHABLE,
                "the index of " + layer + ": " + part.indexFailure);
    }

    private void takeBlock(final KeyRead read, final LayerPart part) {
        final LayerIndex index = indexes.index(part.layer);
        if (index == null) {
            // Evicted meanwhile: it is loaded again, and the block is kept.
            part.state = LayerPart.State.UNLOCATED;
            return;
        }
        final int contentBytes;
        try {
            contentBytes = codec.check(index, part.block, part.bytes, 0);
        } catch (final MalformedLayerException e) {
            readAgain(part, index, e);
            return;
        }
        part.isReadAgain = false;
        if (index.isPage(part.block)) {
            codec.decode(index, part.block, part.bytes, 0, read.page, 0);
            read.noteVersion(part.layer.toLsn());
            read.pageKnown = true;
            read.state = KeyRead.State.COMPLETE;
            return;
        }
        final MemorySegment content = memory.tryAllocateAtLeast(contentBytes, TAG);
        if (content == null) {
            hold(read);
            return;
        }
        try {
            codec.decode(index, part.block, part.bytes, 0, content, 0);
            layerBlock.wrap(index, part.block, content, 0, contentBytes);
            gather(read, part, index, content);
        } finally {
            memory.free(content);
        }
    }

    /** What came is not what was written: the store is asked once more, past any cache. What comes then is the layer's. */
    private void readAgain(final LayerPart part, final LayerIndex index, final MalformedLayerException damage) {
        objects.forget(part.layer.object(), index.blockOffset(part.block), index.blockBytes(part.block));
        counters.damaged++;
        if (part.isReadAgain) {
            throw damage;
        }
        LOG.log(Level.WARNING, "{0}; it is read again", damage.getMessage());
        part.isReadAgain = true;
        free(part);
        part.state = LayerPart.State.WANTED;
    }

    private void gather(final KeyRead read, final LayerPart part, final LayerIndex index, final MemorySegment content) {
        // What was gathered of this very block before a limit held the read up is above lsn.
        int entry = layerBlock.seek(read.high, read.middle, read.low, read.lsn);
        while (entry != LayerBlock.NONE) {
            final long lsn = layerBlock.lsn(entry);
            if (lsn <= read.lowerLsn || lsn <= read.imageLsn) {
                // What is older in this layer does not count; an image comes next, or nothing.
                through(read, part);
                return;
            }
            final int kindByte = layerBlock.kindByte(entry);
            read.noteVersion(lsn);
            if (!read.gathered.addCopy(
                    lsn,
                    layerBlock.recordAtLsn(entry),
                    kindByte,
                    layerBlock.touch(entry),
                    content,
                    layerBlock.payloadOffset(entry),
                    layerBlock.payloadLength(entry))) {
                hold(read);
                return;
            }
            read.lsn = lsn - 1;
            if (EntryKind.standsAlone(kindByte)) {
                read.pageKnown = false;
                read.state = KeyRead.State.COMPLETE;
                return;
            }
            entry = layerBlock.older(entry);
        }
        final int older = index.olderBlock(part.block, read.high, read.middle, read.low);
        if (older == LayerIndex.NONE) {
            through(read, part);
        } else {
            free(part);
            part.block = older;
            part.state = LayerPart.State.WANTED;
        }
    }

    private void through(final KeyRead read, final LayerPart part) {
        free(part);
        part.state = LayerPart.State.NOTHING;
        read.part++;
    }

    /** Waits for the next duty cycle, and gives back what others may need meanwhile. */
    private void hold(final KeyRead read) {
        for (int i = read.part; i < read.parts; i++) {
            final LayerPart part = read.plan(i);
            if (part.state == LayerPart.State.HERE) {
                free(part);
                part.state = LayerPart.State.UNLOCATED;
            }
        }
        read.state = KeyRead.State.HELD;
    }

    /** The read needs nothing more of this timeline's layers; what is on its way for it is let come. */
    void leave(final KeyRead read) {
        for (int i = read.part; i < read.parts; i++) {
            final LayerPart part = read.plan(i);
            if (i > read.part && part.bytes != null) {
                counters.blocksInVain++;
            }
            if (!part.isOutstanding()) {
                free(part);
            }
        }
        read.parts = 0;
        read.part = 0;
        if (read.map != null) {
            read.map.unpin();
            read.map = null;
        }
    }

    private void free(final LayerPart part) {
        if (part.bytes != null) {
            memory.free(part.bytes);
            part.bytes = null;
        }
    }

    /** Whoever reads writes into no memory of reads any more. */
    void close() {
        for (final KeyRead read : reads) {
            for (int i = 0; i < read.mostParts(); i++) {
                free(read.plan(i));
            }
        }
        indexes.close();
        codec.close();
    }
}
