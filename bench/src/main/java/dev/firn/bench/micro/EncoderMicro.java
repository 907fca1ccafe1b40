package dev.firn.bench.micro;

import dev.firn.columnar.kernel.BitPacking;
import dev.firn.columnar.kernel.BloomBlocks;
import dev.firn.columnar.kernel.ByteStreams;
import dev.firn.columnar.kernel.Compaction;
import dev.firn.columnar.kernel.Decimals;
import dev.firn.columnar.kernel.Deltas;
import dev.firn.columnar.kernel.Ranges;
import dev.firn.columnar.kernel.Runs;
import dev.firn.columnar.kernel.Simd;
import dev.firn.columnar.kernel.XxHash64;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.random.RandomGenerator;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A kernel over a page's values, as vectors or as its scalar twin: the same JVM flags, and the switch that an operator has. */
@State(Scope.Thread)
public class EncoderMicro {
    /** Of a page. */
    static final int VALUES = 16_384;

    private static final long SEED = 0x656E636F646572L;
    private static final int BLOCK = 128;
    private static final int DECIMAL_BYTES = 13;
    private static final int FILTER_BYTES = 32 << 10;
    private static final long ROOM_BYTES = 17L * VALUES;
    private static final int NULL_EVERY = 10;
    private static final int SMALL = 1 << 20;
    private static final int LONGEST_RUN = 64;

    @Param("pack-ints-3")
    public String kernel;

    @Param("true")
    public String vectors;

    private Arena arena;
    private MemorySegment in;
    private MemorySegment out;
    private MemorySegment validity;
    private MemorySegment filter;

    /** Runs of 1 to 64 equal values. */
    private MemorySegment levels;

    private EncoderKernel chosen;

    @Setup(Level.Trial)
    public void fill() {
        // Before the class is loaded that reads it.
        System.setProperty(Simd.PROPERTY, vectors);
        chosen = EncoderKernel.of(kernel);
        arena = Arena.ofConfined();
        in = arena.allocate(ROOM_BYTES, Long.BYTES);
        out = arena.allocate(ROOM_BYTES, Long.BYTES);
        validity = arena.allocate(VALUES / Byte.SIZE, Long.BYTES);
        filter = arena.allocate(FILTER_BYTES, Long.BYTES);
        levels = arena.allocate((long) VALUES * Integer.BYTES, Long.BYTES);
        final RandomGenerator random = SystemRandom.seeded(SEED);
        for (int i = 0, left = 0, level = 0; i < VALUES; i++, left--) {
            if (left == 0) {
                left = 1 + random.nextInt(LONGEST_RUN);
                level++;
            }
            LittleEndian.putInt(levels, (long) i * Integer.BYTES, level);
        }
        for (long at = 0; at < ROOM_BYTES; at += Long.BYTES) {
            LittleEndian.putLong(in, at, random.nextInt(SMALL));
        }
        for (int i = 0; i < VALUES / Byte.SIZE; i++) {
            LittleEndian.putByte(validity, i, random.nextInt(NULL_EVERY) == 0 ? random.nextInt() : -1);
        }
    }

    @TearDown(Level.Trial)
    public void release() {
        arena.close();
    }

    @Benchmark
    public long firn(final AllocationCounter allocations) {
        return switch (chosen) {
            case PACK_INTS_3 -> pack(3);
            case PACK_INTS_11 -> pack(11);
            case PACK_INTS_20 -> pack(20);
            case PACK_LONGS_20 -> packLongs(20);
            case DELTA_INTS -> deltaInts();
            case DELTA_LONGS -> deltaLongs();
            case RANGE_INTS -> Ranges.leastInt(in, 0, VALUES) + Ranges.greatestInt(in, 0, VALUES);
            case RANGE_LONGS -> Ranges.leastLong(in, 0, VALUES) + Ranges.greatestLong(in, 0, VALUES);
            case RANGE_FLOATS -> (long) (Ranges.leastFloat(in, 0, VALUES) + Ranges.greatestFloat(in, 0, VALUES));
            case RANGE_DOUBLES -> (long) (Ranges.leastDouble(in, 0, VALUES) + Ranges.greatestDouble(in, 0, VALUES));
            case SPLIT_INTS -> split(Integer.BYTES);
            case SPLIT_LONGS -> split(Long.BYTES);
            case COMPACT_INTS -> Compaction.values(validity, 0, in, 0, VALUES, Integer.BYTES, out, 0);
            case COMPACT_LONGS -> Compaction.values(validity, 0, in, 0, VALUES, Long.BYTES, out, 0);
            case RUNS -> runs();
            case DECIMALS -> decimals();
            case HASH_LONGS -> hashes();
            case BLOOM -> bloom();
        };
    }

    private long pack(final int width) {
        BitPacking.packInts(in, 0, VALUES, width, out, 0);
        return LittleEndian.getLong(out, 0);
    }

    /** A block at a time, as the encoding does: differences, then what lies above the least. */
    private long deltaLongs() {
        long bits = 0;
        for (int first = 0; first < VALUES; first += BLOCK) {
            final long least = Deltas.longs(in, (long) (first + 1) * Long.BYTES, BLOCK, out, 0);
            bits |= Deltas.lowerLongs(out, 0, BLOCK, least);
        }
        return bits;
    }

    private long deltaInts() {
        int bits = 0;
        for (int first = 0; first < VALUES; first += BLOCK) {
            final int least = Deltas.ints(in, (long) (first + 1) * Integer.BYTES, BLOCK, out, 0);
            bits |= Deltas.lowerInts(out, 0, BLOCK, least);
        }
        return bits;
    }

    private long packLongs(final int width) {
        BitPacking.packLongs(in, 0, VALUES, width, out, 0);
        return LittleEndian.getLong(out, 0);
    }

    private long split(final int width) {
        ByteStreams.split(in, 0, VALUES, width, out, 0);
        return LittleEndian.getLong(out, 0);
    }

    private long runs() {
        int count = 0;
        for (int at = 0; at < VALUES; count++) {
            at += Runs.length(levels, 0, at, VALUES);
        }
        return count;
    }

    private long decimals() {
        Decimals.toBigEndian(in, 0, VALUES, DECIMAL_BYTES, out, 0);
        return LittleEndian.getLong(out, 0);
    }

    private long hashes() {
        XxHash64.hashAll(in, 0, VALUES, Long.BYTES, out);
        return LittleEndian.getLong(out, 0);
    }

    private long bloom() {
        BloomBlocks.insert(in, VALUES, filter);
        return LittleEndian.getLong(filter, 0);
    }
}
