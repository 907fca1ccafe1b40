package dev.firn.columnar.rebuild;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.firn.columnar.batch.ColumnVector;
import dev.firn.columnar.batch.RowBatch;
import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;

/** Damages one byte of a batch's values, or of their offsets, and takes it back. */
final class ResidueFuzz {
    private final RandomGenerator random;
    private MemorySegment damaged;
    private long at;
    private byte before;

    ResidueFuzz(final RandomGenerator random) {
        this.random = random;
    }

    /** Damages a batch; false when the column that was drawn has no bytes. */
    boolean damage(final RowBatch batch) {
        ColumnVector column = batch.column(random.nextInt(batch.columnCount()));
        while (!column.field().isLeaf()) {
            column = column.child(random.nextInt(column.field().children().size()));
        }
        final long bytes = column.valueBytes();
        if (bytes == 0) {
            return false;
        }
        damaged = column.values();
        at = random.nextLong(bytes);
        before = damaged.get(JAVA_BYTE, at);
        damaged.set(
                JAVA_BYTE,
                at,
                random.nextBoolean() ? (byte) random.nextInt() : (byte) (before ^ 1 << random.nextInt(8)));
        return true;
    }

    void restore() {
        damaged.set(JAVA_BYTE, at, before);
    }
}
