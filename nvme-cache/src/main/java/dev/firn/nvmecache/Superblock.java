package dev.firn.nvmecache;

import dev.firn.nativeio.checksum.Crc32c;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The first words of the file: whose it is, and how it is laid out. Written once, when the file is made; two copies, so that
 * one that cannot be read or has rotten is mended from the other.
 *
 * <pre>
 *   0   long  magic "FIRNNVC" with a zero      32  long  file id, upper half   56  int   checksum of the 56 bytes before
 *   8   int   format version                   40  long  file id, lower half
 *   12  int   block length                     48  long  slots
 *   16  long  cluster, upper half
 *   24  long  cluster, lower half
 * </pre>
 *
 * <p>Every version so far has this superblock; what differs is the map behind it.
 *
 * @param version of the format.
 * @param fileId drawn when the file is made: entries of another file, or of this name's file before, do not fit it.
 */
record Superblock(int version, ObjectId cluster, ObjectId fileId, int blockBytes, long slots) {
    static final int VERSION = 2;

    /** Of versions before the present one a file is known for a cache of ours, and no more. */
    private static final int OLDEST_VERSION = 1;

    static final int BYTES = 60;

    /** "FIRNNVC\0" as a little-endian number. */
    static final long MAGIC = 0x00_43_56_4E_4E_52_49_46L;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int CRC_OFFSET = 56;

    /** What a copy is. */
    enum Copy {
        WHOLE,
        /** It begins like one, but is of a version that this program does not know. */
        OTHER_VERSION,
        DAMAGED
    }

    void encode(final MemorySegment into) {
        into.fill((byte) 0);
        into.set(LONG, 0, MAGIC);
        into.set(INT, 8, version);
        into.set(INT, 12, blockBytes);
        into.set(LONG, 16, cluster.high());
        into.set(LONG, 24, cluster.low());
        into.set(LONG, 32, fileId.high());
        into.set(LONG, 40, fileId.low());
        into.set(LONG, 48, slots);
        into.set(INT, CRC_OFFSET, Crc32c.compute(into, 0, CRC_OFFSET));
    }

    static Copy check(final MemorySegment from) {
        if (from.get(LONG, 0) != MAGIC) {
            return Copy.DAMAGED;
        }
        if (version(from) < OLDEST_VERSION || version(from) > VERSION) {
            return Copy.OTHER_VERSION;
        }
        final int blockBytes = from.get(INT, 12);
        final long slots = from.get(LONG, 48);
        final boolean whole = from.get(INT, CRC_OFFSET) == Crc32c.compute(from, 0, CRC_OFFSET)
                && Integer.bitCount(blockBytes) == 1
                && blockBytes >= CacheConfig.MIN_BLOCK_BYTES
                && blockBytes <= CacheConfig.MAX_BLOCK_BYTES
                && slots >= CacheConfig.MIN_SLOTS
                && slots <= CacheConfig.MAX_SLOTS;
        return whole ? Copy.WHOLE : Copy.DAMAGED;
    }

    static int version(final MemorySegment from) {
        return from.get(INT, 8);
    }

    /** Of a copy that {@link #check} found whole. */
    static Superblock decode(final MemorySegment from) {
        return new Superblock(
                version(from),
                new ObjectId(from.get(LONG, 16), from.get(LONG, 24)),
                new ObjectId(from.get(LONG, 32), from.get(LONG, 40)),
                from.get(INT, 12),
                from.get(LONG, 48));
    }
}
