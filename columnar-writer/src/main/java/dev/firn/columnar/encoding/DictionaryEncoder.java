package dev.firn.columnar.encoding;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.firn.columnar.buffer.GrowingBuffer;
import dev.firn.columnar.kernel.XxHash64;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;

/**
 * RLE_DICTIONARY: the distinct values of a column chunk in the order in which they came, as PLAIN, and the values of a page as indices into them.
 *
 * <p>An open hash table over the dictionary's own bytes: a slot holds an index plus one, and as many bits of the hash as are left, so that almost
 * no value is compared in vain. It is half full at most.
 */
public final class DictionaryEncoder implements AutoCloseable {
    private static final MemoryTag TABLE = MemoryTag.of("lake-dictionary");
    private static final int LEAST_SLOTS = 1 << 10;
    private static final long INDEX_MASK = 0xFFFF_FFFFL;

    /** Hash bits that tell apart what shares a slot. */
    private static final long TAG_MASK = ~INDEX_MASK;

    private final OffHeapMemory memory;
    private final int width;
    private final long limitBytes;
    private final GrowingBuffer plain;

    /** Where each entry's bytes begin in {@link #plain}; of variable ones. */
    private final GrowingBuffer starts;

    private final GrowingBuffer indices;
    private MemorySegment table;
    private int slots;
    private int entries;

    /** @param limitBytes of the dictionary: what goes beyond it is not taken. */
    public DictionaryEncoder(final OffHeapMemory memory, final int width, final long limitBytes) {
        this.memory = memory;
        this.width = width;
        this.limitBytes = limitBytes;
        plain = new GrowingBuffer(memory, TABLE);
        starts = new GrowingBuffer(memory, TABLE);
        indices = new GrowingBuffer(memory, TABLE);
    }

    public int entries() {
        return entries;
    }

    /** The dictionary page's values. */
    public GrowingBuffer plain() {
        return plain;
    }

    /** Forgets everything, and keeps the memory. */
    public void reset() {
        entries = 0;
        plain.clear();
        starts.clear();
        if (table != null) {
            table.fill((byte) 0);
        }
    }

    /**
     * Looks a page's values up, and takes in those that are new.
     *
     * @return whether all have an index now; else the dictionary is as before, full, and takes no more.
     */
    public boolean index(final PageValues page) {
        final int before = entries;
        final long beforeBytes = plain.length();
        final int count = page.count();
        // A group more: the hybrid reads whole groups.
        final MemorySegment out = indices.ensure((long) count * Integer.BYTES + Long.BYTES * Integer.BYTES);
        room();
        final boolean whole = switch (width) {
            case PageValues.VARIABLE -> variable(page, out);
            case Long.BYTES -> longs(page, out);
            case Integer.BYTES -> ints(page, out);
            default -> others(page, out);
        };
        if (!whole) {
            entries = before;
            plain.setLength(beforeBytes);
            return false;
        }
        indices.setLength((long) count * Integer.BYTES);
        return true;
    }

    /** Appends the indices of the page that was looked up last: their width, then the hybrid. */
    public void encodeIndices(final GrowingBuffer out) {
        final int bits = HybridEncoder.widthOf(Math.max(0, entries - 1));
        out.putByte(bits);
        HybridEncoder.ints(indices.segment(), 0, (int) (indices.length() / Integer.BYTES), bits, out);
    }

    // Each of the loops looks at the value before first: values that repeat mostly do so at once.

    private boolean longs(final PageValues page, final MemorySegment out) {
        final MemorySegment values = page.values();
        long previous = 0;
        int index = -1;
        for (int i = 0; i < page.count(); i++) {
            final long at = page.valuesAt() + (long) i * Long.BYTES;
            final long value = LittleEndian.getLong(values, at);
            if (index < 0 || value != previous) {
                index = indexOfLong(value, values, at);
                previous = value;
                if (plain.length() > limitBytes) {
                    return false;
                }
            }
            LittleEndian.putInt(out, (long) i * Integer.BYTES, index);
        }
        return true;
    }

