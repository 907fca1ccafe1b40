package dev.firn.nvmecache.reader;

import dev.firn.nvmecache.ObjectId;
import dev.firn.s3tier.store.StoreCall;
import java.lang.foreign.MemorySegment;

/** One ranged get on its way, and the parts that wait for it. */
final class BlockFetch {
    /** A block's name, as the key of the fetches in flight. */
    record BlockRef(ObjectId object, int block) {}

    final CachedObject object;
    final int firstBlock;
    final int blocks;

    /** Owned by the loader until the store has answered. */
    final MemorySegment buffer;

    StoreCall call;
    BlockPart waiters;

    BlockFetch(final CachedObject object, final int firstBlock, final int blocks, final MemorySegment buffer) {
        this.object = object;
        this.firstBlock = firstBlock;
        this.blocks = blocks;
        this.buffer = buffer;
    }

    void await(final BlockPart part) {
        part.nextWaiter = waiters;
        waiters = part;
    }
}
