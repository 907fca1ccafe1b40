package dev.firn.pagestore.layer;

import static dev.firn.pagestore.layer.LayerFormat.CONTENT_HEAD_BYTES;
import static dev.firn.pagestore.layer.LayerFormat.ENTRY_BYTES;
import static dev.firn.pagestore.layer.LayerFormat.KEY_BYTES;

import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;

/**
 * A flyweight over a block's content: finds a key's entries, newest first, and goes over all of them. Entries have numbers from 0 to {@link
 * #entries()}, in their order. Belongs to one thread.
 */
public final class LayerBlock {
    /** No entry. */
    public static final int NONE = -1;

    private LayerIndex index;
    private MemorySegment content;
    private long base;
    private int lengthBytes;
    private int keys;
    private int entries;
    private long entryRows;

    /** A page alone: key and LSN stand in the index. */
    private boolean page;

    private int block;

    /** Of the key that was asked for last. */
    private int firstOfKey;

    /**
     * Lays itself over content that {@link BlockCodec#decode} has written; borrowed until the next wrap.
     *
     * @throws MalformedLayerException when it is no block: all numbers in it are checked here.
     */
    public LayerBlock wrap(
            final LayerIndex newIndex,
            final int newBlock,
            final MemorySegment newContent,
            final long offset,
            final int newLengthBytes) {
        index = newIndex;
        block = newBlock;
        content = newContent;
        base = offset;
        lengthBytes = newLengthBytes;
        page = newIndex.isPage(newBlock);
        firstOfKey = 0;
        if (page) {
            require(newLengthBytes == PageLayout.PAGE_BYTES, "a page of another length");
            entries = 1;
        } else {
            check();
        }
        return this;
    }

    /** The newest entry of a key that is not above an LSN, or {@link #NONE}. */
    public int seek(final long high, final long middle, final long low, final long atLsn) {
        if (page) {
            return low == low(0) && middle == middle(0) && high == high(0) && lsn(0) <= atLsn ? 0 : NONE;
        }
        final int key = key(high, middle, low);
        if (key < 0) {
            return NONE;
        }
        firstOfKey = firstEntry(key);
        int least = firstOfKey;
        int most = endOf(key) - 1;
        while (least <= most) {
            final int between = (least + most) >>> 1;
            if (lsn(between) <= atLsn) {
                least = between + 1;
            } else {
                most = between - 1;
            }
        }
        return most >= firstOfKey ? most : NONE;
    }

    /** The entry of the same key before one that {@link #seek} found, or {@link #NONE}: then {@link LayerIndex#olderBlock} may have more. */
    public int older(final int entry) {
        return entry > firstOfKey ? entry - 1 : NONE;
    }

    public int entries() {
        return entries;
    }

    /** How many keys: they have numbers from 0. */
    public int keys() {
        return page ? 1 : keys;
    }

    /** The number of a key's first entry. */
    public int firstEntry(final int key) {
        return page ? 0 : LittleEndian.getInt(content, keyRow(key) + LayerFormat.KEY_FIRST_ENTRY);
    }

    public long high(final int key) {
        return page ? index.blockHigh(block) : LittleEndian.getLong(content, keyRow(key) + LayerFormat.KEY_HIGH);
    }

    public long middle(final int key) {
        return page ? index.blockMiddle(block) : LittleEndian.getLong(content, keyRow(key) + LayerFormat.KEY_MIDDLE);
    }

    public long low(final int key) {
        return page ? index.blockLow(block) : LittleEndian.getLong(content, keyRow(key) + LayerFormat.KEY_LOW);
    }

    public long lsn(final int entry) {
        return page ? index.blockLsn(block) : LittleEndian.getLong(content, entryRow(entry) + LayerFormat.ENTRY_LSN);
    }

    /** See {@link EntryKind}. */
    public int kindByte(final int entry) {
        return page
                ? EntryKind.IMAGE | EntryKind.STANDS_ALONE
                : LittleEndian.getUnsignedByte(content, entryRow(entry) + LayerFormat.ENTRY_KIND);
    }

    /** Of a record: which of its pages this entry is for; otherwise 0. */
    public int touch(final int entry) {
        return page ? 0 : LittleEndian.getUnsignedShort(content, entryRow(entry) + LayerFormat.ENTRY_TOUCH);
    }

    /** Of a record: where in the log it begins; otherwise 0. */
    public long recordAtLsn(final int entry) {
        final long bytes =
                page ? 0 : LittleEndian.getUnsignedInt(content, entryRow(entry) + LayerFormat.ENTRY_RECORD_BYTES);
        return bytes == 0 ? 0 : lsn(entry) - bytes;
    }

    /** The memory that it was laid over. */
    public MemorySegment payloadSegment() {
        return content;
    }

    public long payloadOffset(final int entry) {
        return page ? base : base + LittleEndian.getInt(content, entryRow(entry) + LayerFormat.ENTRY_PAYLOAD);
    }

    public int payloadLength(final int entry) {
        return page ? lengthBytes : LittleEndian.getInt(content, entryRow(entry) + LayerFormat.ENTRY_LENGTH);
    }

    private long keyRow(final int key) {
        return base + CONTENT_HEAD_BYTES + (long) KEY_BYTES * key;
    }

