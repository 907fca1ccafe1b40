package dev.firn.pagestore.service;

import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Keys and what they are at an LSN, one behind the other in rising order: the outcome of a scan. A flyweight over memory that is
 * borrowed from {@link #begin} or {@link #wrap} on.
 *
 * <p>Layout, little-endian: how many, and 1 when there are more than had room, each 4 bytes; then of each: the three longs of its key,
 * the length of its value in 4 bytes, the value.
 */
public final class KeyedValues {
    /** What stands before the first. */
    public static final int HEAD_BYTES = 8;

    /** What stands before each value. */
    public static final int ITEM_HEAD_BYTES = 28;

    private MemorySegment memory;
    private long base;
    private int limit;
    private int count;
    private int end;
    private int read;
    private int item;

    /** Begins to write: none so far, and none left out. */
    public KeyedValues begin(final MemorySegment into, final long offset, final int maxBytes) {
        if (maxBytes < HEAD_BYTES) {
            throw new IllegalArgumentException("keyed values have no room in " + maxBytes + " bytes");
        }
        memory = into;
        base = offset;
        limit = maxBytes;
        count = 0;
        end = HEAD_BYTES;
        putHead(false);
        return this;
    }

    /** Adds one behind the last; false, and nothing added, when it has no room: then {@link #more} is set. */
    public boolean add(
            final long high,
            final long middle,
            final long low,
            final MemorySegment value,
            final long valueOffset,
            final int valueBytes) {
        if (limit - end < (long) ITEM_HEAD_BYTES + valueBytes) {
            putHead(true);
            return false;
        }
        final long at = base + end;
        LittleEndian.putLong(memory, at, high);
        LittleEndian.putLong(memory, at + 8, middle);
        LittleEndian.putLong(memory, at + 16, low);
        LittleEndian.putInt(memory, at + 24, valueBytes);
        MemorySegment.copy(value, valueOffset, memory, at + ITEM_HEAD_BYTES, valueBytes);
        end += ITEM_HEAD_BYTES + valueBytes;
        count++;
        putHead(false);
        return true;
    }

    private void putHead(final boolean more) {
        LittleEndian.putInt(memory, base, count);
        LittleEndian.putInt(memory, base + 4, more ? 1 : 0);
    }

    /** How many bytes are written. */
    public int lengthBytes() {
        return end;
    }

    /**
     * Begins to read.
     *
     * @throws IllegalArgumentException when the bytes are not what this class writes.
     */
    public KeyedValues wrap(final MemorySegment from, final long offset, final int lengthBytes) {
        if (!tryWrap(from, offset, lengthBytes)) {
            throw new IllegalArgumentException("these " + lengthBytes + " bytes are no keys and values");
        }
        return this;
    }

    /** Begins to read; false when the bytes are not what this class writes. */
    public boolean tryWrap(final MemorySegment from, final long offset, final int lengthBytes) {
        memory = from;
        base = offset;
        limit = lengthBytes;
        if (lengthBytes < HEAD_BYTES) {
            return false;
        }
        count = LittleEndian.getInt(memory, base);
        final int more = LittleEndian.getInt(memory, base + 4);
        if (count < 0 || (more != 0 && more != 1)) {
            return false;
        }
        end = HEAD_BYTES;
        for (int i = 0; i < count; i++) {
            final int valueBytes = limit - end < ITEM_HEAD_BYTES ? -1 : LittleEndian.getInt(memory, base + end + 24);
            if (valueBytes < 0 || valueBytes > limit - end - ITEM_HEAD_BYTES) {
                return false;
            }
            end += ITEM_HEAD_BYTES + valueBytes;
        }
        if (end != limit) {
            return false;
        }
        rewind();
        return true;
    }

    /** Goes before the first again. */
    public void rewind() {
        read = 0;
        item = HEAD_BYTES;
        end = HEAD_BYTES;
    }

    /** Goes to the next; false behind the last. */
    public boolean next() {
        if (read == count) {
            return false;
        }
        read++;
        item = end;
        end += ITEM_HEAD_BYTES + valueBytes();
        return true;
    }

    public int count() {
        return count;
    }

    /** Whether there are more from behind the last on. */
    public boolean more() {
        return LittleEndian.getInt(memory, base + 4) != 0;
    }

    public long high() {
        return LittleEndian.getLong(memory, base + item);
    }

    public long middle() {
        return LittleEndian.getLong(memory, base + item + 8);
    }

    public long low() {
        return LittleEndian.getLong(memory, base + item + 16);
    }

    public int valueBytes() {
        return LittleEndian.getInt(memory, base + item + 24);
    }

    /** Where the value stands in {@link #memory}. */
    public long valueOffset() {
        return base + item + ITEM_HEAD_BYTES;
    }

    public MemorySegment memory() {
        return memory;
    }

    /** The value as a number of blocks or pages. */
    public int size() {
        if (valueBytes() != Integer.BYTES) {
            throw new IllegalArgumentException("a size has 4 bytes, not " + valueBytes());
        }
        return LittleEndian.getInt(memory, valueOffset());
    }

    /** A copy of the value. */
    public byte[] value() {
        return memory.asSlice(valueOffset(), valueBytes()).toArray(ValueLayout.JAVA_BYTE);
    }
}
