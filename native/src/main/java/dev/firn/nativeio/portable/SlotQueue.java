package dev.firn.nativeio.portable;

/** Slot numbers, first in first out, bounded by the ring's capacity; the owner's alone. */
final class SlotQueue {
    private final int[] slots;
    private int head;
    private int size;

    SlotQueue(final int capacity) {
        slots = new int[capacity];
    }

    boolean isEmpty() {
        return size == 0;
    }

    int size() {
        return size;
    }

    void add(final int slot) {
        if (size == slots.length) {
            throw new IllegalStateException("more slots are queued than the ring has");
        }
        slots[(head + size) % slots.length] = slot;
        size++;
    }

    int peek() {
        return slots[head];
    }

    int remove() {
        final int slot = slots[head];
        head = (head + 1) % slots.length;
        size--;
        return slot;
    }
}
