package dev.firn.postgres.page;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A page and what bufpage.c does to it, as simple as can be: each operation works on a copy of the whole page, and the line pointers
 * are a list. For comparison with {@link PageEditor}, of which it uses nothing.
 */
final class NaivePage {
    private record Pointer(int offset, int state, int length) {
        int aligned() {
            return (length + 7) / 8 * 8;
        }

        Pointer movedBy(final int bytes) {
            return new Pointer(offset + bytes, state, length);
        }
    }

    private static final Pointer UNUSED = new Pointer(0, 0, 0);
    private static final int MAX_HEAP_TUPLES = 291;

    private final List<Pointer> pointers = new ArrayList<>();
    private byte[] bytes;
    private int upper;
    private final int special;
    private int flags;

    /** How many line pointers there ever were. */
    private int mostPointers;

    NaivePage(final byte[] bytes, final int special) {
        this.bytes = bytes.clone();
        this.special = special;
        this.upper = special;
    }

    int count() {
        return pointers.size();
    }

    int free() {
        return upper - 24 - 4 * pointers.size();
    }

    boolean isUsed(final int offsetNumber) {
        return pointers.get(offsetNumber - 1).state != 0;
    }

    boolean hasStorage(final int offsetNumber) {
        return pointers.get(offsetNumber - 1).length != 0;
    }

    /** Whether there was room. */
    boolean insert(final int offsetNumber, final byte[] item) {
        if (offsetNumber < 1 || offsetNumber > count() + 1 || free() - 4 < (item.length + 7) / 8 * 8) {
            return false;
        }
        place(item);
        pointers.add(offsetNumber - 1, new Pointer(upper, 1, item.length));
        return true;
    }

    /** Whether there was room, and the place was free. */
    boolean put(final int offsetNumber, final byte[] item, final boolean heap) {
        if (heap && offsetNumber > MAX_HEAP_TUPLES) {
            return false;
        }
        if (offsetNumber == count() + 1) {
            return insert(offsetNumber, item);
        }
        if (offsetNumber < 1 || offsetNumber > count() || isUsed(offsetNumber) || free() < (item.length + 7) / 8 * 8) {
            return false;
        }
        place(item);
        pointers.set(offsetNumber - 1, new Pointer(upper, 1, item.length));
        return true;
    }

    private void place(final byte[] item) {
        upper -= (item.length + 7) / 8 * 8;
        System.arraycopy(item, 0, bytes, upper, item.length);
    }

    void unuse(final int offsetNumber) {
        pointers.set(offsetNumber - 1, UNUSED);
    }

    void kill(final int offsetNumber) {
        pointers.set(offsetNumber - 1, new Pointer(0, 3, 0));
    }

    void redirect(final int from, final int to) {
        pointers.set(from - 1, new Pointer(to, 2, 0));
    }

    void delete(final int offsetNumber) {
        final Pointer gone = pointers.remove(offsetNumber - 1);
        shift(gone.offset, gone.aligned());
    }

    void deleteKeepingPointer(final int offsetNumber) {
        final Pointer gone = pointers.get(offsetNumber - 1);
        if (offsetNumber == count()) {
            pointers.removeLast();
        } else {
            pointers.set(offsetNumber - 1, UNUSED);
        }
        shift(gone.offset, gone.aligned());
    }

    void deleteAll(final int[] offsetNumbers) {
        if (offsetNumbers.length <= 2) {
            for (int i = offsetNumbers.length - 1; i >= 0; i--) {
                delete(offsetNumbers[i]);
            }
            return;
        }
        for (int i = offsetNumbers.length - 1; i >= 0; i--) {
            pointers.remove(offsetNumbers[i] - 1);
        }
        pack();
    }

    boolean overwrite(final int offsetNumber, final byte[] item) {
        final Pointer old = pointers.get(offsetNumber - 1);
        final int change = old.aligned() - (item.length + 7) / 8 * 8;
        if (-change > free()) {
            return false;
        }
        shift(old.offset, change);
        System.arraycopy(item, 0, bytes, old.offset + change, item.length);
        pointers.set(offsetNumber - 1, new Pointer(old.offset + change, old.state, item.length));
        return true;
    }

    /** What lies below an item, and the pointers to it and to that, move by so many bytes. */
    private void shift(final int offset, final int change) {
        final byte[] before = bytes.clone();
        System.arraycopy(before, upper, bytes, upper + change, offset - upper);
        upper += change;
        pointers.replaceAll(
                pointer -> pointer.length != 0 && pointer.offset <= offset ? pointer.movedBy(change) : pointer);
    }

    /** PageRepairFragmentation. */
    void repair() {
        pack();
        while (!pointers.isEmpty() && pointers.getLast().state == 0) {
            pointers.removeLast();
        }
        hint();
    }

    /** PageTruncateLinePointerArray. */
    void truncate() {
        while (count() > 1 && pointers.getLast().state == 0) {
            pointers.removeLast();
        }
        hint();
    }

    private void hint() {
        flags = pointers.stream().anyMatch(pointer -> pointer.state == 0) ? 1 : 0;
    }

    private void pack() {
        final byte[] before = bytes.clone();
        upper = special;
        for (int i = 0; i < count(); i++) {
            final Pointer pointer = pointers.get(i);
            if (pointer.length != 0) {
                upper -= pointer.aligned();
                System.arraycopy(before, pointer.offset, bytes, upper, pointer.aligned());
                pointers.set(i, new Pointer(upper, pointer.state, pointer.length));
            }
        }
    }

    /** The whole page; LSN and checksum are those of {@code actual}. */
    byte[] image(final MemorySegment actual) {
        final ByteBuffer image = ByteBuffer.wrap(bytes.clone()).order(ByteOrder.LITTLE_ENDIAN);
        MemorySegment.copy(actual, ValueLayout.JAVA_BYTE, 0, image.array(), 0, 10);
        image.putShort(10, (short) flags)
                .putShort(12, (short) (24 + 4 * count()))
                .putShort(14, (short) upper);
        for (int i = 0; i < count(); i++) {
            final Pointer pointer = pointers.get(i);
            image.putInt(24 + 4 * i, pointer.offset | pointer.state << 15 | pointer.length << 17);
        }
        return image.array();
    }

    /**
     * Takes over the first bytes of the hole, as far as line pointers ever reached: a pointer that is gone leaves bytes there, which the
     * list knows nothing of. Items may come to lie over them.
     */
    void absorbLinePointers(final MemorySegment actual) {
        final int lower = 24 + 4 * count();
        mostPointers = Math.max(mostPointers, count());
        final int end = Math.min(upper, 24 + 4 * mostPointers);
        if (end > lower) {
            MemorySegment.copy(actual, ValueLayout.JAVA_BYTE, lower, bytes, lower, end - lower);
        }
        for (int i = 0; i < count(); i++) {
            MemorySegment.copy(actual, ValueLayout.JAVA_BYTE, 24 + 4 * i, bytes, 24 + 4 * i, 4);
        }
    }
}
