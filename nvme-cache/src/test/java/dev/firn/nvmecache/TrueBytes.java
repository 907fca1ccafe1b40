package dev.firn.nvmecache;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * What the objects of a test hold: computed, so that a model needs no memory. Blocks differ from each other in a few bytes of
 * each 64 only, as versions of one page do.
 */
final class TrueBytes {
    private static final int PERIOD = 64;

    private TrueBytes() {}

    static void fill(final ObjectId object, final int block, final MemorySegment into) {
        into.fill((byte) 0x5A);
        final long stamp = BlockKey.hash(object.high(), object.low(), block);
        for (long at = 0; at + PERIOD <= into.byteSize(); at += PERIOD) {
            into.set(JAVA_LONG_UNALIGNED, at + 8, stamp + at);
        }
        final long rest = into.byteSize() & -PERIOD;
        for (long at = rest; at < into.byteSize(); at++) {
            into.set(JAVA_BYTE, at, (byte) (stamp >>> ((at & 7) * 8)));
        }
    }
}
