package dev.firn.server.storage;

import dev.firn.nativeio.checksum.Crc32c;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The block that probes of the disk and of the object store write: 4 KiB that no other probe has written.
 *
 * <pre>
 *   0  8  magic "FIRNPROB"
 *   8  8  sequence number of the probe
 *  16  8  when it was made, nanoseconds since 1970
 *  24  …  filling, a function of the sequence number
 * 4092 4  CRC32C of all before
 * </pre>
 *
 * All numbers are little-endian.
 */
public final class ProbeBlock {
    public static final int LENGTH_BYTES = 4096;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long MAGIC = 0x424f52504e524946L;
    private static final int SEQUENCE_OFFSET = 8;
    private static final int TIME_OFFSET = 16;
    private static final int FILLING_OFFSET = 24;
    private static final int CHECKSUM_OFFSET = LENGTH_BYTES - Integer.BYTES;

    /** Fibonacci hashing's multiplier: neighbouring words and sequences differ in many bits. */
    private static final long SPREAD = 0x9E3779B97F4A7C15L;

    private ProbeBlock() {}

    /** Makes the block of this sequence number. */
    public static void fill(final MemorySegment block, final long sequence, final long epochNs) {
        block.set(LONG, 0, MAGIC);
        block.set(LONG, SEQUENCE_OFFSET, sequence);
        block.set(LONG, TIME_OFFSET, epochNs);
        int offset = FILLING_OFFSET;
        for (; offset + Long.BYTES <= CHECKSUM_OFFSET; offset += Long.BYTES) {
            block.set(LONG, offset, (sequence + offset) * SPREAD);
        }
        block.set(INT, offset, (int) (sequence * SPREAD));
        block.set(INT, CHECKSUM_OFFSET, checksumOf(block));
    }

    /** What is wrong with a block that was read back, or null when it is the one of this sequence number. */
    public static String defectOf(final MemorySegment block, final long sequence) {
        if (block.get(LONG, 0) != MAGIC) {
            return "what was read back is not a probe block";
        }
        final int expected = block.get(INT, CHECKSUM_OFFSET);
        final int actual = checksumOf(block);
        if (expected != actual) {
            return String.format("CRC32C is %08x where the block says %08x", actual, expected);
        }
        final long found = block.get(LONG, SEQUENCE_OFFSET);
        return found == sequence ? null : "probe " + found + " was read back where probe " + sequence + " was written";
    }

    private static int checksumOf(final MemorySegment block) {
        return Crc32c.compute(block, 0, CHECKSUM_OFFSET);
    }
}