    private int indexOfLong(final long value, final MemorySegment values, final long at) {
        final long hash = XxHash64.hashLong(value);
        int slot = (int) hash & slots - 1;
        while (true) {
            final long found = LittleEndian.getLong(table, (long) slot * Long.BYTES);
            if (found == 0) {
                return addFixed(slot, hash, values, at);
            }
            if ((found & TAG_MASK) == (hash & TAG_MASK)
                    && LittleEndian.getLong(plain.segment(), ((int) found - 1L) * Long.BYTES) == value) {
                return (int) found - 1;
            }
            slot = slot + 1 & slots - 1;
        }
    }

    private boolean ints(final PageValues page, final MemorySegment out) {
        final MemorySegment values = page.values();
        int previous = 0;
        int index = -1;
        for (int i = 0; i < page.count(); i++) {
            final long at = page.valuesAt() + (long) i * Integer.BYTES;
            final int value = LittleEndian.getInt(values, at);
            if (index < 0 || value != previous) {
                index = indexOfInt(value, values, at);
                previous = value;
                if (plain.length() > limitBytes) {
                    return false;
                }
            }
            LittleEndian.putInt(out, (long) i * Integer.BYTES, index);
        }
        return true;
    }

    private int indexOfInt(final int value, final MemorySegment values, final long at) {
        final long hash = XxHash64.hashInt(value);
        int slot = (int) hash & slots - 1;
        while (true) {
            final long found = LittleEndian.getLong(table, (long) slot * Long.BYTES);
            if (found == 0) {
                return addFixed(slot, hash, values, at);
            }
            if ((found & TAG_MASK) == (hash & TAG_MASK)
                    && LittleEndian.getInt(plain.segment(), ((int) found - 1L) * Integer.BYTES) == value) {
                return (int) found - 1;
            }
            slot = slot + 1 & slots - 1;
        }
    }

    private boolean others(final PageValues page, final MemorySegment out) {
        final MemorySegment values = page.values();
        int index = -1;
        for (int i = 0; i < page.count(); i++) {
            final long at = page.valuesAt() + (long) i * width;
            if (index < 0 || !equal(values, at - width, values, at, width)) {
                index = indexOfFixed(values, at);
                if (plain.length() > limitBytes) {
                    return false;
                }
            }
            LittleEndian.putInt(out, (long) i * Integer.BYTES, index);
        }
        return true;
    }

    private int indexOfFixed(final MemorySegment values, final long at) {
        final long hash = XxHash64.hash(values, at, width);
        int slot = (int) hash & slots - 1;
        while (true) {
            final long found = LittleEndian.getLong(table, (long) slot * Long.BYTES);
            if (found == 0) {
                return addFixed(slot, hash, values, at);
            }
            if ((found & TAG_MASK) == (hash & TAG_MASK)
                    && equal(plain.segment(), ((int) found - 1L) * width, values, at, width)) {
                return (int) found - 1;
            }
            slot = slot + 1 & slots - 1;
        }
    }

    private boolean variable(final PageValues page, final MemorySegment out) {
        final MemorySegment values = page.values();
        final MemorySegment offsets = page.offsets();
        long start = page.start(0);
        long previous = 0;
        int previousLength = -1;
        int index = -1;
        for (int i = 0; i < page.count(); i++) {
            final long end = LittleEndian.getUnsignedInt(offsets, page.offsetsAt() + (i + 1L) * Integer.BYTES);
            final int length = (int) (end - start);
            if (length != previousLength || !equal(values, previous, values, start, length)) {
                index = indexOfBytes(values, start, length);
                if (plain.length() > limitBytes) {
                    return false;
                }
            }
            LittleEndian.putInt(out, (long) i * Integer.BYTES, index);
            previous = start;
            previousLength = length;
            start = end;
        }
        return true;
    }

