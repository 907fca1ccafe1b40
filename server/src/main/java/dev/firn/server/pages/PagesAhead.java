package dev.firn.server.pages;

import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;
import org.agrona.DirectBuffer;

/** Pages that were asked for before they are needed, and the memory that they come into. Belongs to the connection's thread. */
final class PagesAhead {
    private final byte[] pages;
    private int count;
    private boolean onTheWay;
    private boolean there;

    PagesAhead(final int mostPages) {
        pages = new byte[mostPages * PageLayout.PAGE_BYTES];
    }

    void asked(final int pageCount) {
        count = pageCount;
        onTheWay = true;
        there = false;
    }

    void arrived(final int pageCount, final DirectBuffer buffer, final int offset) {
        onTheWay = false;
        there = pageCount == count;
        if (there) {
            buffer.getBytes(offset, pages, 0, count * PageLayout.PAGE_BYTES);
        }
    }

    void failed() {
        onTheWay = false;
        there = false;
    }

    boolean isOnTheWay() {
        return onTheWay;
    }

    boolean isThere() {
        return there;
    }

    int count() {
        return count;
    }

    void copyTo(final MemorySegment target, final long offset) {
        MemorySegment.copy(MemorySegment.ofArray(pages), 0, target, offset, (long) count * PageLayout.PAGE_BYTES);
    }
}
