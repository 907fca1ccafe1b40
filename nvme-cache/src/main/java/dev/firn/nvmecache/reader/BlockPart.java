package dev.firn.nvmecache.reader;

import java.lang.foreign.MemorySegment;

/** What a read wants of one block; one of a fixed number, used again and again. */
final class BlockPart {
    /** Which of the fixed number: the token of its read from the cache. */
    final int number;

    PendingRead read;
    CachedObject object;
    int block;
    int offset;
    MemorySegment into;
    long intoOffset;
    int lengthBytes;

    /** Whether the cache has said once that it is not there: it is not asked, and does not count, again and again. */
    boolean missed;

    /** The next one that waits for the same fetch. */
    BlockPart nextWaiter;

    BlockPart(final int number) {
        this.number = number;
    }
}
