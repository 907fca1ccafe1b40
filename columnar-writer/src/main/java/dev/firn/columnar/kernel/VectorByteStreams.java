package dev.firn.columnar.kernel;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** Eight values at a time: their bytes are put in the order of the streams within a vector, whose 64-bit lanes (or halves) then go one to each stream. */
final class VectorByteStreams {
    private static final VectorSpecies<Byte> WIDE = ByteVector.SPECIES_512;
    private static final VectorSpecies<Byte> NARROW = ByteVector.SPECIES_256;
    private static final int GROUP = 8;
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final VectorShuffle<Byte> BY_STREAM_OF_8 =
            VectorShuffle.fromOp(WIDE, lane -> lane % GROUP * Long.BYTES + lane / GROUP);
    private static final VectorShuffle<Byte> BY_STREAM_OF_4 =
            VectorShuffle.fromOp(NARROW, lane -> lane % GROUP * Integer.BYTES + lane / GROUP);

    private VectorByteStreams() {}

    static void splitLongs(
            final MemorySegment in, final long offset, final int count, final MemorySegment out, final long outOffset) {
        LittleEndian.requireNative(in);
        LittleEndian.requireNative(out);
        final int bound = count & -GROUP;
        final long stream = count;
        for (int i = 0; i < bound; i += GROUP) {
            final LongVector streams = ByteVector.fromMemorySegment(WIDE, in, offset + (long) i * Long.BYTES, ORDER)
                    .rearrange(BY_STREAM_OF_8)
                    .reinterpretAsLongs();
            final long at = outOffset + i;
            LittleEndian.putLong(out, at, streams.lane(0));
            LittleEndian.putLong(out, at + stream, streams.lane(1));
            LittleEndian.putLong(out, at + 2 * stream, streams.lane(2));
            LittleEndian.putLong(out, at + 3 * stream, streams.lane(3));
            LittleEndian.putLong(out, at + 4 * stream, streams.lane(4));
            LittleEndian.putLong(out, at + 5 * stream, streams.lane(5));
            LittleEndian.putLong(out, at + 6 * stream, streams.lane(6));
            LittleEndian.putLong(out, at + 7 * stream, streams.lane(7));
        }
        ScalarByteStreams.split(in, offset, bound, count, Long.BYTES, out, outOffset);
    }

    static void splitInts(
            final MemorySegment in, final long offset, final int count, final MemorySegment out, final long outOffset) {
        LittleEndian.requireNative(in);
        LittleEndian.requireNative(out);
        final int bound = count & -GROUP;
        final long stream = count;
        for (int i = 0; i < bound; i += GROUP) {
            final LongVector streams = ByteVector.fromMemorySegment(
                            NARROW, in, offset + (long) i * Integer.BYTES, ORDER)
                    .rearrange(BY_STREAM_OF_4)
                    .reinterpretAsLongs();
            final long at = outOffset + i;
            LittleEndian.putLong(out, at, streams.lane(0));
            LittleEndian.putLong(out, at + stream, streams.lane(1));
            LittleEndian.putLong(out, at + 2 * stream, streams.lane(2));
            LittleEndian.putLong(out, at + 3 * stream, streams.lane(3));
        }
        ScalarByteStreams.split(in, offset, bound, count, Integer.BYTES, out, outOffset);
    }
}