    private int indexOfBytes(final MemorySegment values, final long at, final int length) {
        final long hash = XxHash64.hash(values, at, length);
        int slot = (int) hash & slots - 1;
        while (true) {
            final long found = LittleEndian.getLong(table, (long) slot * Long.BYTES);
            if (found == 0) {
                return addBytes(slot, hash, values, at, length);
            }
            if ((found & TAG_MASK) == (hash & TAG_MASK)) {
                final int index = (int) found - 1;
                final long entry = LittleEndian.getInt(starts.segment(), (long) index * Integer.BYTES);
                final MemorySegment own = plain.segment();
                if (LittleEndian.getInt(own, entry) == length
                        && equal(own, entry + Integer.BYTES, values, at, length)) {
                    return index;
                }
            }
            slot = slot + 1 & slots - 1;
        }
    }

    private int addFixed(final int slot, final long hash, final MemorySegment values, final long at) {
        put(slot, hash);
        plain.append(values, at, width);
        final int index = entries++;
        room();
        return index;
    }

    private int addBytes(final int slot, final long hash, final MemorySegment values, final long at, final int length) {
        put(slot, hash);
        starts.ensure((long) (entries + 1) * Integer.BYTES);
        LittleEndian.putInt(starts.segment(), (long) entries * Integer.BYTES, (int) plain.length());
        starts.setLength((long) (entries + 1) * Integer.BYTES);
        plain.putInt(length);
        plain.append(values, at, length);
        final int index = entries++;
        room();
        return index;
    }

    private void put(final int slot, final long hash) {
        LittleEndian.putLong(table, (long) slot * Long.BYTES, (hash & TAG_MASK) | entries + 1);
    }

    private static boolean equal(
            final MemorySegment one, final long oneAt, final MemorySegment other, final long otherAt, final int bytes) {
        int i = 0;
        if (bytes >= Long.BYTES) {
            for (; i < bytes - Long.BYTES; i += Long.BYTES) {
                if (LittleEndian.getLong(one, oneAt + i) != LittleEndian.getLong(other, otherAt + i)) {
                    return false;
                }
            }
            // The last word, which may have been looked at in part.
            final int last = bytes - Long.BYTES;
            return LittleEndian.getLong(one, oneAt + last) == LittleEndian.getLong(other, otherAt + last);
        }
        for (; i < bytes; i++) {
            if (one.get(JAVA_BYTE, oneAt + i) != other.get(JAVA_BYTE, otherAt + i)) {
                return false;
            }
        }
        return true;
    }

    /** Sees to it that one more entry leaves the table half empty. */
    private void room() {
        if (2 * (entries + 1) <= slots) {
            return;
        }
        final int larger = Math.max(LEAST_SLOTS, 2 * slots);
        final MemorySegment next = memory.allocateAtLeast((long) larger * Long.BYTES, TABLE);
        next.fill((byte) 0);
        for (int index = 0; index < entries; index++) {
            final long hash = hashOfEntry(index);
            int slot = (int) hash & larger - 1;
            while (LittleEndian.getLong(next, (long) slot * Long.BYTES) != 0) {
                slot = slot + 1 & larger - 1;
            }
            LittleEndian.putLong(next, (long) slot * Long.BYTES, (hash & TAG_MASK) | index + 1);
        }
        if (table != null) {
            memory.free(table);
        }
        table = next;
        slots = larger;
    }

    /** Of the bytes of an entry: also what a bloom filter takes. */
    public long hashOfEntry(final int index) {
        if (width == PageValues.VARIABLE) {
            final long entry = LittleEndian.getInt(starts.segment(), (long) index * Integer.BYTES);
            return XxHash64.hash(plain.segment(), entry + Integer.BYTES, LittleEndian.getInt(plain.segment(), entry));
        }
        return XxHash64.hash(plain.segment(), (long) index * width, width);
    }

    @Override
    public void close() {
        plain.close();
        starts.close();
        indices.close();
        if (table != null) {
            memory.free(table);
            table = null;
            slots = 0;
        }
        entries = 0;
    }
}
