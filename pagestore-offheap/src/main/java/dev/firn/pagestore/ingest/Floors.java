package dev.firn.pagestore.ingest;

import java.util.Arrays;

/** Lists of floors: an LSN and a value each, newest first. A list is named by its newest floor. */
final class Floors {
    static final int NONE = -1;

    /** Most of them. */
    static final int MAX_FLOORS = 1 << 26;

    private static final int FIRST_CAPACITY = 64;

    private long[] lsns = new long[FIRST_CAPACITY];
    private long[] values = new long[FIRST_CAPACITY];
    private int[] older = new int[FIRST_CAPACITY];
    private int count;

    /** Adds one before the newest so far. */
    int push(final int newest, final long lsn, final long value) {
        if (count == MAX_FLOORS) {
            throw new IngestException("a timeline has more than " + MAX_FLOORS + " truncations and drops");
        }
        if (count == lsns.length) {
            lsns = Arrays.copyOf(lsns, count * 2);
            values = Arrays.copyOf(values, count * 2);
            older = Arrays.copyOf(older, count * 2);
        }
        lsns[count] = lsn;
        values[count] = value;
        older[count] = newest;
        return count++;
    }

    long lsn(final int floor) {
        return lsns[floor];
    }

    long value(final int floor) {
        return values[floor];
    }

    int older(final int floor) {
        return older[floor];
    }

    int count() {
        return count;
    }
}
