package dev.firn.columnar.kernel;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/** Compaction a vector at a time: a vector's valid lanes move to its front, and all of it is stored; the next vector overwrites what is not valid. */
final class VectorCompaction {
    private static final VectorSpecies<Integer> INTS = Lanes.INTS;
    private static final VectorSpecies<Long> LONGS = Lanes.LONGS;
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    private VectorCompaction() {}

    static int ints(
            final MemorySegment validity,
            final long first,
            final MemorySegment in,
            final long offset,
            final int count,
            final MemorySegment out,
            final long outOffset) {
        LittleEndian.requireNative(validity);
        LittleEndian.requireNative(in);
        LittleEndian.requireNative(out);
        final int lanes = INTS.length();
        final int bound = INTS.loopBound(count);
        int kept = 0;
        for (int i = 0; i < bound; i += lanes) {
            final long word = Bits.word(validity, first + i, lanes);
            final long from = offset + (long) i * Integer.BYTES;
            final IntVector values = IntVector.fromMemorySegment(INTS, in, from, ORDER);
            values.compress(VectorMask.fromLong(INTS, word))
                    .intoMemorySegment(out, outOffset + (long) kept * Integer.BYTES, ORDER);
            kept += Long.bitCount(word);
        }
        return kept
                + ScalarCompaction.values(
                        validity,
                        first + bound,
                        in,
                        offset + (long) bound * Integer.BYTES,
                        count - bound,
                        Integer.BYTES,
                        out,
                        outOffset + (long) kept * Integer.BYTES);
    }

    static int longs(
            final MemorySegment validity,
            final long first,
            final MemorySegment in,
            final long offset,
            final int count,
            final MemorySegment out,
            final long outOffset) {
        LittleEndian.requireNative(validity);
        LittleEndian.requireNative(in);
        LittleEndian.requireNative(out);
        final int lanes = LONGS.length();
        final int bound = LONGS.loopBound(count);
        int kept = 0;
        for (int i = 0; i < bound; i += lanes) {
            final long word = Bits.word(validity, first + i, lanes);
            final long from = offset + (long) i * Long.BYTES;
            final LongVector values = LongVector.fromMemorySegment(LONGS, in, from, ORDER);
            values.compress(VectorMask.fromLong(LONGS, word))
                    .intoMemorySegment(out, outOffset + (long) kept * Long.BYTES, ORDER);
            kept += Long.bitCount(word);
        }
        return kept
                + ScalarCompaction.values(
                        validity,
                        first + bound,
                        in,
                        offset + (long) bound * Long.BYTES,
                        count - bound,
                        Long.BYTES,
                        out,
                        outOffset + (long) kept * Long.BYTES);
    }
}
