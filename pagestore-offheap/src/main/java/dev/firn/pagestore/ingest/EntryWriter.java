package dev.firn.pagestore.ingest;

import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.memory.MemoryTable;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Adds the entries of one record to the memory table, and notes which keys' chains grow long. */
final class EntryWriter {
    private static final int FIRST_CAPACITY = 16;

    private MemoryTable table;
    private long lsn;
    private int maxDeltas = MemoryTable.MAX_DELTAS + 1;

    /** Keys whose chains have come to a multiple of the limit: three longs each. */
    private long[] longKeys = new long[3 * FIRST_CAPACITY];

    private int longCount;

    EntryWriter(final MemoryTable table) {
        this.table = table;
    }

    void table(final MemoryTable next) {
        table = next;
    }

    MemoryTable table() {
        return table;
    }

    void maxDeltas(final int limit) {
        maxDeltas = limit;
    }

    /** The record's end, that all that is added now has as LSN. */
    void lsn(final long next) {
        lsn = next;
    }

    long lsn() {
        return lsn;
    }

    void add(final long high, final long middle, final long low, final int kindByte) {
        table.add(high, middle, low, lsn, kindByte);
    }

    void add(
            final long high,
            final long middle,
            final long low,
            final int kindByte,
            final MemorySegment payload,
            final long offset,
            final int length) {
        note(high, middle, low, table.add(high, middle, low, lsn, kindByte, payload, offset, length));
    }

    void addSize(final long high, final long middle, final long low, final int size) {
        table.addSize(high, middle, low, lsn, size);
    }

    void addAbsent(final long high, final long middle, final long low) {
        table.add(high, middle, low, lsn, EntryKind.ABSENT | EntryKind.STANDS_ALONE);
    }

    void addRecord(
            final long high,
            final long middle,
            final long low,
            final int kindByte,
            final int touch,
            final long position) {
        note(high, middle, low, table.addRecord(high, middle, low, kindByte, touch, position));
    }

    private void note(final long high, final long middle, final long low, final long entry) {
        final int deltas = table.deltas(entry);
        if (deltas >= maxDeltas && deltas % maxDeltas == 0) {
            if (longCount + 3 > longKeys.length) {
                longKeys = Arrays.copyOf(longKeys, 2 * longKeys.length);
            }
            longKeys[longCount++] = high;
            longKeys[longCount++] = middle;
            longKeys[longCount++] = low;
        }
    }

    /** Tells which chains have grown long since this was asked; the record's entries are all there. */
    void tellLong(final LongChainHandler handler) {
        for (int i = 0; i < longCount; i += 3) {
            handler.onLongChain(longKeys[i], longKeys[i + 1], longKeys[i + 2], lsn);
        }
        longCount = 0;
    }
}
