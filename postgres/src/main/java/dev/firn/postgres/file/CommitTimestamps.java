package dev.firn.postgres.file;

import static dev.firn.postgres.page.PageLayout.PAGE_BYTES;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** A page of {@code pg_commit_ts} (commit_ts.c): eight bytes of time and two of replication origin for each transaction, not aligned. */
public final class CommitTimestamps {
    private static final int ENTRY_BYTES = Long.BYTES + Short.BYTES;

    static final int PER_PAGE = PAGE_BYTES / ENTRY_BYTES;

    private CommitTimestamps() {}

    /** When a transaction committed, in microseconds since 2000-01-01 UTC, on the page that has it; 0 when unknown. */
    public static long time(final MemorySegment segment, final long pageOffset, final int xid) {
        return LittleEndian.getLong(segment, position(segment, pageOffset, xid));
    }

    /** The replication origin that it came from; 0 for here. */
    public static int origin(final MemorySegment segment, final long pageOffset, final int xid) {
        return LittleEndian.getUnsignedShort(segment, position(segment, pageOffset, xid) + Long.BYTES);
    }

    /** Sets both. */
    public static void set(
            final MemorySegment segment, final long pageOffset, final int xid, final long time, final int origin) {
        final long position = position(segment, pageOffset, xid);
        LittleEndian.putLong(segment, position, time);
        LittleEndian.putShort(segment, position + Long.BYTES, origin);
    }

    private static long position(final MemorySegment segment, final long pageOffset, final int xid) {
        Objects.checkFromIndexSize(pageOffset, PAGE_BYTES, segment.byteSize());
        return pageOffset + Integer.remainderUnsigned(xid, PER_PAGE) * ENTRY_BYTES;
    }
}
