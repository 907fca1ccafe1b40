package dev.firn.postgres.wal;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Where the fields of pages and records are: access/xlog_internal.h and access/xlogrecord.h. Postgres writes in the byte
 * order of its machine; little-endian ones (x86-64, AArch64) are read. A log of the other order fails at the first magic.
 */
final class WalLayout {
    static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** XLOG_BLCKSZ as it is always built. */
    static final int PAGE_BYTES = 8192;

    /** BLCKSZ: the size of a relation's page. */
    static final int BLOCK_BYTES = 8192;

    /** MAXIMUM_ALIGNOF: where records start. */
    static final int ALIGNMENT = 8;

    // XLogPageHeaderData.
    static final int PAGE_MAGIC = 0;
    static final int PAGE_INFO = 2;
    static final int PAGE_TIMELINE = 4;
    static final int PAGE_ADDRESS = 8;
    static final int PAGE_REMAINING = 16;
    static final int SHORT_HEADER_BYTES = 24;

    // XLogLongPageHeaderData, after the short header.
    static final int PAGE_SYSTEM = 24;
    static final int PAGE_SEGMENT_BYTES = 32;
    static final int PAGE_BLOCK_BYTES = 36;
    static final int LONG_HEADER_BYTES = 40;

    // XLP_*.
    static final int FIRST_IS_CONTRECORD = 0x0001;
    static final int LONG_HEADER = 0x0002;
    static final int FIRST_IS_OVERWRITE_CONTRECORD = 0x0008;
    static final int ALL_PAGE_FLAGS = 0x000F;

    // XLogRecord.
    static final int RECORD_LENGTH = 0;
    static final int RECORD_XID = 4;
    static final int RECORD_PREV = 8;
    static final int RECORD_INFO = 16;
    static final int RECORD_RESOURCE_MANAGER = 17;
    static final int RECORD_CRC = 20;
    static final int RECORD_HEADER_BYTES = 24;

    /** XLR_RMGR_INFO_MASK. */
    static final int OPERATION_MASK = 0xF0;

    /** XLOG_SWITCH of catalog/pg_control.h. */
    static final int XLOG_SWITCH = 0x40;

    /** XLOG_OVERWRITE_CONTRECORD of catalog/pg_control.h. */
    static final int XLOG_OVERWRITE_CONTRECORD = 0xD0;

    private WalLayout() {}

    static long alignUp(final long position) {
        return (position + ALIGNMENT - 1) & -ALIGNMENT;
    }

    static int headerBytes(final int pageInfo) {
        return (pageInfo & LONG_HEADER) != 0 ? LONG_HEADER_BYTES : SHORT_HEADER_BYTES;
    }
}
