package dev.firn.postgres.file;

import static dev.firn.postgres.page.PageLayout.PAGE_BYTES;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A page of {@code pg_multixact/members} (multixact.c): groups of four status bytes and the four transactions that they are of. 409 groups
 * fit in a page; its last 12 bytes stay unused.
 */
public final class MultiXactMembers {
    private static final int PER_GROUP = 4;
    private static final int GROUP_BYTES = PER_GROUP * (1 + Integer.BYTES);

    static final int PER_PAGE = PAGE_BYTES / GROUP_BYTES * PER_GROUP;

    private MultiXactMembers() {}

    /** The transaction of a member, on the page that has it. */
    public static int xid(final MemorySegment segment, final long pageOffset, final int memberOffset) {
        return LittleEndian.getInt(segment, xidPosition(segment, pageOffset, memberOffset));
    }

    /** The status of a member: MultiXactStatus of access/multixact.h, 0 to 5. */
    public static int status(final MemorySegment segment, final long pageOffset, final int memberOffset) {
        return LittleEndian.getUnsignedByte(segment, statusPosition(segment, pageOffset, memberOffset));
    }

    /** Sets a member. */
    public static void set(
            final MemorySegment segment,
            final long pageOffset,
            final int memberOffset,
            final int xid,
            final int status) {
        LittleEndian.putInt(segment, xidPosition(segment, pageOffset, memberOffset), xid);
        LittleEndian.putByte(segment, statusPosition(segment, pageOffset, memberOffset), status);
    }

    private static long statusPosition(final MemorySegment segment, final long pageOffset, final int memberOffset) {
        return group(segment, pageOffset, memberOffset) + (memberOffset & PER_GROUP - 1);
    }

    private static long xidPosition(final MemorySegment segment, final long pageOffset, final int memberOffset) {
        return group(segment, pageOffset, memberOffset) + PER_GROUP + (memberOffset & PER_GROUP - 1) * Integer.BYTES;
    }

    private static long group(final MemorySegment segment, final long pageOffset, final int memberOffset) {
        Objects.checkFromIndexSize(pageOffset, PAGE_BYTES, segment.byteSize());
        return pageOffset + Integer.remainderUnsigned(memberOffset, PER_PAGE) / PER_GROUP * GROUP_BYTES;
    }
}
