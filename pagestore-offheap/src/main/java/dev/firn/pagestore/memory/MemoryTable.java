package dev.firn.pagestore.memory;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.lsn.Lsn;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;

/**
 * Entries by key and LSN in off-heap memory of a fixed size: an arena, filled from its begin with records, entries and their payload, and from its
 * end with keys, until the two meet; and an index of keys by hash. A key leads to its newest entry, each entry to the one before.
 *
 * <p>A record's bytes are kept once, whatever number of pages it touches: {@link #keepRecord} says where, and {@link #addRecord} makes an entry
 * of it for each. Entries are named by a <em>handle</em>, never 0, good as long as the table is.
 *
 * <p>The caller asks {@link #hasRoom} for all of a record's entries before it adds the first: so no record is there by half. Nothing allocates on
 * the heap.
 *
 * <p>One thread writes and reads; after {@link #freeze()} others read too.
 */
public final class MemoryTable implements AutoCloseable {
    /** What a table takes of the memory it was given. */
    public static final MemoryTag TAG = MemoryTag.of("memory-table");

    /** No entry. */
    public static final long NONE = 0;

    /** Most deltas that are counted: far above any limit. */
    public static final int MAX_DELTAS = 0xFFFF;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

    /** Handles and places are counted in these: the arena's first one is never used. */
    private static final int UNIT = Long.BYTES;

    // An entry.
    private static final int LSN = 0;
    private static final int OLDER = 8;
    private static final int PAYLOAD = 12;
    private static final int LENGTH = 16;
    private static final int DELTAS = 20;
    private static final int KIND = 22;
    private static final int TOUCH = 23;
    private static final int ENTRY_BYTES = 24;

    // A record, before its bytes.
    private static final int AT_LSN = 0;
    private static final int NEXT_LSN = 8;
    private static final int RECORD_LENGTH = 16;
    private static final int RECORD_BYTES = 24;

    // A key.
    private static final int HIGH = 0;
    private static final int MIDDLE = 8;
    private static final int LOW = 16;
    private static final int NEWEST = 24;
    private static final int NEXT_KEY = 28;
    static final int KEY_BYTES = 32;

    private final OffHeapMemory memory;
    private final MemorySegment arena;
    private final MemorySegment buckets;
    private final long bucketMask;
    private final long capacity;
    private final long startLsn;

    /** Where the next record or entry goes. */
    private long bottom = UNIT;

    /** Where the last key begins. */
    private long top;

    private int keys;
    private long entries;
    private long endLsn;
    private int owedBytes;
    private int owedEntries;
    private volatile boolean frozen;

    /**
     * An empty table.
     *
     * @param memory at least {@link MemoryTableConfig#totalBytes} of it.
     * @param startLsn what it has begins behind this.
     * @throws dev.firn.nativeio.memory.OutOfOffHeapMemoryException when there is no room.
     */
    public MemoryTable(final OffHeapMemory memory, final MemoryTableConfig config, final long startLsn) {
        this.memory = Objects.requireNonNull(memory, "memory");
        this.arena = memory.allocate(config.bytes(), TAG);
        this.buckets = allocateIndex(config);
        this.bucketMask = config.buckets() - 1L;
        this.capacity = config.bytes();
        this.top = capacity;
        this.startLsn = startLsn;
        this.endLsn = startLsn;
        buckets.fill((byte) 0);
    }

    private MemorySegment allocateIndex(final MemoryTableConfig config) {
        boolean done = false;
        try {
            final MemorySegment index = memory.allocate(config.indexBytes(), TAG);
            done = true;
            return index;
        } finally {
            if (!done) {
                memory.free(arena);
            }
        }
    }

    /** Gives the memory back; nobody reads it any more. */
    @Override
    public void close() {
        memory.free(buckets);
        memory.free(arena);
    }

    /** Entries of a table have LSNs above this one. */
    public long startLsn() {
        return startLsn;
    }

    /** Everything up to here is in this table or in what came before it. */
    public long endLsn() {
        return endLsn;
    }

    /** Moves the end on: all of a record's entries are there. */
    public void endLsn(final long lsn) {
        requireThawed();
        endLsn = lsn;
    }

