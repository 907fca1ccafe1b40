package dev.firn.pagestore.replay;

/**
 * From a page's key to a small number, without objects: open addressing with linear probing. A removal moves later entries back, so that no
 * tombstones gather. Half of the slots stay free.
 */
final class PageMap {
    static final int ABSENT = -1;

    private static final long MULTIPLIER = 0x9E37_79B9_7F4A_7C15L;
    private static final int MAX_SLOTS = 1 << 30;

    private long[] keys;

    /** The value plus one; 0 in a free slot. */
    private int[] values;

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
        final int mask = keys.length - 1;
        int slot = home(key);
        while (values[slot] != 0) {
            if (keys[slot] == key) {
                return values[slot] - 1;
            }
            slot = slot + 1 & mask;
        }
        return ABSENT;
    }

    /** Adds or replaces. */
    void put(final long key, final int value) {
        if (count * 2L >= keys.length) {
            grow();
        }
        final int mask = keys.length - 1;
        int slot = home(key);
        while (values[slot] != 0 && keys[slot] != key) {
            slot = slot + 1 & mask;
        }
        if (values[slot] == 0) {
            count++;
        }
        keys[slot] = key;
        values[slot] = value + 1;
    }

    /** Takes an entry out; its value, or {@link #ABSENT}. */
    int remove(final long key) {
        final int mask = keys.length - 1;
        int slot = home(key);
        while (values[slot] != 0 && keys[slot] != key) {
            slot = slot + 1 & mask;
        }
        final int value = values[slot] - 1;
        if (value == ABSENT) {
            return ABSENT;
        }
        closeGap(slot, mask);
        count--;
        return value;
    }

    /** Moves back each later entry of the run that may stand nearer to its home. */
    private void closeGap(final int removed, final int mask) {
        int gap = removed;
        int slot = gap + 1 & mask;
        while (values[slot] != 0) {
            final int distanceFromHome = slot - home(keys[slot]) & mask;
            if (distanceFromHome >= (slot - gap & mask)) {
                keys[gap] = keys[slot];
                values[gap] = values[slot];
                gap = slot;
            }
            slot = slot + 1 & mask;
        }
        values[gap] = 0;
    }

    /** All keys, in no order. */
    long[] keys() {
        final long[] found = new long[count];
        int next = 0;
        for (int slot = 0; slot < keys.length; slot++) {
            if (values[slot] != 0) {
                found[next++] = keys[slot];
            }
        }
        return found;
    }

    private int home(final long key) {
        return (int) (((key ^ key >>> Integer.SIZE) * MULTIPLIER) >>> shift);
    }

    private void grow() {
        if (keys.length == MAX_SLOTS) {
            throw new IllegalStateException("a page map has no more than " + MAX_SLOTS / 2 + " entries");
        }
        final long[] oldKeys = keys;
        final int[] oldValues = values;
        resize(keys.length * 2);
        for (int slot = 0; slot < oldKeys.length; slot++) {
            if (oldValues[slot] != 0) {
                put(oldKeys[slot], oldValues[slot] - 1);
            }
        }
    }

    private void resize(final int slots) {
        keys = new long[slots];
        values = new int[slots];
        count = 0;
        shift = Long.SIZE - Integer.numberOfTrailingZeros(slots);
    }
}
