package dev.firn.pagestore.timeline;

import dev.firn.pagestore.ingest.LongChainHandler;

/** Keys with many entries since one that stands alone, noted while WAL is taken. A bounded list: what finds no room is noted again when its chain has grown. */
final class LongChains implements LongChainHandler {
    private final long[] highs;
    private final long[] middles;
    private final long[] lows;
    private final long[] lsns;
    private int count;

    LongChains(final int capacity) {
        highs = new long[capacity];
        middles = new long[capacity];
        lows = new long[capacity];
        lsns = new long[capacity];
    }

    @Override
    public void onLongChain(final long high, final long middle, final long low, final long lsn) {
        if (count < lsns.length) {
            highs[count] = high;
            middles[count] = middle;
            lows[count] = low;
            lsns[count] = lsn;
            count++;
        }
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Begins to read the key that was noted last, and forgets it; false when no read can be begun. */
    boolean readLast(final KeyReads reads, final Timeline timeline, final InternalRead onDone) {
        final int last = count - 1;
        if (reads.room() == 0) {
            return false;
        }
        count = last;
        reads.begin(timeline, highs[last], middles[last], lows[last], lsns[last], 0, onDone);
        return true;
    }
}
