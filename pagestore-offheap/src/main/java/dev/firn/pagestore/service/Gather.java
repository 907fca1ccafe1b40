package dev.firn.pagestore.service;

import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Where the pages of one answer are put together. A message of several pages is longer than a datagram, so no claim takes it: it is
 * copied once more, into the outgoing log.
 */
final class Gather {
    private final MemorySegment memory;
    private final UnsafeBuffer buffer;

    Gather(final MemorySegment memory) {
        this.memory = memory;
        this.buffer = new UnsafeBuffer(memory.address(), Math.toIntExact(memory.byteSize()));
    }

    void put(final int part, final MemorySegment bytes, final long offset) {
        MemorySegment.copy(bytes, offset, memory, at(part), PageLayout.PAGE_BYTES);
    }

    static int at(final int part) {
        return PagesLayout.PAGES_AT + part * PageLayout.PAGE_BYTES;
    }

    /** The message: room for its head, and the pages. */
    UnsafeBuffer buffer() {
        return buffer;
    }
}
