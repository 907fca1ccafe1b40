package dev.firn.postgres.file;

import static dev.firn.postgres.page.PageLayout.PAGE_BYTES;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** The bits of a page of {@code pg_xact} (access/clog.h, clog.c): two for each transaction, from the lowest of each byte. */
public final class TransactionStatus {
    /** Running, or crashed. */
    public static final int IN_PROGRESS = 0;
    /** Committed. */
    public static final int COMMITTED = 1;
    /** Aborted. */
    public static final int ABORTED = 2;
    /** A subtransaction that committed while its parent hadn't. */
    public static final int SUB_COMMITTED = 3;

    static final int PER_PAGE = PAGE_BYTES * 4;

    private TransactionStatus() {}

    /** A transaction's status, on the page that has it. */
    public static int get(final MemorySegment segment, final long pageOffset, final int xid) {
        return LittleEndian.getUnsignedByte(segment, position(segment, pageOffset, xid)) >>> shift(xid) & 3;
    }

    /** Sets a transaction's status. */
    public static void set(final MemorySegment segment, final long pageOffset, final int xid, final int status) {
        Objects.checkIndex(status, SUB_COMMITTED + 1);
        final long position = position(segment, pageOffset, xid);
        final int others = LittleEndian.getUnsignedByte(segment, position) & ~(3 << shift(xid));
        LittleEndian.putByte(segment, position, others | (status << shift(xid)));
    }

    private static long position(final MemorySegment segment, final long pageOffset, final int xid) {
        Objects.checkFromIndexSize(pageOffset, PAGE_BYTES, segment.byteSize());
        return pageOffset + (xid & PER_PAGE - 1) / 4;
    }

    private static int shift(final int xid) {
        return (xid & 3) * 2;
    }
}
