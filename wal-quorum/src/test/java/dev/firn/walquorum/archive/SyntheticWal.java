package dev.firn.walquorum.archive;

import dev.firn.walquorum.catalog.TimelineEntry;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.List;
import java.util.function.LongToIntFunction;

/** WAL whose pages have Postgres' headers and whose other bytes follow from their position: the same whoever makes it. */
final class SyntheticWal {
    static final int SEGMENT = 1 << 20;
    static final long SYSTEM = 7_000_000_000_000_000_001L;
    private static final int PAGE = 8192;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int MAGIC_17 = 0xD116;
    private static final int LONG_HEADER = 2;

    private SyntheticWal() {}

    static TimelineEntry timeline(final long startSegment) {
        return new TimelineEntry(
                "main", 1, SYSTEM, 17, SEGMENT, startSegment * SEGMENT, 1, List.of(1L, 2L, 3L), Instant.EPOCH);
    }

    /** A whole segment. */
    static byte[] segment(final long number, final LongToIntFunction timelineAt) {
        final byte[] bytes = new byte[SEGMENT];
        final MemorySegment all = MemorySegment.ofArray(bytes);
        for (int at = 0; at < SEGMENT; at += Long.BYTES) {
            all.set(LONG, at, (number * SEGMENT + at) * 0x9E37_79B9_7F4A_7C15L);
        }
        for (int page = 0; page < SEGMENT; page += PAGE) {
            header(all, page, number * SEGMENT + page, timelineAt);
        }
        return bytes;
    }

    private static void header(
            final MemorySegment all, final int page, final long lsn, final LongToIntFunction timelineAt) {
        all.set(SHORT, page, (short) MAGIC_17);
        all.set(SHORT, page + 2L, (short) (page == 0 ? LONG_HEADER : 0));
        all.set(INT, page + 4L, timelineAt.applyAsInt(lsn));
        all.set(LONG, page + 8L, lsn);
        all.set(INT, page + 16L, 0);
        if (page == 0) {
            all.set(LONG, page + 24L, SYSTEM);
            all.set(INT, page + 32L, SEGMENT);
            all.set(INT, page + 36L, PAGE);
        }
    }
}
