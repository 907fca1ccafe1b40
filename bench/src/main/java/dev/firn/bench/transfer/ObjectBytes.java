package dev.firn.bench.transfer;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The content of every object: each word tells its place, so that any range can be checked by itself. */
public final class ObjectBytes {
    /** One word of each so many bytes is checked by {@link #firstWrong}. */
    public static final int CHECKED_EVERY = 4096;

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long FACTOR = 0xD1342543DE82EF95L;
    private static final long START = 0x66697262732D7333L;
    private static final int NONE = -1;

    private ObjectBytes() {}

    /** Writes what an object holds from its beginning on. */
    public static void fill(final MemorySegment target) {
        for (long offset = 0; offset + Long.BYTES <= target.byteSize(); offset += Long.BYTES) {
            target.set(WORD, offset, wordAt(offset));
        }
    }

    /**
     * Checks a range that was read: the first word of each {@value #CHECKED_EVERY} bytes, and takes it away, so that a later read which
     * brings nothing is not taken for one that brought this.
     *
     * @param objectOffset where the range begins: a multiple of 8.
     * @param takeAway false when others may be reading into the same memory.
     * @return the offset in the object of the first word that is wrong, or -1.
     */
    public static long firstWrong(final MemorySegment range, final long objectOffset, final boolean takeAway) {
        for (long offset = 0; offset + Long.BYTES <= range.byteSize(); offset += CHECKED_EVERY) {
            if (range.get(WORD, offset) != wordAt(objectOffset + offset)) {
                return objectOffset + offset;
            }
            if (takeAway) {
                range.set(WORD, offset, 0);
            }
        }
        return NONE;
    }

    /** Checks every word. */
    public static long firstWrongOfAll(final MemorySegment range, final long objectOffset) {
        for (long offset = 0; offset + Long.BYTES <= range.byteSize(); offset += Long.BYTES) {
            if (range.get(WORD, offset) != wordAt(objectOffset + offset)) {
                return objectOffset + offset;
            }
        }
        return NONE;
    }

    private static long wordAt(final long objectOffset) {
        return (objectOffset / Long.BYTES + 1) * FACTOR ^ START;
    }
}
