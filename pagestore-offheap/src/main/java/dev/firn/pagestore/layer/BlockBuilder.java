package dev.firn.pagestore.layer;

import static dev.firn.pagestore.layer.LayerFormat.CONTENT_HEAD_BYTES;
import static dev.firn.pagestore.layer.LayerFormat.ENTRY_BYTES;
import static dev.firn.pagestore.layer.LayerFormat.KEY_BYTES;
import static dev.firn.pagestore.layer.LayerFormat.MAX_CONTENT_BYTES;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.key.Entry;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Gathers the entries of one block. A record that touches several keys of the block is stored once: that of a bulk load touches 32 pages that follow
 * one another, and has the images of all.
 */
final class BlockBuilder implements AutoCloseable {
    /** The longest payload: no value of Postgres' is longer than 1 GiB, and its rows must fit beside it. */
    static final int MAX_PAYLOAD_BYTES = MAX_CONTENT_BYTES - CONTENT_HEAD_BYTES - KEY_BYTES - ENTRY_BYTES;

    private static final MemoryTag BLOCK = MemoryTag.of("layer-block");

    /** How many of the records before are remembered, by where they begin. */
    private static final int RECORDS = 64;

    private static final long MULTIPLIER = 0x9E37_79B9_7F4A_7C15L;
    private static final int RECORD_SHIFT = Long.SIZE - 6;

    private final GrowingBuffer keyRows;
    private final GrowingBuffer entryRows;
    private final GrowingBuffer payloads;
    private final GrowingBuffer content;

    /** By slot: where a record begins in the log, its payload's place, and its length. */
    private final long[] recordAt = new long[RECORDS];

    private final long[] recordPayload = new long[RECORDS];
    private final int[] recordLength = new int[RECORDS];

    private int keys;
    private int entries;
    private long high;
    private long middle;
    private long low;

    BlockBuilder(final OffHeapMemory memory) {
        keyRows = new GrowingBuffer(memory, BLOCK, MAX_CONTENT_BYTES);
        entryRows = new GrowingBuffer(memory, BLOCK, MAX_CONTENT_BYTES);
        payloads = new GrowingBuffer(memory, BLOCK, 2L * MAX_CONTENT_BYTES);
        content = new GrowingBuffer(memory, BLOCK, 2L * MAX_CONTENT_BYTES);
    }

    boolean isEmpty() {
        return entries == 0;
    }

    long contentBytes() {
        return CONTENT_HEAD_BYTES + keyRows.length() + entryRows.length() + payloads.length();
    }

    boolean hasRoom(final int payloadBytes) {
        return contentBytes() + KEY_BYTES + ENTRY_BYTES + payloadBytes <= MAX_CONTENT_BYTES;
    }

    /** Takes an entry; returns whether it is the block's first of its key. */
    boolean add(final Entry entry) {
        final boolean newKey = entries == 0 || low != entry.low() || middle != entry.middle() || high != entry.high();
        if (newKey) {
            high = entry.high();
            middle = entry.middle();
            low = entry.low();
            final long row = keyRows.reserve(KEY_BYTES);
            final MemorySegment rows = keyRows.segment();
            LittleEndian.putLong(rows, row + LayerFormat.KEY_HIGH, high);
            LittleEndian.putLong(rows, row + LayerFormat.KEY_MIDDLE, middle);
            LittleEndian.putLong(rows, row + LayerFormat.KEY_LOW, low);
            LittleEndian.putInt(rows, row + LayerFormat.KEY_FIRST_ENTRY, entries);
            LittleEndian.putInt(rows, row + LayerFormat.KEY_ZERO, 0);
            keys++;
        }
        final boolean isRecord = EntryKind.kind(entry.kindByte()) == EntryKind.RECORD;
        final long payload = isRecord ? record(entry) : payload(entry);
        final long row = entryRows.reserve(ENTRY_BYTES);
        final MemorySegment rows = entryRows.segment();
        LittleEndian.putLong(rows, row + LayerFormat.ENTRY_LSN, entry.lsn());
        // Becomes an offset within the content when it is known how many rows there are.
        LittleEndian.putInt(rows, row + LayerFormat.ENTRY_PAYLOAD, (int) payload);
        LittleEndian.putInt(rows, row + LayerFormat.ENTRY_LENGTH, entry.payloadLength());
        LittleEndian.putInt(
                rows, row + LayerFormat.ENTRY_RECORD_BYTES, isRecord ? (int) (entry.lsn() - entry.recordAtLsn()) : 0);
        LittleEndian.putShort(rows, row + LayerFormat.ENTRY_TOUCH, entry.touch());
        LittleEndian.putByte(rows, row + LayerFormat.ENTRY_KIND, entry.kindByte());
        LittleEndian.putByte(rows, row + LayerFormat.ENTRY_ZERO, 0);
        entries++;
        return newKey;
    }

    /** The block's {@link #contentBytes}, good until {@link #clear()}. */
    MemorySegment content() {
        final long rows = CONTENT_HEAD_BYTES + keyRows.length() + entryRows.length();
        content.clear();
        content.reserve(contentBytes());
        final MemorySegment bytes = content.segment();
        LittleEndian.putInt(bytes, LayerFormat.CONTENT_KEYS, keys);
        LittleEndian.putInt(bytes, LayerFormat.CONTENT_ENTRIES, entries);
        MemorySegment.copy(keyRows.segment(), 0, bytes, CONTENT_HEAD_BYTES, keyRows.length());
        final long entryAt = CONTENT_HEAD_BYTES + keyRows.length();
        MemorySegment.copy(entryRows.segment(), 0, bytes, entryAt, entryRows.length());
        for (int i = 0; i < entries; i++) {
            final long at = entryAt + (long) ENTRY_BYTES * i + LayerFormat.ENTRY_PAYLOAD;
            LittleEndian.putInt(bytes, at, (int) (LittleEndian.getUnsignedInt(bytes, at) + rows));
        }
        if (payloads.length() > 0) {
            MemorySegment.copy(payloads.segment(), 0, bytes, rows, payloads.length());
        }
        return bytes;
    }

    void clear() {
        keyRows.clear();
        entryRows.clear();
        payloads.clear();
        keys = 0;
        entries = 0;
        Arrays.fill(recordLength, 0);
    }

    private long record(final Entry entry) {
        final long at = entry.recordAtLsn();
        final int slot = (int) ((at * MULTIPLIER) >>> RECORD_SHIFT);
        if (recordLength[slot] == entry.payloadLength() && recordAt[slot] == at) {
            return recordPayload[slot];
        }
        recordAt[slot] = at;
        recordLength[slot] = entry.payloadLength();
        recordPayload[slot] = payload(entry);
        return recordPayload[slot];
    }

    private long payload(final Entry entry) {
        final long at = payloads.length();
        if (entry.payloadLength() > 0) {
            payloads.append(entry.payloadSegment(), entry.payloadOffset(), entry.payloadLength());
        }
        return at;
    }

    @Override
    public void close() {
        keyRows.close();
        entryRows.close();
        payloads.close();
        content.close();
    }
}
