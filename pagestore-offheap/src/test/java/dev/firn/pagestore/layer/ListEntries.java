package dev.firn.pagestore.layer;

import dev.firn.pagestore.key.SortedEntries;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.random.RandomGenerator;

/** Entries of a list, on the heap; with a generator it waits now and then. */
final class ListEntries implements SortedEntries {
    private final List<TestEntry> list;
    private final RandomGenerator random;
    private int at = -1;
    private byte[] payload = new byte[0];

    ListEntries(final List<TestEntry> list, final RandomGenerator random) {
        this.list = list;
        this.random = random;
    }

    @Override
    public int advance() {
        if (random != null && random.nextInt(10) == 0) {
            return WAIT;
        }
        if (at + 1 == list.size()) {
            return END;
        }
        at++;
        payload = list.get(at).payload().array();
        return ENTRY;
    }

    @Override
    public long high() {
        return list.get(at).high();
    }

    @Override
    public long middle() {
        return list.get(at).middle();
    }

    @Override
    public long low() {
        return list.get(at).low();
    }

    @Override
    public long lsn() {
        return list.get(at).lsn();
    }

    @Override
    public int kindByte() {
        return list.get(at).kindByte();
    }

    @Override
    public int touch() {
        return list.get(at).touch();
    }

    @Override
    public long recordAtLsn() {
        return list.get(at).recordAtLsn();
    }

    @Override
    public MemorySegment payloadSegment() {
        return MemorySegment.ofArray(payload);
    }

    @Override
    public long payloadOffset() {
        return 0;
    }

    @Override
    public int payloadLength() {
        return payload.length;
    }
}
