package dev.firn.postgres.file;

import static dev.firn.postgres.page.PageLayout.PAGE_BYTES;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** A page of {@code pg_multixact/offsets} (multixact.c): for each multixact, four bytes that say where its members begin. */
public final class MultiXactOffsets {
    static final int PER_PAGE = PAGE_BYTES / Integer.BYTES;

    private MultiXactOffsets() {}

    /** The place of a multixact's first member, on the page that has it; 0 when it was never made. */
    public static int get(final MemorySegment segment, final long pageOffset, final int multiXact) {
        return LittleEndian.getInt(segment, position(segment, pageOffset, multiXact));
    }

    /** Sets it. */
    public static void set(
            final MemorySegment segment, final long pageOffset, final int multiXact, final int memberOffset) {
        LittleEndian.putInt(segment, position(segment, pageOffset, multiXact), memberOffset);
    }

    private static long position(final MemorySegment segment, final long pageOffset, final int multiXact) {
        Objects.checkFromIndexSize(pageOffset, PAGE_BYTES, segment.byteSize());
        return pageOffset + (multiXact & PER_PAGE - 1) * (long) Integer.BYTES;
    }
}
