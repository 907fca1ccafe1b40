package dev.firn.pagestore.timeline;

import dev.firn.nvmecache.reader.CachedObject;
import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.layer.LayerDescription;
import dev.firn.pagestore.layer.LayerIndex;
import dev.firn.pagestore.layer.LayerKind;
import java.lang.foreign.MemorySegment;

/** A layer of a timeline's manifest, and its index while that is in memory: see {@link LayerIndexes}. Belongs to the shard's thread. */
final class OpenLayer {
    private final String timeline;
    private final LayerDescription description;
    private final CachedObject object;
    private final boolean image;

    // Owned by LayerIndexes.
    LayerIndex index;
    boolean referenced;
    boolean retired;
    MemorySegment tail;
    long tailRead;
    LayerPart waiters;
    boolean isReadAgain;

    /** How many live maps have it; owned by its timeline. */
    int maps;

    OpenLayer(final String timeline, final LayerDescription description, final CachedObject object) {
        this.timeline = timeline;
        this.description = description;
        this.object = object;
        this.image = description.kind() == LayerKind.IMAGE;
    }

    String timeline() {
        return timeline;
    }

    LayerDescription description() {
        return description;
    }

    CachedObject object() {
        return object;
    }

    boolean isImage() {
        return image;
    }

    long fromLsn() {
        return description.fromLsn();
    }

    long toLsn() {
        return description.toLsn();
    }

    long[] first() {
        final KeyRange keys = description.keys();
        return new long[] {keys.fromHigh(), keys.fromMiddle(), keys.fromLow()};
    }

    long[] last() {
        final KeyRange keys = description.keys();
        return new long[] {keys.toHigh(), keys.toMiddle(), keys.toLow()};
    }
}
