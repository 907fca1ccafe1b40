package dev.firn.nativeio.memory;

import java.util.concurrent.atomic.AtomicLongArray;

/** Bytes and allocations held, by tag and in all; written by any thread, read by any thread without a lock. */
final class TagCounters {
    /** A cache line for each tag, so that threads that use different tags do not meet. */
    private static final int STRIDE = 8;

    private static final int BYTES = 0;
    private static final int COUNT = 1;
    private static final int HIGH_WATER = 2;
    private static final int REFUSED = 3;

    /** The line of all tags together, after the last tag's. */
    private static final int TOTAL = MemoryTag.MAX_TAGS;

    private final AtomicLongArray cells = new AtomicLongArray((TOTAL + 2) * STRIDE);

    void allocated(final int tag, final long bytes) {
        add(tag, bytes);
        add(TOTAL, bytes);
    }

    void freed(final int tag, final long bytes) {
        subtract(tag, bytes);
        subtract(TOTAL, bytes);
    }

    void refused(final int tag) {
        cells.getAndIncrement(cell(tag, REFUSED));
    }

    MemoryUsage usage(final int tag) {
        return new MemoryUsage(bytes(tag), count(tag), highWater(tag), refusals(tag));
    }

    MemoryUsage total() {
        long refusals = 0;
        for (int tag = 0; tag < TOTAL; tag++) {
            refusals += refusals(tag);
        }
        return new MemoryUsage(bytes(TOTAL), count(TOTAL), highWater(TOTAL), refusals);
    }

    long bytes(final int tag) {
        return cells.get(cell(tag, BYTES));
    }

    long totalBytes() {
        return bytes(TOTAL);
    }

    private long count(final int tag) {
        return cells.get(cell(tag, COUNT));
    }

    private long highWater(final int tag) {
        return cells.get(cell(tag, HIGH_WATER));
    }

    private long refusals(final int tag) {
        return cells.get(cell(tag, REFUSED));
    }

    private void add(final int line, final long bytes) {
        cells.getAndIncrement(cell(line, COUNT));
        final long now = cells.addAndGet(cell(line, BYTES), bytes);
        final int highWater = cell(line, HIGH_WATER);
        long seen = cells.get(highWater);
        while (now > seen) {
            if (cells.compareAndSet(highWater, seen, now)) {
                return;
            }
            seen = cells.get(highWater);
        }
    }

    private void subtract(final int line, final long bytes) {
        cells.getAndAdd(cell(line, BYTES), -bytes);
        cells.getAndDecrement(cell(line, COUNT));
    }

    /** The first line stays empty: it shares a cache line with the array's header. */
    private static int cell(final int line, final int which) {
        return (line + 1) * STRIDE + which;
    }
}
