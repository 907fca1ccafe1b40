package dev.firn.pagestore.layer;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.s3tier.store.GetOutcome;
import java.lang.foreign.MemorySegment;

/** Blocks of a layer that follow one another, read at once. Used again for the next. */
final class ScanChunk {
    private static final MemoryTag CHUNK = MemoryTag.of("layer-scan");

    private enum State {
        EMPTY,
        COMING,
        HERE
    }

    private final OffHeapMemory memory;
    private State state = State.EMPTY;
    private boolean closed;
    private MemorySegment buffer;
    private MemorySegment range;
    private GetOutcome failure;
    private int first = LayerIndex.NONE;
    private int last = LayerIndex.NONE;
    private long offset;

    ScanChunk(final OffHeapMemory memory) {
        this.memory = memory;
    }

    boolean isEmpty() {
        return state == State.EMPTY;
    }

    boolean isHere() {
        return state == State.HERE;
    }

    /** Why it is not, once it should be {@link #isHere()}; null when it is. */
    GetOutcome failure() {
        return failure;
    }

    int first() {
        return first;
    }

    int last() {
        return last;
    }

    MemorySegment bytes() {
        return range;
    }

    /** Where in {@link #bytes()} a block is. */
    long position(final LayerIndex index, final int block) {
        return index.blockOffset(block) - offset;
    }

    void clear() {
        state = State.EMPTY;
        failure = null;
    }

    /**
     * Begins to read blocks from one on, as many as fit {@code readBytes}, one at least, none after {@code end}.
     *
     * @return false, without effect, when there is no room for a read, or no memory, now.
     */
    boolean begin(final LayerReads reads, final LayerIndex index, final int from, final int end, final int readBytes) {
        long length = index.blockBytes(from);
        int until = from;
        while (until != end) {
            final int next = index.after(until);
            final int bytes = index.blockBytes(next);
            if (length + bytes > readBytes) {
                break;
            }
            length += bytes;
            until = next;
        }
        if (!hasBuffer(Math.max(length, readBytes))) {
            return false;
        }
        first = from;
        last = until;
        offset = index.blockOffset(from);
        range = buffer.asSlice(0, length);
        // Before the call: nothing says that it is not answered at once.
        state = State.COMING;
        if (!reads.read(index.description(), offset, range, this::onRead)) {
            state = State.EMPTY;
            return false;
        }
        return true;
    }

    private boolean hasBuffer(final long bytes) {
        if (buffer == null || buffer.byteSize() < bytes) {
            release();
            buffer = memory.tryAllocate(bytes, CHUNK);
        }
        return buffer != null;
    }

    private void onRead(final GetOutcome why) {
        state = State.HERE;
        failure = why;
        if (closed) {
            release();
        }
    }

    /** Frees the buffer, at once or when what is on its way has come. */
    void close() {
        closed = true;
        if (state != State.COMING) {
            release();
        }
    }

    private void release() {
        if (buffer != null) {
            memory.free(buffer);
            buffer = null;
        }
    }
}
