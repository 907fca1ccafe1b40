package dev.firn.pagestore.layer;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.key.Entry;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;

/** Copies of entries of one key, in their order: as an entry, the one that it was moved to. */
final class HeldEntries implements Entry, AutoCloseable {
    private static final MemoryTag HELD = MemoryTag.of("layer-held");

    private static final int LSN = 0;
    private static final int RECORD_AT = 8;
    private static final int PAYLOAD = 16;
    private static final int LENGTH = 24;
    private static final int KIND = 28;
    private static final int TOUCH = 30;
    private static final int ROW_BYTES = 32;

    private final GrowingBuffer rows;
    private final GrowingBuffer payloads;
    private MemorySegment payloadMemory = MemorySegment.NULL;
    private int count;
    private long high;
    private long middle;
    private long low;

    /** Where the current entry's row is. */
    private long row;

    HeldEntries(final OffHeapMemory memory) {
        rows = new GrowingBuffer(memory, HELD, LayerFormat.MAX_CONTENT_BYTES);
        payloads = new GrowingBuffer(memory, HELD, 2L * LayerFormat.MAX_CONTENT_BYTES);
    }

    int count() {
        return count;
    }

    /** What they take, rows included. */
    long payloadBytes() {
        return rows.length() + payloads.length();
    }

    boolean isOfKey(final long otherHigh, final long otherMiddle, final long otherLow) {
        return low == otherLow && middle == otherMiddle && high == otherHigh;
    }

    void add(final Entry entry) {
        high = entry.high();
        middle = entry.middle();
        low = entry.low();
        final long added = rows.reserve(ROW_BYTES);
        final MemorySegment bytes = rows.segment();
        LittleEndian.putLong(bytes, added + LSN, entry.lsn());
        LittleEndian.putLong(bytes, added + RECORD_AT, entry.recordAtLsn());
        LittleEndian.putLong(bytes, added + PAYLOAD, payloads.length());
        LittleEndian.putInt(bytes, added + LENGTH, entry.payloadLength());
        LittleEndian.putShort(bytes, added + KIND, entry.kindByte());
        LittleEndian.putShort(bytes, added + TOUCH, entry.touch());
        if (entry.payloadLength() > 0) {
            payloads.append(entry.payloadSegment(), entry.payloadOffset(), entry.payloadLength());
            payloadMemory = payloads.segment();
        }
        count++;
    }

    void clear() {
        rows.clear();
        payloads.clear();
        count = 0;
    }

    /** Makes the first the current entry. */
    void first() {
        row = 0;
    }

    /** Makes the next the current entry; false when there is none. */
    boolean next() {
        row += ROW_BYTES;
        return row < rows.length();
    }

    @Override
    public long high() {
        return high;
    }

    @Override
    public long middle() {
        return middle;
    }

    @Override
    public long low() {
        return low;
    }

    @Override
    public long lsn() {
        return LittleEndian.getLong(rows.segment(), row + LSN);
    }

    @Override
    public long recordAtLsn() {
        return LittleEndian.getLong(rows.segment(), row + RECORD_AT);
    }

    @Override
    public int kindByte() {
        return LittleEndian.getUnsignedShort(rows.segment(), row + KIND);
    }

    @Override
    public int touch() {
        return LittleEndian.getUnsignedShort(rows.segment(), row + TOUCH);
    }

    @Override
    public MemorySegment payloadSegment() {
        return payloadMemory;
    }

    @Override
    public long payloadOffset() {
        return LittleEndian.getLong(rows.segment(), row + PAYLOAD);
    }

    @Override
    public int payloadLength() {
        return LittleEndian.getInt(rows.segment(), row + LENGTH);
    }

    @Override
    public void close() {
        rows.close();
        payloads.close();
        count = 0;
    }
}
