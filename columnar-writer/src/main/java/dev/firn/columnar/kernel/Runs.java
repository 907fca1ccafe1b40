package dev.firn.columnar.kernel;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** How long equal values go on, for the hybrid of runs and bit packing. */
public final class Runs {
    private Runs() {}

    /** How many of the values from {@code first} on equal the first of them: at least one, unless there are none. */
    public static int length(final MemorySegment in, final long offset, final int first, final int count) {
        Objects.checkFromIndexSize(offset, (long) count * Integer.BYTES, in.byteSize());
        return Simd.AVAILABLE ? VectorRuns.length(in, offset, first, count) : scalarLength(in, offset, first, count);
    }

    static int scalarLength(final MemorySegment in, final long offset, final int first, final int count) {
        if (first >= count) {
            return 0;
        }
        final int value = LittleEndian.getInt(in, offset + (long) first * Integer.BYTES);
        int i = first + 1;
        while (i < count && LittleEndian.getInt(in, offset + (long) i * Integer.BYTES) == value) {
            i++;
        }
        return i - first;
    }
}
