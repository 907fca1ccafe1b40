package dev.firn.nativeio.portable;

/** Deadlines of slots: few at a time, so an unsorted list is looked through. The owner's alone. */
final class Timers {
    private final int[] slots;
    private final long[] deadlinesNs;
    private int size;

    Timers(final int capacity) {
        slots = new int[capacity];
        deadlinesNs = new long[capacity];
    }

    boolean isEmpty() {
        return size == 0;
    }

    void add(final int slot, final long deadlineNs) {
        slots[size] = slot;
        deadlinesNs[size] = deadlineNs;
        size++;
    }

    /** The earliest deadline; only when not empty. */
    long earliestNs() {
        return deadlinesNs[earliest()];
    }

    int removeEarliest() {
        final int at = earliest();
        final int slot = slots[at];
        removeAt(at);
        return slot;
    }

    /** Whether the slot had a deadline, which it then has no longer. */
    boolean remove(final int slot) {
        for (int i = 0; i < size; i++) {
            if (slots[i] == slot) {
                removeAt(i);
                return true;
            }
        }
        return false;
    }

    private int earliest() {
        int best = 0;
        for (int i = 1; i < size; i++) {
            if (deadlinesNs[i] - deadlinesNs[best] < 0) {
                best = i;
            }
        }
        return best;
    }

    private void removeAt(final int at) {
        size--;
        slots[at] = slots[size];
        deadlinesNs[at] = deadlinesNs[size];
    }
}
