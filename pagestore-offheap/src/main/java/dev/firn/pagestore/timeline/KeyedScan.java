package dev.firn.pagestore.timeline;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.key.Entry;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.key.KeyRange;
import dev.firn.pagestore.rebuild.Gathered;
import dev.firn.pagestore.service.KeyedValues;
import dev.firn.pagestore.upkeep.LayerScans;
import java.lang.foreign.MemorySegment;

/** A scan on its way: gathers the newest value of each key that is there, as many as fit. */
final class KeyedScan extends ShardScan {
    private static final MemoryTag TAG = MemoryTag.of("page-scans");

    private final OffHeapMemory memory;
    private final MemorySegment room;
    private final KeyedValues values = new KeyedValues();
    /** The newest entry of the key that the scan is at. */
    private final Gathered newest;

    private long high;
    private long middle;
    private long low;
    private boolean full;

    /** @throws NoScanRoomException when there is no memory now. */
    KeyedScan(
            final long token,
            final LayerScans.ScanContext context,
            final Timeline timeline,
            final KeyRange range,
            final long lsn,
            final int maxBytes) {
        super(token);
        this.memory = context.memory();
        this.newest = new Gathered(memory);
        this.room = memory.tryAllocate(maxBytes, TAG);
        if (room == null) {
            throw new NoScanRoomException();
        }
        values.begin(room, 0, maxBytes);
        boolean done = false;
        try {
            over(new EntryScan(context, timeline, range, lsn, this::onEntry));
            done = true;
        } finally {
            if (!done) {
                memory.free(room);
            }
        }
    }

    private boolean onEntry(final Entry entry) {
        final boolean same =
                newest.count() > 0 && entry.low() == low && entry.middle() == middle && entry.high() == high;
        if (!same && !putNewest()) {
            return false;
        }
        newest.clear();
        high = entry.high();
        middle = entry.middle();
        low = entry.low();
        if (!newest.addCopy(
                entry.lsn(),
                0,
                entry.kindByte(),
                0,
                entry.payloadSegment(),
                entry.payloadOffset(),
                entry.payloadLength())) {
            throw new NoScanRoomException();
        }
        return true;
    }

    private boolean putNewest() {
        if (newest.count() == 0 || EntryKind.kind(newest.kindByte(0)) == EntryKind.ABSENT) {
            return true;
        }
        full = !values.add(high, middle, low, newest.segment(0), newest.offset(0), newest.length(0));
        return !full;
    }

    @Override
    void onDone() {
        if (!full) {
            putNewest();
            newest.clear();
        }
    }

    @Override
    MemorySegment bytes() {
        return room;
    }

    @Override
    int lengthBytes() {
        return values.lengthBytes();
    }

    @Override
    void close() {
        super.close();
        newest.clear();
        newest.close();
        memory.free(room);
    }
}
