package dev.firn.nvmecache;

/** Which of a few numbered things are not in use. */
final class FreeNumbers {
    private final int[] free;
    private int count;

    FreeNumbers(final int size) {
        this.free = new int[size];
        for (int number = size - 1; number >= 0; number--) {
            free[count++] = number;
        }
    }

    boolean isEmpty() {
        return count == 0;
    }

    int used() {
        return free.length - count;
    }

    int take() {
        return free[--count];
    }

    void give(final int number) {
        free[count++] = number;
    }
}
