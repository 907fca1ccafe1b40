package dev.firn.pagestore.layer;

import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.key.KeyClass;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.pagestore.key.SortedEntries;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;

/** An entry as an object. */
record TestEntry(
        long high, long middle, long low, long lsn, int kindByte, int touch, long recordAtLsn, ByteBuffer payload) {
    static final Comparator<TestEntry> ORDER = (a, b) -> {
        final int keys = PageKeys.compare(a.high, a.middle, a.low, b.high, b.middle, b.low);
        return keys != 0 ? keys : Long.compare(a.lsn, b.lsn);
    };

    static TestEntry of(final SortedEntries current) {
        return new TestEntry(
                current.high(),
                current.middle(),
                current.low(),
                current.lsn(),
                current.kindByte(),
                current.touch(),
                current.recordAtLsn(),
                bytes(current.payloadSegment(), current.payloadOffset(), current.payloadLength()));
    }

    static ByteBuffer bytes(final MemorySegment segment, final long offset, final int length) {
        return ByteBuffer.wrap(segment.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
    }

    boolean isOfKey(final TestEntry other) {
        return high == other.high && middle == other.middle && low == other.low;
    }

    boolean standsAlone() {
        return EntryKind.standsAlone(kindByte);
    }

    /** Goes over all that a source has, polling it when it waits. */
    static List<TestEntry> all(final SortedEntries source, final Runnable poll) {
        final List<TestEntry> all = new ArrayList<>();
        for (int moved = source.advance(); moved != SortedEntries.END; moved = source.advance()) {
            if (moved == SortedEntries.ENTRY) {
                all.add(of(source));
            } else {
                poll.run();
            }
        }
        return all;
    }

    /** Entries of random keys of a few relations, in order, above one LSN and up to another; no two of a key and LSN. */
    static List<TestEntry> random(
            final RandomGenerator random, final int count, final int keys, final long fromLsn, final long toLsn) {
        final List<TestEntry> entries = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            final long high = PageKeys.high(
                    random.nextInt(20) == 0 ? KeyClass.SLRU_PAGE : KeyClass.PAGE, 1663 + random.nextInt(2));
            final long middle = PageKeys.middle(5, 16_384 + random.nextInt(3));
            final long low = PageKeys.low(random.nextInt(3), random.nextInt(20) == 0 ? -1 : random.nextInt(keys));
            final long lsn = fromLsn + 1 + random.nextLong(toLsn - fromLsn);
            entries.add(random(random, high, middle, low, lsn));
        }
        entries.sort(ORDER);
        final List<TestEntry> distinct = new ArrayList<>();
        TestEntry last = null;
        for (final TestEntry entry : entries) {
            if (last == null || ORDER.compare(last, entry) != 0) {
                distinct.add(entry);
            }
            last = entry;
        }
        return distinct;
    }

    private static TestEntry random(
            final RandomGenerator random, final long high, final long middle, final long low, final long lsn) {
        final boolean isRecord = random.nextInt(4) != 0;
        final int length = random.nextInt(50) == 0 ? 8192 : random.nextInt(isRecord ? 300 : 40);
        final byte[] payload = new byte[length];
        final boolean dull = random.nextBoolean();
        for (int i = 0; i < length; i++) {
            payload[i] = (byte) (dull ? i / 16 : random.nextInt());
        }
        if (isRecord) {
            final int alone = random.nextInt(5) == 0 ? EntryKind.STANDS_ALONE : 0;
            final long recordAt = lsn - 1 - random.nextLong(Math.min(lsn, 500));
            return new TestEntry(
                    high,
                    middle,
                    low,
                    lsn,
                    EntryKind.RECORD | alone,
                    random.nextInt(130),
                    recordAt,
                    ByteBuffer.wrap(payload));
        }
        return new TestEntry(
                high, middle, low, lsn, EntryKind.BYTES | EntryKind.STANDS_ALONE, 0, 0, ByteBuffer.wrap(payload));
    }

    @Override
    public String toString() {
        return PageKeys.describe(high, middle, low) + " at " + lsn + " kind " + kindByte + " touch " + touch
                + " record at " + recordAtLsn + ", " + payload.capacity() + " bytes";
    }
}
