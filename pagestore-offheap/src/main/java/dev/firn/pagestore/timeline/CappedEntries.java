package dev.firn.pagestore.timeline;

import dev.firn.pagestore.key.ForwardedEntries;
import dev.firn.pagestore.key.SortedEntries;

/** A source's entries up to an LSN: of a parent, what a branch sees. */
final class CappedEntries extends ForwardedEntries {
    private final SortedEntries source;
    private final long lsnUpTo;

    CappedEntries(final SortedEntries source, final long lsnUpTo) {
        this.source = source;
        this.lsnUpTo = lsnUpTo;
    }

    @Override
    public int advance() {
        int step;
        do {
            step = source.advance();
        } while (step == ENTRY && source.lsn() > lsnUpTo);
        return step == ENTRY ? give(source) : step;
    }
}
