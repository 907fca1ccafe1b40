package dev.firn.columnar.encoding;

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
    private static final int NONE = -1;

    /** Of what is kept of an entry: its first and its last eight bytes, then where it begins, then its length. */
    private static final int ENTRY_BYTES = 24;

    private static final int TAIL_AT = 8;
    private static final int START_AT = 16;
    private static final int LENGTH_AT = 20;

    /** Values up to so many bytes are their first and their last eight, which overlap. */
    private static final int TWO_WORDS = 2 * Long.BYTES;

    /** Values up to so many bytes have four words, the second and the third of which overlap these or each other. */
    private static final int FOUR_WORDS = 4 * Long.BYTES;

    private static final int ROTATION = 29;

    // Odd, with their bits well mixed.
    private static final long HASH_HEAD = 0x9E3779B97F4A7C15L;
    private static final long HASH_WORD = 0xBF58476D1CE4E5B9L;
    private static final long HASH_LENGTH = 0x94D049BB133111EBL;
    private static final long INDEX_MASK = 0xFFFF_FFFFL;

    /** Hash bits that tell apart what shares a slot. */
    private static final long TAG_MASK = ~INDEX_MASK;

    /** Of a page's values the share that is searched for, from which on no value of the chunk is compared with the one before any more. */
    private static final double REPEATING_SHARE = 0.6;

    private final OffHeapMemory memory;
    private final int width;
    private final long limitBytes;
    private final GrowingBuffer plain;

    /** Of each variable entry its first and last bytes as numbers, where its bytes begin in {@link #plain}, and how many there are. */
    private final GrowingBuffer heads;

    /** Of each variable entry the page that it was last seen in. */
    private final GrowingBuffer marks;

    /** The rows of the last page whose variable values stand there for the first time. */
    private final GrowingBuffer firstRows;

    private final GrowingBuffer indices;
    private int pages;
    private int distinct;

    /** Of a page that has one value alone, its index; else less than 0. */
    private int onlyIndex;

    /** Values of the last page that were looked up, since the one before was another. */
    private int lookups;

    /** Whether values are compared with the one before, which pays where it is often the same: no processor can tell when it is. */
    private boolean looksBack = true;

    private MemorySegment table;
    private int slots;
    private int entries;

    /** @param limitBytes of the dictionary: what goes beyond it is not taken. */
    public DictionaryEncoder(final OffHeapMemory memory, final int width, final long limitBytes) {
        this.memory = memory;
        this.width = width;
        this.limitBytes = limitBytes;
        plain = new GrowingBuffer(memory, TABLE);
        heads = new GrowingBuffer(memory, TABLE);
        marks = new GrowingBuffer(memory, TABLE);
        firstRows = new GrowingBuffer(memory, TABLE);
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
        looksBack = true;
        plain.clear();
        heads.clear();
        marks.clear();
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
        lookups = 0;
        onlyIndex = -1;
        final boolean whole = page.isConstant()
                ? only(page)
                : switch (width) {
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
        looksBack = looksBack && lookups < count * REPEATING_SHARE;
        return true;
    }

    /** Appends the indices of the page that was looked up last: their width, then the hybrid. */
    public void encodeIndices(final GrowingBuffer out) {
        final int bits = HybridEncoder.widthOf(Math.max(0, entries - 1));
        out.putByte(bits);
        if (onlyIndex >= 0) {
            HybridEncoder.run((int) (indices.length() / Integer.BYTES), onlyIndex, bits, out);
            return;
        }
        HybridEncoder.ints(indices.segment(), 0, (int) (indices.length() / Integer.BYTES), bits, out);
    }

    /** How many values of the page that was looked up last were searched for: of a chunk's first page not those that repeat the one before. */
    public int lookups() {
        return lookups;
    }

    /** A page whose values are all the same. */
    private boolean only(final PageValues page) {
        final MemorySegment values = page.values();
        final long at = page.start(0);
        lookups = 1;
        if (width == PageValues.VARIABLE) {
            final int length = page.length(0);
            final long head = head(values, at, length);
            onlyIndex = indexOfBytes(values, at, length, head, tail(values, at, length));
            LittleEndian.putInt(firstRows.ensure(Integer.BYTES), 0, 0);
            distinct = 1;
        } else {
            onlyIndex = switch (width) {
                case Long.BYTES -> indexOfLong(LittleEndian.getLong(values, at), values, at);
                case Integer.BYTES -> indexOfInt(LittleEndian.getInt(values, at), values, at);
                default -> indexOfFixed(values, at);
            };
        }
        return plain.length() <= limitBytes;
    }

    // Each of the loops looks at the value before first: values that repeat mostly do so at once.

    private boolean longs(final PageValues page, final MemorySegment out) {
        final MemorySegment values = page.values();
        int row = 0;
        while (row < page.count()) {
            row = knownLongs(page, row, out, table, slots - 1, plain.ensure(0));
            if (row < page.count()) {
                final long at = page.start(row);
                indexOfLong(LittleEndian.getLong(values, at), values, at);
                if (plain.length() > limitBytes) {
                    return false;
                }
            }
        }
        return true;
    }

    /** As {@link #known}, of numbers of 64 bits. */
    private int knownLongs(
            final PageValues page,
            final int first,
            final MemorySegment out,
            final MemorySegment hashes,
            final int mask,
            final MemorySegment entryValues) {
        final MemorySegment values = page.values();
        LittleEndian.requireNative(values);
        LittleEndian.requireNative(out);
        LittleEndian.requireNative(hashes);
        LittleEndian.requireNative(entryValues);
        final boolean back = looksBack;
        final int count = page.count();
        long at = page.start(first);
        long previous = 0;
        int index = NONE;
        int searched = 0;
        int row = first;
        rows:
        for (; row < count; row++, at += Long.BYTES) {
            final long value = LittleEndian.getLong(values, at);
            if (!back || index == NONE || value != previous) {
                final long hash = hash(value);
                int slot = (int) hash & mask;
                while (true) {
                    final long found = LittleEndian.getLong(hashes, (long) slot * Long.BYTES);
                    if (found == 0) {
                        break rows;
                    }
                    index = (int) found - 1;
                    if (((found ^ hash) & TAG_MASK) == 0
                            && LittleEndian.getLong(entryValues, (long) index * Long.BYTES) == value) {
                        break;
                    }
                    slot = slot + 1 & mask;
                }
                searched++;
                previous = value;
            }
            LittleEndian.putInt(out, (long) row * Integer.BYTES, index);
        }
        lookups += searched;
        return row;
    }

    private int indexOfLong(final long value, final MemorySegment values, final long at) {
        final long hash = hash(value);
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
        int row = 0;
        while (row < page.count()) {
            row = knownInts(page, row, out, table, slots - 1);
            if (row < page.count()) {
                final long at = page.start(row);
                indexOfInt(LittleEndian.getInt(values, at), values, at);
                if (plain.length() > limitBytes) {
                    return false;
                }
            }
        }
        return true;
    }

    /** As {@link #known}, of numbers of 32 bits: a slot has the whole value. */
    private int knownInts(
            final PageValues page,
            final int first,
            final MemorySegment out,
            final MemorySegment hashes,
            final int mask) {
        final MemorySegment values = page.values();
        LittleEndian.requireNative(values);
        LittleEndian.requireNative(out);
        LittleEndian.requireNative(hashes);
        final boolean back = looksBack;
        final int count = page.count();
        long at = page.start(first);
        int previous = 0;
        int index = NONE;
        int searched = 0;
        int row = first;
        rows:
        for (; row < count; row++, at += Integer.BYTES) {
            final int value = LittleEndian.getInt(values, at);
            if (!back || index == NONE || value != previous) {
                int slot = (int) hash(value) & mask;
                while (true) {
                    final long found = LittleEndian.getLong(hashes, (long) slot * Long.BYTES);
                    if (found == 0) {
                        break rows;
                    }
                    if ((int) (found >>> Integer.SIZE) == value) {
                        index = (int) found - 1;
                        break;
                    }
                    slot = slot + 1 & mask;
                }
                searched++;
                previous = value;
            }
            LittleEndian.putInt(out, (long) row * Integer.BYTES, index);
        }
        lookups += searched;
        return row;
    }

    private int indexOfInt(final int value, final MemorySegment values, final long at) {
        final long hash = hash(value);
        int slot = (int) hash & slots - 1;
        while (true) {
            final long found = LittleEndian.getLong(table, (long) slot * Long.BYTES);
            if (found == 0) {
                return addFixed(slot, hash, values, at);
            }
            if ((int) (found >>> Integer.SIZE) == value) {
                return (int) found - 1;
            }
            slot = slot + 1 & slots - 1;
        }
    }

    private boolean others(final PageValues page, final MemorySegment out) {
        final MemorySegment values = page.values();
        LittleEndian.requireNative(values);
        LittleEndian.requireNative(out);
        int index = -1;
        for (int i = 0; i < page.count(); i++) {
            final long at = page.valuesAt() + (long) i * width;
            if (index < 0 || !equal(values, at - width, values, at, width)) {
                lookups++;
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
        final long hash = hashFixed(values, at);
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
        final int count = page.count();
        firstRows.ensure((long) count * Integer.BYTES);
        pages++;
        distinct = 0;
        int row = 0;
        while (row < count) {
            row = known(page, row, out, table, slots - 1, heads.ensure(0), plain.ensure(0), marks.ensure(0));
            if (row < count) {
                final MemorySegment values = page.values();
                final long start = page.start(row);
                final int length = page.length(row);
                final long head = head(values, start, length);
                final long tail = tail(values, start, length);
                indexOfBytes(values, start, length, head, tail);
                if (plain.length() > limitBytes) {
                    return false;
                }
            }
        }
        return true;
    }

    /**
     * Gives the values from a row on their indices, up to the first that the dictionary does not have; which row that is. Apart, so that nothing in
     * its loop can change where anything lies.
     */
    private int known(
            final PageValues page,
            final int first,
            final MemorySegment out,
            final MemorySegment hashes,
            final int mask,
            final MemorySegment known,
            final MemorySegment bytes,
            final MemorySegment marked) {
        final MemorySegment values = page.values();
        final MemorySegment offsets = page.offsets();
        final MemorySegment rows = firstRows.segment();
        LittleEndian.requireNative(values);
        LittleEndian.requireNative(offsets);
        LittleEndian.requireNative(rows);
        LittleEndian.requireNative(out);
        LittleEndian.requireNative(hashes);
        LittleEndian.requireNative(known);
        LittleEndian.requireNative(bytes);
        LittleEndian.requireNative(marked);
        final int count = page.count();
        final int here = pages;
        final boolean back = looksBack;
        int searched = 0;
        int fresh = distinct;
        int index = NONE;
        long before = 0;
        long beforeHead = 0;
        long beforeTail = 0;
        int beforeLength = -1;
        long start = page.start(first);
        long endAt = page.offsetsAt() + (first + 1L) * Integer.BYTES;
        int row = first;
        for (; row < count; row++, endAt += Integer.BYTES) {
            final long end = LittleEndian.getUnsignedInt(offsets, endAt);
            final int length = (int) (end - start);
            final long head = head(values, start, length);
            final long tail = tail(values, start, length);
            // Values that repeat mostly do so at once.
            if (!back
                    || ((head ^ beforeHead) | (tail ^ beforeTail) | (length ^ beforeLength)) != 0
                    || (length > TWO_WORDS && !equalWithin(values, before, values, start, length))) {
                final long hash = hash(values, start, length, head, tail);
                index = find(values, start, length, head, tail, hash, hashes, mask, known, bytes);
                if (index == NONE) {
                    break;
                }
                searched++;
                final long mark = (long) index * Integer.BYTES;
                if (LittleEndian.getInt(marked, mark) != here) {
                    LittleEndian.putInt(marked, mark, here);
                    LittleEndian.putInt(rows, (long) fresh++ * Integer.BYTES, row);
                }
                beforeHead = head;
                beforeTail = tail;
                beforeLength = length;
            }
            before = start;
            LittleEndian.putInt(out, (long) row * Integer.BYTES, index);
            start = end;
        }
        lookups += searched;
        distinct = fresh;
        return row;
    }

    /** The index of a value, or {@link #NONE}. */
    private static int find(
            final MemorySegment values,
            final long at,
            final int length,
            final long head,
            final long tail,
            final long hash,
            final MemorySegment hashes,
            final int mask,
            final MemorySegment known,
            final MemorySegment bytes) {
        LittleEndian.requireNative(values);
        LittleEndian.requireNative(hashes);
        LittleEndian.requireNative(known);
        LittleEndian.requireNative(bytes);
        int slot = (int) hash & mask;
        while (true) {
            final long found = LittleEndian.getLong(hashes, (long) slot * Long.BYTES);
            if (found == 0) {
                return NONE;
            }
            if ((found & TAG_MASK) == (hash & TAG_MASK)) {
                final int index = (int) found - 1;
                final long entry = (long) index * ENTRY_BYTES;
                if (((LittleEndian.getLong(known, entry) ^ head)
                                        | (LittleEndian.getLong(known, entry + TAIL_AT) ^ tail)
                                        | (LittleEndian.getInt(known, entry + LENGTH_AT) ^ length))
                                == 0
                        && (length <= TWO_WORDS
                                || equalWithin(
                                        bytes, LittleEndian.getInt(known, entry + START_AT), values, at, length))) {
                    return index;
                }
            }
            slot = slot + 1 & mask;
        }
    }

    /** How many different values of variable length the page had that was looked up last. */
    public int distinct() {
        return distinct;
    }

    /** The rows of that page, as 32-bit numbers, each the first with its value. Borrowed until the next page. */
    public MemorySegment firstRows() {
        return firstRows.segment();
    }

    /** The first eight bytes of a value as a number; of a shorter one zeroes follow. Nothing in it depends on the length but where memory ends. */
    private static long head(final MemorySegment in, final long at, final int length) {
        if (at + Long.BYTES <= in.byteSize()) {
            return LittleEndian.getLong(in, at) & mask(length);
        }
        long head = 0;
        for (int i = 0; i < length; i++) {
            head |= (long) LittleEndian.getUnsignedByte(in, at + i) << (i * Byte.SIZE);
        }
        return head;
    }

    /** The last eight bytes of a value as a number; of one that its head says all of, its head. */
    private static long tail(final MemorySegment in, final long at, final int length) {
        return at + Long.BYTES <= in.byteSize()
                ? LittleEndian.getLong(in, at + Math.max(0, length - Long.BYTES)) & mask(length)
                : head(in, at, length);
    }

    /** The bits of as many bytes, eight at most: shifted in halves, since 64 at once are none. */
    private static long mask(final int length) {
        final int half = Math.min(length, Long.BYTES) * (Byte.SIZE / 2);
        return ~(-1L << half << half);
    }

    /** Of this table alone: it has to be good and quick for values of a few words, and nobody reads it. */
    private static long hash(
            final MemorySegment in, final long at, final int length, final long head, final long tail) {
        long hash = (head ^ length * HASH_LENGTH) * HASH_HEAD;
        if (length > FOUR_WORDS) {
            for (int i = Long.BYTES; i < length - Long.BYTES; i += Long.BYTES) {
                hash = (Long.rotateLeft(hash, ROTATION) ^ LittleEndian.getLong(in, at + i)) * HASH_WORD;
            }
        } else if (length > TWO_WORDS) {
            hash ^= LittleEndian.getLong(in, at + Long.BYTES) * HASH_WORD;
            hash = (Long.rotateLeft(hash, ROTATION) ^ LittleEndian.getLong(in, at + length - TWO_WORDS)) * HASH_LENGTH;
        }
        hash = (Long.rotateLeft(hash, ROTATION) ^ tail) * HASH_WORD;
        return hash ^ hash >>> Integer.SIZE;
    }

    /** Numbers may differ in their upper bits alone, as doubles do, which a product would leave there. */
    private static long hash(final long value) {
        final long hash = (value ^ value >>> Integer.SIZE) * HASH_HEAD;
        return hash ^ hash >>> Integer.SIZE;
    }

    /** What tells apart is the value itself. */
    private static long hash(final int value) {
        return (long) value << Integer.SIZE | (value * HASH_HEAD) >>> Integer.SIZE;
    }

    private long hashFixed(final MemorySegment in, final long at) {
        if (width != TWO_WORDS) {
            return XxHash64.hash(in, at, width);
        }
        final long hash = (Long.rotateLeft(LittleEndian.getLong(in, at) * HASH_HEAD, ROTATION)
                        ^ LittleEndian.getLong(in, at + Long.BYTES))
                * HASH_WORD;
        return hash ^ hash >>> Integer.SIZE;
    }

    private int indexOfBytes(
            final MemorySegment values, final long at, final int length, final long head, final long tail) {
        final long hash = hash(values, at, length, head, tail);
        final int index =
                find(values, at, length, head, tail, hash, table, slots - 1, heads.ensure(0), plain.ensure(0));
        if (index != NONE) {
            return index;
        }
        int slot = (int) hash & slots - 1;
        while (LittleEndian.getLong(table, (long) slot * Long.BYTES) != 0) {
            slot = slot + 1 & slots - 1;
        }
        return addBytes(slot, hash, values, at, length, head, tail);
    }

    /** Whether two values are equal between their first and their last eight bytes, word by word, the last of which may reach into these. */
    private static boolean equalWithin(
            final MemorySegment one, final long oneAt, final MemorySegment other, final long otherAt, final int bytes) {
        if (bytes <= FOUR_WORDS) {
            final int last = bytes - TWO_WORDS;
            return ((LittleEndian.getLong(one, oneAt + Long.BYTES) ^ LittleEndian.getLong(other, otherAt + Long.BYTES))
                            | (LittleEndian.getLong(one, oneAt + last) ^ LittleEndian.getLong(other, otherAt + last)))
                    == 0;
        }
        for (int i = Long.BYTES; i < bytes - Long.BYTES; i += Long.BYTES) {
            if (LittleEndian.getLong(one, oneAt + i) != LittleEndian.getLong(other, otherAt + i)) {
                return false;
            }
        }
        return true;
    }

    private int addFixed(final int slot, final long hash, final MemorySegment values, final long at) {
        put(slot, hash);
        plain.append(values, at, width);
        final int index = entries++;
        room();
        return index;
    }

    private int addBytes(
            final int slot,
            final long hash,
            final MemorySegment values,
            final long at,
            final int length,
            final long head,
            final long tail) {
        put(slot, hash);
        plain.putInt(length);
        final long entry = (long) entries * ENTRY_BYTES;
        final MemorySegment known = heads.ensure(entry + ENTRY_BYTES);
        LittleEndian.putLong(known, entry, head);
        LittleEndian.putLong(known, entry + TAIL_AT, tail);
        LittleEndian.putInt(known, entry + START_AT, (int) plain.length());
        LittleEndian.putInt(known, entry + LENGTH_AT, length);
        heads.setLength(entry + ENTRY_BYTES);
        marks.setLength((long) entries * Integer.BYTES);
        marks.putInt(0);
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
            if (LittleEndian.getUnsignedByte(one, oneAt + i) != LittleEndian.getUnsignedByte(other, otherAt + i)) {
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

    private long hashOfEntry(final int index) {
        if (width == PageValues.VARIABLE) {
            final MemorySegment known = heads.segment();
            final long entry = (long) index * ENTRY_BYTES;
            return hash(
                    plain.segment(),
                    LittleEndian.getInt(known, entry + START_AT),
                    LittleEndian.getInt(known, entry + LENGTH_AT),
                    LittleEndian.getLong(known, entry),
                    LittleEndian.getLong(known, entry + TAIL_AT));
        }
        final MemorySegment values = plain.segment();
        return switch (width) {
            case Long.BYTES -> hash(LittleEndian.getLong(values, (long) index * Long.BYTES));
            case Integer.BYTES -> hash(LittleEndian.getInt(values, (long) index * Integer.BYTES));
            default -> hashFixed(values, (long) index * width);
        };
    }

    @Override
    public void close() {
        plain.close();
        heads.close();
        marks.close();
        firstRows.close();
        indices.close();
        if (table != null) {
            memory.free(table);
            table = null;
            slots = 0;
        }
        entries = 0;
    }
}
