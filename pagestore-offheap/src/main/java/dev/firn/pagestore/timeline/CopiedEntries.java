package dev.firn.pagestore.timeline;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.key.SortedEntries;
import dev.firn.pagestore.rebuild.Gathered;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** A copy of some entries of a memory table that is still written: so a scan may take its time. Of keys without pages, which are small. */
final class CopiedEntries implements SortedEntries, AutoCloseable {
    private record Entry(long high, long middle, long low, long lsn, int kindByte, int payload) {}

    private final Gathered payloads;
    private final List<Entry> entries = new ArrayList<>();
    private int at = -1;

    /**
     * @param source of what is all in memory.
     * @throws dev.firn.nativeio.memory.OutOfOffHeapMemoryException when there is no room.
     */
    CopiedEntries(final SortedEntries source, final OffHeapMemory memory) {
        payloads = new Gathered(memory);
        while (source.advance() == ENTRY) {
            if (!payloads.addCopy(
                    source.lsn(),
                    0,
                    source.kindByte(),
                    0,
                    source.payloadSegment(),
                    source.payloadOffset(),
                    source.payloadLength())) {
                payloads.close();
                throw new NoScanRoomException();
            }
            entries.add(new Entry(
                    source.high(), source.middle(), source.low(), source.lsn(), source.kindByte(), entries.size()));
        }
    }

    @Override
    public int advance() {
        return ++at < entries.size() ? ENTRY : END;
    }

    @Override
    public long high() {
        return entries.get(at).high;
    }

    @Override
    public long middle() {
        return entries.get(at).middle;
    }

    @Override
    public long low() {
        return entries.get(at).low;
    }

    @Override
    public long lsn() {
        return entries.get(at).lsn;
    }

    @Override
    public int kindByte() {
        return entries.get(at).kindByte;
    }

    @Override
    public int touch() {
        return 0;
    }

    @Override
    public long recordAtLsn() {
        return 0;
    }

    @Override
    public MemorySegment payloadSegment() {
        return payloads.segment(at);
    }

    @Override
    public long payloadOffset() {
        return payloads.offset(at);
    }

    @Override
    public int payloadLength() {
        return payloads.length(at);
    }

    @Override
    public void close() {
        payloads.close();
    }
}