    /** Nothing is added from now on. */
    public void freeze() {
        frozen = true;
    }

    public boolean isFrozen() {
        return frozen;
    }

    /** How many keys have entries. */
    public int keys() {
        return keys;
    }

    public long entries() {
        return entries;
    }

    /** How much of the size is taken. */
    public long usedBytes() {
        return bottom + capacity - top;
    }

    /** How much memory a scan of all takes for sorting, while it lasts. */
    public long sortBytes() {
        return Math.max(1, 2L * keys * Integer.BYTES);
    }

    /** Whether so many entries fit, with all their payload together, records included, and keys for all of them. */
    public boolean hasRoom(final long payloadBytes, final long newEntries) {
        return worstBytes(payloadBytes, newEntries) <= top - bottom;
    }

    /** Whether {@link #hasRoom} would be so in a table of this size that is empty. */
    public boolean couldHaveRoom(final long payloadBytes, final long newEntries) {
        return worstBytes(payloadBytes, newEntries) <= capacity - UNIT;
    }

    private static long worstBytes(final long payloadBytes, final long newEntries) {
        return payloadBytes + RECORD_BYTES + UNIT + newEntries * (ENTRY_BYTES + KEY_BYTES + UNIT);
    }

    /**
     * Keeps a record's bytes.
     *
     * @return where: for {@link #addRecord}.
     */
    public long keepRecord(
            final MemorySegment bytes, final long offset, final int length, final long atLsn, final long nextLsn) {
        final long at = take(RECORD_BYTES + (long) length);
        arena.set(LONG, at + AT_LSN, atLsn);
        arena.set(LONG, at + NEXT_LSN, nextLsn);
        arena.set(INT, at + RECORD_LENGTH, length);
        MemorySegment.copy(bytes, offset, arena, at + RECORD_BYTES, length);
        return at;
    }

    /** Adds an entry of a kept record, for one of the pages that it touches. Its LSN is the record's end. */
    public long addRecord(
            final long high,
            final long middle,
            final long low,
            final int kindByte,
            final int touch,
            final long position) {
        final long lsn = arena.get(LONG, position + NEXT_LSN);
        final int length = arena.get(INT, position + RECORD_LENGTH);
        final long key = keyToChange(high, middle, low);
        final long entry = newEntry(key, lsn, kindByte, touch);
        arena.set(INT, entry + PAYLOAD, unit(position + RECORD_BYTES));
        arena.set(INT, entry + LENGTH, length);
        return entry;
    }

    /** Adds an entry of any other kind, with a copy of its payload. */
    public long add(
            final long high,
            final long middle,
            final long low,
            final long lsn,
            final int kindByte,
            final MemorySegment payload,
            final long offset,
            final int length) {
        final long key = keyToChange(high, middle, low);
        final long entry = newEntry(key, lsn, kindByte, 0);
        payload(entry, payload, offset, length);
        return entry;
    }

    /** Adds an entry without payload. */
    public long add(final long high, final long middle, final long low, final long lsn, final int kindByte) {
        final long entry = newEntry(keyToChange(high, middle, low), lsn, kindByte, 0);
        arena.set(INT, entry + PAYLOAD, 0);
        arena.set(INT, entry + LENGTH, 0);
        return entry;
    }

    /** Adds a {@link EntryKind#SIZE}. */
    public long addSize(final long high, final long middle, final long low, final long lsn, final int size) {
        final long entry = newEntry(keyToChange(high, middle, low), lsn, EntryKind.SIZE | EntryKind.STANDS_ALONE, 0);
        final long at = take(Integer.BYTES);
        LittleEndian.putInt(arena, at, size);
        arena.set(INT, entry + PAYLOAD, unit(at));
        arena.set(INT, entry + LENGTH, Integer.BYTES);
        return entry;
    }

    /**
     * One more entry is added just before the table is frozen: nothing that could as well stay out takes its room.
     *
     * @param payloadBytes of that entry.
     */
    public void owe(final int payloadBytes) {
        owedBytes = payloadBytes;
        owedEntries = 1;
    }

