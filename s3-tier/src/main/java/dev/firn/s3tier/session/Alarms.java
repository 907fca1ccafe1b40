package dev.firn.s3tier.session;

import java.util.Arrays;

/**
 * The alarms of one session, a binary heap by time. Asking whether one is due costs one comparison and makes no object.
 *
 * <p>Times are compared by their difference, as {@code System.nanoTime} asks: they may wrap around.
 */
final class Alarms {
    private Alarm[] heap = new Alarm[64];
    private int count;

    /** Sets it, or moves it when it is set already. */
    void set(final Alarm alarm, final long atNs) {
        clear(alarm);
        if (count == heap.length) {
            heap = Arrays.copyOf(heap, count * 2);
        }
        alarm.atNs = atNs;
        place(alarm, count++);
        up(alarm.heapIndex);
    }

    void clear(final Alarm alarm) {
        final int index = alarm.heapIndex;
        if (index == Alarm.NOT_SET) {
            return;
        }
        alarm.heapIndex = Alarm.NOT_SET;
        final Alarm last = heap[--count];
        heap[count] = null;
        if (last != alarm) {
            place(last, index);
            up(index);
            down(last.heapIndex);
        }
    }

    /** Rings all that are due, the earliest first; returns how many. An alarm may set others. */
    int ring(final long nowNs) {
        int rung = 0;
        // What rings may set alarms that are due at once: they wait for the next turn, so that a turn ends.
        for (int most = count; most > 0 && count > 0 && heap[0].atNs - nowNs <= 0; most--) {
            final Alarm due = heap[0];
            clear(due);
            due.ring(nowNs);
            rung++;
        }
        return rung;
    }

    int count() {
        return count;
    }

    private void up(final int start) {
        int index = start;
        while (index > 0) {
            final int parent = (index - 1) >>> 1;
            if (heap[index].atNs - heap[parent].atNs >= 0) {
                return;
            }
            swap(index, parent);
            index = parent;
        }
    }

    private void down(final int start) {
        int index = start;
        while (true) {
            final int left = 2 * index + 1;
            if (left >= count) {
                return;
            }
            final int right = left + 1;
            final int least = right < count && heap[right].atNs - heap[left].atNs < 0 ? right : left;
            if (heap[least].atNs - heap[index].atNs >= 0) {
                return;
            }
            swap(index, least);
            index = least;
        }
    }

    private void swap(final int a, final int b) {
        final Alarm first = heap[a];
        place(heap[b], a);
        place(first, b);
    }

    private void place(final Alarm alarm, final int index) {
        heap[index] = alarm;
        alarm.heapIndex = index;
    }
}
