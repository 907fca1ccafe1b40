package dev.firn.pagestore.replay;

/**
 * From a page's key to a small number, without objects: open addressing with linear probing. A removal moves later entries back, so that no
 * tombstones gather. Half of the slots stay free. A key and its value lie side by side: to find a page costs one cache miss, not two.
 */
final class PageMap {
    static final int ABSENT = -1;

    private static final long MULTIPLIER = 0x9E37_79B9_7F4A_7C15L;
    private static final int MAX_SLOTS = 1 << 29;

    /** Of each slot the key, and the value plus one: 0 in a free slot. */
    private long[] entries;

    private int mask;
    private int count;
    private int shift;

    /** A map that grows when it gets more than {@code expected} entries. */
    PageMap(final int expected) {
        final long wanted = Math.clamp(expected * 2L, 16, MAX_SLOTS);
        final int slots = wanted == Long.highestOneBit(wanted) ? (int) wanted : Integer.highestOneBit((int) wanted) * 2;
        resize(slots);
    }

    int count() {
        return count;
    }

    /** The value, or {@link #ABSENT}. */
    int get(final long key) {
        int slot = home(key);
        while (value(slot) != 0) {
            if (key(slot) == key) {
                return value(slot) - 1;
            }
            slot = slot + 1 & mask;
        }
        return ABSENT;
    }

    /** Adds or replaces. */
    void put(final long key, final int value) {
        if (count * 2L > mask) {
            grow();
        }
        int slot = home(key);
        while (value(slot) != 0 && key(slot) != key) {
            slot = slot + 1 & mask;
        }
        if (value(slot) == 0) {
            count++;
        }
        set(slot, key, value + 1);
    }

    /** Takes an entry out; its value, or {@link #ABSENT}. */
    int remove(final long key) {
        int slot = home(key);
        while (value(slot) != 0 && key(slot) != key) {
            slot = slot + 1 & mask;
        }
        final int value = value(slot) - 1;
        if (value == ABSENT) {
            return ABSENT;
        }
        closeGap(slot);
        count--;
        return value;
    }

    /** Moves back each later entry of the run that may stand nearer to its home. */
    private void closeGap(final int removed) {
        int gap = removed;
        int slot = gap + 1 & mask;
        while (value(slot) != 0) {
            final int distanceFromHome = slot - home(key(slot)) & mask;
            if (distanceFromHome >= (slot - gap & mask)) {
                set(gap, key(slot), value(slot));
                gap = slot;
            }
            slot = slot + 1 & mask;
        }
        set(gap, 0, 0);
    }

    /** All keys, in no order. */
    long[] keys() {
        final long[] found = new long[count];
        int next = 0;
        for (int slot = 0; slot <= mask; slot++) {
            if (value(slot) != 0) {
                found[next++] = key(slot);
            }
        }
        return found;
    }

    private long key(final int slot) {
        return entries[2 * slot];
    }

    private int value(final int slot) {
        return (int) entries[2 * slot + 1];
    }

    private void set(final int slot, final long key, final int value) {
        entries[2 * slot] = key;
        entries[2 * slot + 1] = value;
    }

    private int home(final long key) {
        return (int) (((key ^ key >>> Integer.SIZE) * MULTIPLIER) >>> shift);
    }

    private void grow() {
        if (mask + 1 == MAX_SLOTS) {
            throw new IllegalStateException("a page map has no more than " + MAX_SLOTS / 2 + " entries");
        }
        final long[] old = entries;
        resize(2 * (mask + 1));
        for (int at = 0; at < old.length; at += 2) {
            if (old[at + 1] != 0) {
                put(old[at], (int) old[at + 1] - 1);
            }
        }
    }

    private void resize(final int slots) {
        entries = new long[2 * slots];
        mask = slots - 1;
        count = 0;
        shift = Long.SIZE - Integer.numberOfTrailingZeros(slots);
    }
}