    /**
     * Adds the page that a read came to, so that the next need not go further back. It takes its place among the key's entries, that of the entry
     * with the same LSN if there is one.
     *
     * @param lsn of the newest entry that is in it, within this table.
     * @return whether there was room, besides that for what is owed, and the table is still written.
     */
    public boolean insertImage(
            final long high,
            final long middle,
            final long low,
            final long lsn,
            final MemorySegment page,
            final long offset) {
        if (frozen
                || lsn <= startLsn
                || lsn > endLsn
                || !hasRoom((long) PageLayout.PAGE_BYTES + owedBytes, 1L + owedEntries)) {
            return false;
        }
        final long key = keyToChange(high, middle, low);
        long above = NONE;
        long below = newestOf(key);
        while (below != NONE && lsn(below) > lsn) {
            above = below;
            below = older(below);
        }
        if (below != NONE && lsn(below) == lsn) {
            below = older(below);
            entries--;
        }
        final long image = take(ENTRY_BYTES);
        entries++;
        arena.set(LONG, image + LSN, lsn);
        arena.set(INT, image + OLDER, unit(below));
        arena.set(SHORT, image + DELTAS, (short) 0);
        arena.set(BYTE, image + KIND, (byte) (EntryKind.IMAGE | EntryKind.STANDS_ALONE));
        arena.set(BYTE, image + TOUCH, (byte) 0);
        payload(image, page, offset, PageLayout.PAGE_BYTES);
        if (above == NONE) {
            arena.set(INT, key + NEWEST, unit(image));
        } else {
            arena.set(INT, above + OLDER, unit(image));
            recount(newestOf(key), image);
        }
        return true;
    }

    /** Counts the deltas between an image that was inserted and what stands alone after it. */
    private void recount(final long newest, final long image) {
        int above = 0;
        long lowest = newest;
        for (long entry = newest; entry != image; entry = older(entry)) {
            if (EntryKind.standsAlone(kindByte(entry))) {
                above = 0;
                lowest = older(entry);
            } else {
                above++;
            }
        }
        for (long entry = lowest; entry != image; entry = older(entry)) {
            arena.set(SHORT, entry + DELTAS, (short) Math.min(above--, MAX_DELTAS));
        }
    }

    /** The newest entry of a key at or below an LSN, or {@link #NONE}. */
    public long newest(final long high, final long middle, final long low, final long atLsn) {
        final long key = key(high, middle, low, bucketOf(high, middle, low));
        long entry = key == NONE ? NONE : newestOf(key);
        while (entry != NONE && lsn(entry) > atLsn) {
            entry = older(entry);
        }
        return entry;
    }

    /** The entry before this one, or {@link #NONE}. */
    public long older(final long entry) {
        return place(arena.get(INT, entry + OLDER));
    }

    public long lsn(final long entry) {
        return arena.get(LONG, entry + LSN);
    }

    /** See {@link EntryKind}. */
    public int kindByte(final long entry) {
        return Byte.toUnsignedInt(arena.get(BYTE, entry + KIND));
    }

    /** Of a record: which of its pages; 0 otherwise. */
    public int touch(final long entry) {
        return Byte.toUnsignedInt(arena.get(BYTE, entry + TOUCH));
    }

    /** How many entries there are from this one back to the one that stands alone, which is not counted; as far as this table has them. */
    public int deltas(final long entry) {
        return Short.toUnsignedInt(arena.get(SHORT, entry + DELTAS));
    }

    /** Where all payload is; borrowed while the table is there. */
    public MemorySegment payloadSegment() {
        return arena;
    }

    public long payloadOffset(final long entry) {
        return place(arena.get(INT, entry + PAYLOAD));
    }

    public int payloadLength(final long entry) {
        return arena.get(INT, entry + LENGTH);
    }

    /** Of a record: where it begins in the log; 0 otherwise. */
    public long recordAtLsn(final long entry) {
        return EntryKind.kind(kindByte(entry)) == EntryKind.RECORD
                ? arena.get(LONG, payloadOffset(entry) - RECORD_BYTES + AT_LSN)
                : Lsn.INVALID;
    }

