package dev.firn.pagestore.ingest;

import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;

/**
 * When transactions ended, sparsely: what restores to a time begin to look by. There is an entry for the first commit or abort whose time is in a
 * later second than all before it in the log; the second, counted from 2000, is the key's block. So keys rise with LSNs, also where clocks went back.
 *
 * <p>Postgres' {@code recovery_target_time} ends before the first commit or abort whose time is later than the target. To find its LSN for a time:
 * take the entry with the highest key whose second is not after it, and read the log from that entry's {@link #recordLsn} on; nothing before it
 * can be later. When there is none, read from the base on.
 */
public final class CommitTimes {
    /** Of the key. */
    public static final long HIGH = PageKeys.high(KeyClass.COMMIT_TIME, 0);

    public static final long MIDDLE = 0;

    /** The payload: the time in microseconds since 2000, and where the record begins. */
    public static final int BYTES = 2 * Long.BYTES;

    private static final long MICROSECONDS = 1_000_000;
    private static final long LAST_SECOND = 0xFFFF_FFFFL;

    private CommitTimes() {}

    /** The key's low part for a time in microseconds since 2000: of an entry in that second. Times before 2000 count as 2000. */
    public static long low(final long time) {
        return PageKeys.low(0, (int) second(time));
    }

    static long second(final long time) {
        return Math.clamp(Math.floorDiv(time, MICROSECONDS), 0, LAST_SECOND);
    }

    static void write(final MemorySegment to, final long time, final long recordLsn) {
        LittleEndian.putLong(to, 0, time);
        LittleEndian.putLong(to, Long.BYTES, recordLsn);
    }

    /** The time of an entry. */
    public static long time(final MemorySegment payload, final long offset) {
        return LittleEndian.getLong(payload, offset);
    }

    /** Where the record of an entry begins. */
    public static long recordLsn(final MemorySegment payload, final long offset) {
        return LittleEndian.getLong(payload, offset + Long.BYTES);
    }
}
