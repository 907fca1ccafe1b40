package dev.firn.columnar.encoding;

import dev.firn.columnar.buffer.GrowingBuffer;
import dev.firn.columnar.kernel.BitPacking;
import dev.firn.columnar.kernel.Deltas;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;

/** DELTA_BINARY_PACKED: blocks of 128 differences, each in four miniblocks of 32 with a width of their own. */
final class DeltaEncoder implements AutoCloseable {
    static final int BLOCK = 128;
    static final int MINIBLOCKS = 4;
    static final int MINIBLOCK = BLOCK / MINIBLOCKS;
    private static final MemoryTag SCRATCH = MemoryTag.of("lake-encode");

    private final OffHeapMemory memory;
    private final MemorySegment scratch;

    DeltaEncoder(final OffHeapMemory memory) {
        this.memory = memory;
        this.scratch = memory.allocate((long) BLOCK * Long.BYTES, SCRATCH);
    }

    /**
     * Appends values.
     *
     * @param width bytes a value: 4 or 8. Differences wrap round in it.
     */
    void encode(final MemorySegment in, final long offset, final int count, final int width, final GrowingBuffer out) {
        header(
                count,
                count == 0
                        ? 0
                        : width == Long.BYTES ? LittleEndian.getLong(in, offset) : LittleEndian.getInt(in, offset),
                out);
        for (int first = 1; first < count; first += BLOCK) {
            block(in, offset + (long) first * width, Math.min(BLOCK, count - first), width, out);
        }
    }

    private void block(
            final MemorySegment in, final long offset, final int count, final int width, final GrowingBuffer out) {
        final long least = width == Long.BYTES
                ? Deltas.longs(in, offset, count, scratch, 0)
                : Deltas.ints(in, offset, count, scratch, 0);
        out.putZigzag(least);
        final long widths = out.length();
        final MemorySegment target = out.ensure(widths + MINIBLOCKS + (long) BLOCK * width + BitPacking.SLACK_BYTES);
        long at = widths + MINIBLOCKS;
        for (int mini = 0; mini < MINIBLOCKS; mini++) {
            final int values = Math.min(MINIBLOCK, count - mini * MINIBLOCK);
            final int bits =
                    values > 0 ? miniblock((long) mini * MINIBLOCK * width, values, width, least, target, at) : 0;
            LittleEndian.putByte(target, widths + mini, bits);
            at += BitPacking.packedBytes(MINIBLOCK, bits);
        }
        out.setLength(at);
    }

    /** Packs what the differences of a miniblock lie above the least; how many bits each takes. */
    private int miniblock(
            final long from,
            final int values,
            final int width,
            final long least,
            final MemorySegment target,
            final long at) {
        final long all = width == Long.BYTES
                ? Deltas.lowerLongs(scratch, from, values, least)
                : Integer.toUnsignedLong(Deltas.lowerInts(scratch, from, values, (int) least));
        for (long rest = from + (long) values * width; rest < from + (long) MINIBLOCK * width; rest += Integer.BYTES) {
            LittleEndian.putInt(scratch, rest, 0);
        }
        final int bits = Long.SIZE - Long.numberOfLeadingZeros(all);
        if (width == Long.BYTES) {
            BitPacking.packLongs(scratch, from, MINIBLOCK, bits, target, at);
        } else {
            BitPacking.packInts(scratch, from, MINIBLOCK, bits, target, at);
        }
        return bits;
    }

    private static void header(final int count, final long first, final GrowingBuffer out) {
        out.putVarint(BLOCK);
        out.putVarint(MINIBLOCKS);
        out.putVarint(count);
        out.putZigzag(first);
    }

    @Override
    public void close() {
        memory.free(scratch);
    }
}