    /**
     * All entries in order. The table must be frozen.
     *
     * @throws dev.firn.nativeio.memory.OutOfOffHeapMemoryException when there is no room for sorting.
     */
    public MemoryTableScan sorted() {
        return sorted(null);
    }

    /** The entries of a range of keys in order; of all when it is null. The table must be frozen, unless its writer asks and adds nothing meanwhile. */
    public MemoryTableScan sorted(final KeyRange range) {
        return new MemoryTableScan(this, memory, range);
    }

    // For the scan: keys by their number, in the order in which they came.

    long keyAt(final int number) {
        return capacity - (number + 1L) * KEY_BYTES;
    }

    long high(final long key) {
        return arena.get(LONG, key + HIGH);
    }

    long middle(final long key) {
        return arena.get(LONG, key + MIDDLE);
    }

    long low(final long key) {
        return arena.get(LONG, key + LOW);
    }

    long newestOf(final long key) {
        return place(arena.get(INT, key + NEWEST));
    }

    private long newEntry(final long key, final long lsn, final int kindByte, final int touch) {
        final long before = newestOf(key);
        if (before != NONE && lsn <= lsn(before)) {
            throw new IllegalStateException("the memory table has "
                    + PageKeys.describe(high(key), middle(key), low(key)) + " at "
                    + Lsn.format(lsn(before)) + ", and is given it at " + Lsn.format(lsn));
        }
        final long entry = take(ENTRY_BYTES);
        arena.set(LONG, entry + LSN, lsn);
        arena.set(INT, entry + OLDER, unit(before));
        arena.set(BYTE, entry + KIND, (byte) kindByte);
        arena.set(BYTE, entry + TOUCH, (byte) touch);
        final int deltas =
                EntryKind.standsAlone(kindByte) ? 0 : before == NONE ? 1 : Math.min(deltas(before) + 1, MAX_DELTAS);
        arena.set(SHORT, entry + DELTAS, (short) deltas);
        arena.set(INT, key + NEWEST, unit(entry));
        entries++;
        return entry;
    }

    private void payload(final long entry, final MemorySegment payload, final long offset, final int length) {
        final long at = take(length);
        MemorySegment.copy(payload, offset, arena, at, length);
        arena.set(INT, entry + PAYLOAD, unit(at));
        arena.set(INT, entry + LENGTH, length);
    }

    /** The key's place; made when it is new. */
    private long keyToChange(final long high, final long middle, final long low) {
        final long bucket = bucketOf(high, middle, low);
        final long found = key(high, middle, low, bucket);
        if (found != NONE) {
            return found;
        }
        requireThawed();
        requireRoom(KEY_BYTES);
        top -= KEY_BYTES;
        arena.set(LONG, top + HIGH, high);
        arena.set(LONG, top + MIDDLE, middle);
        arena.set(LONG, top + LOW, low);
        arena.set(INT, top + NEWEST, 0);
        arena.set(INT, top + NEXT_KEY, buckets.get(INT, bucket));
        buckets.set(INT, bucket, unit(top));
        keys++;
        return top;
    }

    private long bucketOf(final long high, final long middle, final long low) {
        return (PageKeys.hash(high, middle, low) & bucketMask) * Integer.BYTES;
    }

    private long key(final long high, final long middle, final long low, final long bucket) {
        long key = place(buckets.get(INT, bucket));
        while (key != NONE && (low(key) != low || middle(key) != middle || high(key) != high)) {
            key = place(arena.get(INT, key + NEXT_KEY));
        }
        return key;
    }

    private long take(final long bytes) {
        requireThawed();
        final long whole = bytes + UNIT - 1 & -UNIT;
        requireRoom(whole);
        final long at = bottom;
        bottom += whole;
        return at;
    }

    private void requireRoom(final long bytes) {
        if (bytes > top - bottom) {
            throw new IllegalStateException("the memory table is full: " + bytes + " bytes are added without asking");
        }
    }

    private void requireThawed() {
        if (frozen) {
            throw new IllegalStateException("the memory table is frozen");
        }
    }

    private static int unit(final long place) {
        return (int) (place / UNIT);
    }

    private static long place(final int unit) {
        return Integer.toUnsignedLong(unit) * UNIT;
    }
}
