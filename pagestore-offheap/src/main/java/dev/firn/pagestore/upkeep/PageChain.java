package dev.firn.pagestore.upkeep;

import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.pagestore.key.Entry;
import dev.firn.pagestore.key.EntryKind;
import dev.firn.pagestore.rebuild.Gathered;
import dev.firn.pagestore.rebuild.PageBuilder;
import java.lang.foreign.MemorySegment;
import java.util.function.Predicate;

/**
 * The entries of one page, oldest first, of which an image is made; and the question to the shard that goes with it. Used for one page after the other.
 * Belongs to the housekeeper.
 */
final class PageChain implements AutoCloseable {
    /**
     * What makes pages.
     *
     * @param timeline the shard's number of it.
     * @param ask hands a question to the shard; false when there is no room now.
     */
    record Rebuilding(PageBuilder builder, int timeline, Predicate<BaseRead> ask) {}

    private final Rebuilding rebuilding;
    private final Gathered entries;
    private final BaseRead base;

    /** Payload that lies here stays as it is; null for none. */
    private final MemorySegment lasting;

    private long high;
    private long middle;
    private long low;
    private long aloneLsn;

    /**
     * @param lasting memory in which payload stays as it is as long as this is open, so that it need not be copied; null for none.
     * @param page where the page is made; borrowed until this is closed.
     */
    PageChain(
            final Rebuilding rebuilding,
            final OffHeapMemory memory,
            final MemorySegment lasting,
            final MemorySegment page) {
        this.rebuilding = rebuilding;
        this.lasting = lasting;
        this.entries = new Gathered(memory);
        this.base = new BaseRead(page);
    }

    /** Another page. */
    void begin(final Entry of) {
        high = of.high();
        middle = of.middle();
        low = of.low();
        forget();
    }

    /** Forgets the entries. */
    void forget() {
        entries.clear();
        aloneLsn = 0;
    }

    boolean isOf(final Entry entry) {
        return entry.low() == low && entry.middle() == middle && entry.high() == high;
    }

    boolean isEmpty() {
        return entries.count() == 0;
    }

    /** Adds an entry; those before one that stands alone are forgotten. False when there is no memory now. */
    boolean add(final Entry entry) {
        if (EntryKind.standsAlone(entry.kindByte())) {
            forget();
            aloneLsn = entry.lsn();
        }
        if (entry.payloadSegment().equals(lasting)) {
            entries.add(
                    entry.lsn(),
                    entry.recordAtLsn(),
                    entry.kindByte(),
                    entry.touch(),
                    lasting,
                    entry.payloadOffset(),
                    entry.payloadLength());
            return true;
        }
        return entries.addCopy(
                entry.lsn(),
                entry.recordAtLsn(),
                entry.kindByte(),
                entry.touch(),
                entry.payloadSegment(),
                entry.payloadOffset(),
                entry.payloadLength());
    }

    /** How many entries would be replayed. */
    int count() {
        return entries.count();
    }

    /**
     * Asks the shard for what is before the entries.
     *
     * @param fromLsn they begin behind it.
     * @param atLsn the image's LSN.
     * @return false when there is no room now.
     */
    boolean ask(final long fromLsn, final long atLsn) {
        base.ask(rebuilding.timeline, high, middle, low, fromLsn, aloneLsn, newestLsn(), atLsn);
        return rebuilding.ask.test(base);
    }

    boolean isAnswered() {
        return base.isDone() || base.isFailed();
    }

    /** Why the shard has no answer; null when it has. */
    String failure() {
        return base.isFailed() ? base.message() : null;
    }

    /**
     * Makes the page, once it is answered.
     *
     * @return false when a floor ends it, so that there is nothing to make.
     * @throws dev.firn.pagestore.rebuild.DamagedStoreException when an entry does not fit.
     */
    boolean build() {
        int first = 0;
        while (first < entries.count() && entries.lsn(first) <= base.cutLsn()) {
            first++;
        }
        if (first == entries.count()) {
            return false;
        }
        rebuilding.builder.buildFrom(first, entries, base.hints(), base.page(), high, middle, low);
        return true;
    }

    long high() {
        return high;
    }

    long middle() {
        return middle;
    }

    long low() {
        return low;
    }

    long newestLsn() {
        return entries.lsn(entries.count() - 1);
    }

    MemorySegment page() {
        return base.page();
    }

    /** Nothing is written into the page from then on. */
    @Override
    public void close() {
        base.forget();
        entries.close();
    }
}
