package dev.firn.columnar.kernel;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Eight values at a time: the twin of {@link Runs#scalarLength}. Apart, so that a JVM without the Vector API never loads it. */
final class VectorRuns {
    private static final VectorSpecies<Integer> INTS = IntVector.SPECIES_256;

    private VectorRuns() {}

    static int length(final MemorySegment in, final long offset, final int first, final int count) {
        LittleEndian.requireNative(in);
        if (first >= count) {
            return 0;
        }
        final int value = LittleEndian.getInt(in, offset + (long) first * Integer.BYTES);
        int i = first;
        for (; i + INTS.length() <= count; i += INTS.length()) {
            final VectorMask<Integer> other = IntVector.fromMemorySegment(
                            INTS, in, offset + (long) i * Integer.BYTES, ByteOrder.LITTLE_ENDIAN)
                    .compare(VectorOperators.NE, value);
            if (other.anyTrue()) {
                return i - first + other.firstTrue();
            }
        }
        while (i < count && LittleEndian.getInt(in, offset + (long) i * Integer.BYTES) == value) {
            i++;
        }
        return i - first;
    }
}
