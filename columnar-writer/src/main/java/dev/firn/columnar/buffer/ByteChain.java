package dev.firn.columnar.buffer;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;

/** Off-heap bytes that are appended at one end and taken at the other; never moved. Pieces grow from 16 KiB to 1 MiB, so that a thousand small columns cost little. */
public final class ByteChain implements AutoCloseable {
    private static final long FIRST_BYTES = 16 << 10;
    private static final long LARGEST_BYTES = 1 << 20;

    private final OffHeapMemory memory;
    private final MemoryTag tag;
    private final ArrayDeque<MemorySegment> pieces = new ArrayDeque<>();
    private long nextBytes = FIRST_BYTES;
    private long heldBytes;

    /** In the last piece. */
    private long filled;

    /** Of the first piece. */
    private long taken;

    private long length;

    public ByteChain(final OffHeapMemory memory, final MemoryTag tag) {
        this.memory = memory;
        this.tag = tag;
    }

    /** How many bytes wait. */
    public long length() {
        return length;
    }

    /** How much memory the pieces take. */
    public long heldBytes() {
        return heldBytes;
    }

    public void append(final MemorySegment from, final long offset, final long bytes) {
        long at = offset;
        long left = bytes;
        while (left > 0) {
            if (pieces.isEmpty() || filled == pieces.getLast().byteSize()) {
                final MemorySegment piece = memory.allocateAtLeast(nextBytes, tag);
                pieces.addLast(piece);
                heldBytes += piece.byteSize();
                nextBytes = Math.min(2 * nextBytes, LARGEST_BYTES);
                filled = 0;
            }
            final MemorySegment last = pieces.getLast();
            final long part = Math.min(left, last.byteSize() - filled);
            MemorySegment.copy(from, at, last, filled, part);
            filled += part;
            at += part;
            left -= part;
            length += part;
        }
    }

    /** The piece that the next byte is in; null when nothing waits. Borrowed until {@link #take}. */
    public MemorySegment first() {
        return length == 0 ? null : pieces.getFirst();
    }

    /** Where in {@link #first} the next byte is. */
    public long firstOffset() {
        return taken;
    }

    /** How many bytes {@link #first} has. */
    public long firstBytes() {
        return (pieces.size() == 1 ? filled : pieces.getFirst().byteSize()) - taken;
    }

    /** Bytes of {@link #first} are done with. */
    public void take(final long bytes) {
        taken += bytes;
        length -= bytes;
        if (length == 0 || taken == pieces.getFirst().byteSize()) {
            final MemorySegment done = pieces.removeFirst();
            heldBytes -= done.byteSize();
            memory.free(done);
            taken = 0;
        }
    }

    /** Frees everything. */
    @Override
    public void close() {
        while (!pieces.isEmpty()) {
            memory.free(pieces.removeFirst());
        }
        length = 0;
        taken = 0;
        filled = 0;
        heldBytes = 0;
        nextBytes = FIRST_BYTES;
    }
}
