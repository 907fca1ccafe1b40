package dev.firn.pagestore.memory;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.pagestore.key.SortedEntries;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The entries of a memory table by key and LSN. Keys are sorted when it is made, by merging, as places in the table: it takes two ints a key
 * until it is closed.
 *
 * <p>One thread owns it; the table outlives it.
 */
public final class MemoryTableScan implements SortedEntries, AutoCloseable {
    private static final MemoryTag TAG = MemoryTag.of("memory-table-sort");
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

    /** Runs of so many keys are sorted by insertion. */
    private static final int RUN = 16;

    private static final int FIRST_CHAIN = 64;

    private final MemoryTable table;
    private final OffHeapMemory memory;
    private final MemorySegment scratch;

    /** Where in {@link #scratch} the sorted keys begin. */
    private long sorted;

    private int count;
    private int next;
    private long key;

    /** The current key's entries from the newest back, those that are still to come. */
    private long[] chain = new long[FIRST_CHAIN];

    private int left;
    private long entry;

    MemoryTableScan(final MemoryTable table, final OffHeapMemory memory, final KeyRange range) {
        this.table = table;
        this.memory = memory;
        this.scratch = memory.allocate(table.sortBytes(), TAG);
        gather(range);
        sort();
    }

    @Override
    public void close() {
        memory.free(scratch);
    }

    private void gather(final KeyRange range) {
        for (int number = 0; number < table.keys(); number++) {
            final long at = table.keyAt(number);
            if (range == null || range.contains(table.high(at), table.middle(at), table.low(at))) {
                scratch.set(INT, (long) count++ * Integer.BYTES, number);
            }
        }
    }

    /** Bottom up, from one half of the scratch memory to the other. Keys are unique. */
    private void sort() {
        for (int from = 0; from < count; from += RUN) {
            sortRun(from, Math.min(from + RUN, count));
        }
        long source = 0;
        long target = (long) count * Integer.BYTES;
        for (long width = RUN; width < count; width *= 2) {
            for (long from = 0; from < count; from += 2 * width) {
                merge(source, target, from, Math.min(from + width, count), Math.min(from + 2 * width, count));
            }
            final long swap = source;
            source = target;
            target = swap;
        }
        sorted = source;
    }

    private void sortRun(final int from, final int to) {
        for (int i = from + 1; i < to; i++) {
            final int moving = number(0, i);
            int at = i;
            while (at > from && compare(moving, number(0, at - 1L)) < 0) {
                put(0, at, number(0, at - 1L));
                at--;
            }
            put(0, at, moving);
        }
    }

    private void merge(final long source, final long target, final long from, final long middle, final long to) {
        if (middle >= to || compare(number(source, middle - 1), number(source, middle)) < 0) {
            MemorySegment.copy(
                    scratch,
                    source + from * Integer.BYTES,
                    scratch,
                    target + from * Integer.BYTES,
                    (to - from) * Integer.BYTES);
            return;
        }
        long left = from;
        long right = middle;
        for (long at = from; at < to; at++) {
            final boolean takesLeft =
                    right == to || (left < middle && compare(number(source, left), number(source, right)) < 0);
            put(target, at, takesLeft ? number(source, left++) : number(source, right++));
        }
    }

    private int compare(final int one, final int other) {
        final long key1 = table.keyAt(one);
        final long key2 = table.keyAt(other);
        return PageKeys.compare(
                table.high(key1),
                table.middle(key1),
                table.low(key1),
                table.high(key2),
                table.middle(key2),
                table.low(key2));
    }

    private int number(final long base, final long index) {
        return scratch.get(INT, base + index * Integer.BYTES);
    }

    private void put(final long base, final long index, final int number) {
        scratch.set(INT, base + index * Integer.BYTES, number);
    }

    @Override
    public int advance() {
        while (left == 0) {
            if (next == count) {
                return END;
            }
            key = table.keyAt(number(sorted, next++));
            for (long at = table.newestOf(key); at != MemoryTable.NONE; at = table.older(at)) {
                if (left == chain.length) {
                    chain = Arrays.copyOf(chain, 2 * left);
                }
                chain[left++] = at;
            }
        }
        entry = chain[--left];
        return ENTRY;
    }

    @Override
    public long high() {
        return table.high(key);
    }

    @Override
    public long middle() {
        return table.middle(key);
    }

    @Override
    public long low() {
        return table.low(key);
    }

    @Override
    public long lsn() {
        return table.lsn(entry);
    }

    @Override
    public int kindByte() {
        return table.kindByte(entry);
    }

    @Override
    public int touch() {
        return table.touch(entry);
    }

    @Override
    public long recordAtLsn() {
        return table.recordAtLsn(entry);
    }

    @Override
    public MemorySegment payloadSegment() {
        return table.payloadSegment();
    }

    @Override
    public long payloadOffset() {
        return table.payloadOffset(entry);
    }

    @Override
    public int payloadLength() {
        return table.payloadLength(entry);
    }
}
