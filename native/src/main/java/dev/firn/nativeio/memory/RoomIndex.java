package dev.firn.nativeio.memory;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Which slabs of one size class may have room: a bit each.
 *
 * <p>A slab with room has its bit set, at the latest when the thread that made room returns. A bit may stay set when the
 * slab is full or serves another class by now: who finds that out clears it, and looks at the slab once more afterwards.
 */
final class RoomIndex {
    private final AtomicLongArray words;

    RoomIndex(final int slabCount) {
        this.words = new AtomicLongArray((slabCount + Long.SIZE - 1) / Long.SIZE);
    }

    void set(final int slab) {
        final int word = slab / Long.SIZE;
        final long bit = 1L << slab;
        long bits = words.get(word);
        while ((bits & bit) == 0) {
            final long seen = words.compareAndExchange(word, bits, bits | bit);
            if (seen == bits) {
                return;
            }
            bits = seen;
        }
    }

    void clear(final int slab) {
        final int word = slab / Long.SIZE;
        final long bit = 1L << slab;
        long bits = words.get(word);
        while ((bits & bit) != 0) {
            final long seen = words.compareAndExchange(word, bits, bits & ~bit);
            if (seen == bits) {
                return;
            }
            bits = seen;
        }
    }

    /** The first slab from {@code from} on whose bit is set, or -1. */
    int next(final int from) {
        int word = from / Long.SIZE;
        if (word >= words.length()) {
            return -1;
        }
        long bits = words.get(word) & -1L << from;
        while (bits == 0) {
            if (++word == words.length()) {
                return -1;
            }
            bits = words.get(word);
        }
        return word * Long.SIZE + Long.numberOfTrailingZeros(bits);
    }
}