    private long entryRow(final int entry) {
        return entryRows + (long) ENTRY_BYTES * entry;
    }

    private int endOf(final int key) {
        return key + 1 < keys ? firstEntry(key + 1) : entries;
    }

    private int key(final long high, final long middle, final long low) {
        int least = 0;
        int most = keys - 1;
        while (least <= most) {
            final int between = (least + most) >>> 1;
            final int order = PageKeys.compare(high(between), middle(between), low(between), high, middle, low);
            if (order == 0) {
                return between;
            } else if (order < 0) {
                least = between + 1;
            } else {
                most = between - 1;
            }
        }
        return NONE;
    }

    private void check() {
        require(lengthBytes >= CONTENT_HEAD_BYTES, "it has no head");
        final long keyCount = LittleEndian.getUnsignedInt(content, base + LayerFormat.CONTENT_KEYS);
        final long entryCount = LittleEndian.getUnsignedInt(content, base + LayerFormat.CONTENT_ENTRIES);
        final long rows = CONTENT_HEAD_BYTES + keyCount * KEY_BYTES + entryCount * ENTRY_BYTES;
        require(keyCount >= 1 && entryCount >= keyCount && rows <= lengthBytes, "its counts are not true");
        keys = (int) keyCount;
        entries = (int) entryCount;
        entryRows = base + CONTENT_HEAD_BYTES + keyCount * KEY_BYTES;
        require(
                high(0) == index.blockHigh(block)
                        && middle(0) == index.blockMiddle(block)
                        && low(0) == index.blockLow(block)
                        && lsn(0) == index.blockLsn(block),
                "it does not begin as the index says");
        checkRows(content, rows);
        require(
                index.description().keys().contains(high(keys - 1), middle(keys - 1), low(keys - 1)),
                "its last key is not within the layer");
    }

    /** Each key and each entry once, with few loads: this is most of what a lookup costs besides the decompression. */
    private void checkRows(final MemorySegment bytes, final long rows) {
        final LayerDescription layer = index.description();
        final long leastLsn = layer.kind() == LayerKind.IMAGE ? layer.toLsn() : layer.fromLsn() + 1;
        final long mostLsn = layer.toLsn();
        long keyRow = keyRow(0);
        long entryRow = entryRows;
        long first = LittleEndian.getLong(bytes, keyRow + LayerFormat.KEY_FIRST_ENTRY);
        require(first == 0, "its first key has not the first entry");
        for (int key = 0; key < keys; key++) {
            long end = entries;
            if (key + 1 < keys) {
                final long next = keyRow + KEY_BYTES;
                require(compareRows(bytes, keyRow, next) < 0, "its keys are out of order");
                // The zero behind it makes the number too large where it is none.
                end = LittleEndian.getLong(bytes, next + LayerFormat.KEY_FIRST_ENTRY);
                keyRow = next;
            }
            require(first < end && end <= entries, "a key has no entries");
            long lsn = leastLsn;
            for (long entry = first; entry < end; entry++) {
                final long before = lsn;
                lsn = LittleEndian.getLong(bytes, entryRow + LayerFormat.ENTRY_LSN);
                require(lsn >= before && lsn <= mostLsn, "its entries are out of order, or not within the layer");
                checkEntry(bytes, entryRow, lsn, rows);
                entryRow += ENTRY_BYTES;
            }
            first = end;
        }
    }

    private static int compareRows(final MemorySegment bytes, final long one, final long other) {
        return PageKeys.compare(
                LittleEndian.getLong(bytes, one + LayerFormat.KEY_HIGH),
                LittleEndian.getLong(bytes, one + LayerFormat.KEY_MIDDLE),
                LittleEndian.getLong(bytes, one + LayerFormat.KEY_LOW),
                LittleEndian.getLong(bytes, other + LayerFormat.KEY_HIGH),
                LittleEndian.getLong(bytes, other + LayerFormat.KEY_MIDDLE),
                LittleEndian.getLong(bytes, other + LayerFormat.KEY_LOW));
    }

    private void checkEntry(final MemorySegment bytes, final long row, final long lsn, final long rows) {
        final long payload = LittleEndian.getUnsignedInt(bytes, row + LayerFormat.ENTRY_PAYLOAD);
        final long length = LittleEndian.getUnsignedInt(bytes, row + LayerFormat.ENTRY_LENGTH);
        final long record = LittleEndian.getUnsignedInt(bytes, row + LayerFormat.ENTRY_RECORD_BYTES);
        // Kind, and the zero behind it.
        final int kindByte = LittleEndian.getUnsignedShort(bytes, row + LayerFormat.ENTRY_KIND);
        require(
                payload >= rows
                        && payload + length <= lengthBytes
                        && kindByte <= 0xFF
                        && EntryKind.isValid(kindByte)
                        && (EntryKind.kind(kindByte) == EntryKind.RECORD) == (record != 0)
                        && record <= lsn,
                "an entry's row is not true");
    }

    private void require(final boolean right, final String what) {
        if (!right) {
            throw new MalformedLayerException(
                    "layer " + index.description().name() + ", block at " + index.blockOffset(block) + ": " + what);
        }
    }
}
