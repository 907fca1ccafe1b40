package dev.firn.pagestore.service;

/** A request that a service has taken and not answered yet. Made once, used again for the next. Belongs to the service. */
final class PageRequest {
    /** Its place among all: part of its reads' tokens. */
    final int slot;

    /** The blocks that are asked for, as far as there are several. */
    final int[] blocks;

    long ticket;
    int kind;
    int timeline;

    /** As the client says: {@code PageService.NEWEST}, or an LSN. */
    long lsn;

    long sinceLsn;
    long waitUntilNs;

    /** When it was taken. */
    long takenNs;

    /** As of which it is answered, once it need not wait any more. */
    long readLsn;

    long high;
    long middle;
    long low;

    /** How many parts there are, how many of them have been begun, and which of those are not there yet, one bit each. */
    int count;

    int begun;
    long pending;

    /** Which scan of several this is, and what those before came to. */
    int step;

    long sum;

    /** Where parts are put together, or null. */
    Gather gather;

    /** Set when it is to be refused, and could not be told yet. */
    ReadRefusal refusal;

    String sentence;

    /** In which list it is, or null. */
    RequestList list;

    PageRequest previous;
    PageRequest next;

    PageRequest(final int slot, final int maxPages) {
        this.slot = slot;
        this.blocks = new int[maxPages];
    }

    /** Nothing is begun. */
    void reset() {
        readLsn = 0;
        high = 0;
        middle = 0;
        low = 0;
        count = 0;
        begun = 0;
        pending = 0;
        step = 0;
        sum = 0;
        gather = null;
        refusal = null;
        sentence = null;
    }
}
