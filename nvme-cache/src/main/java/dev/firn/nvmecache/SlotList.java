package dev.firn.nvmecache;

/** A list of slots in the order they came, threaded through the {@link SlotTable}. A slot is in one list at most. */
final class SlotList {
    private final SlotTable slots;
    private int newest = SlotTable.NONE;
    private int oldest = SlotTable.NONE;
    private int size;

    SlotList(final SlotTable slots) {
        this.slots = slots;
    }

    int size() {
        return size;
    }

    /** The one that came first, or {@link SlotTable#NONE}. */
    int oldest() {
        return oldest;
    }

    void add(final int slot) {
        slots.next(slot, SlotTable.NONE);
        slots.previous(slot, newest);
        if (newest == SlotTable.NONE) {
            oldest = slot;
        } else {
            slots.next(newest, slot);
        }
        newest = slot;
        size++;
    }

    void remove(final int slot) {
        final int next = slots.next(slot);
        final int previous = slots.previous(slot);
        if (previous == SlotTable.NONE) {
            oldest = next;
        } else {
            slots.next(previous, next);
        }
        if (next == SlotTable.NONE) {
            newest = previous;
        } else {
            slots.previous(next, previous);
        }
        size--;
    }

    int removeOldest() {
        final int slot = oldest;
        if (slot != SlotTable.NONE) {
            remove(slot);
        }
        return slot;
    }
}
