package dev.firn.server.store;

import java.lang.foreign.MemorySegment;
import java.util.function.IntConsumer;

/** Where a download goes. Belongs to the download's thread. */
interface DownloadTarget extends AutoCloseable {
    /** What address, offset and length of all blocks but the last must be multiples of. */
    int alignmentBytes();

    /** The object's length is known: makes room for it. */
    void begin(long lengthBytes);

    /**
     * Begins to write a block.
     *
     * @param slot comes back from {@link #poll} when it is written.
     * @param block borrowed until then; may be written to beyond {@code lengthBytes}.
     * @return false when it cannot be taken yet.
     */
    boolean write(int slot, long offset, MemorySegment block, long lengthBytes);

    /** Tells which blocks are written; returns how many. */
    int poll(IntConsumer written);

    /** All is written: makes it durable, and lets it be seen. */
    void finish();

    /** Gives up what was not finished. */
    @Override
    void close();
}
