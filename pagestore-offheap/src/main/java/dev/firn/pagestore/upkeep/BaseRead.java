package dev.firn.pagestore.upkeep;

import dev.firn.pagestore.rebuild.HintHistory;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the housekeeper has to be told about a page to make an image of the entries it has of it: which of them don't count, as they lie under a floor
 * or an image, and what was before the others. The shard looks it up, and makes no page that the housekeeper could make itself.
 *
 * <p>Belongs to the shard from when the report of it is taken until the answer is given; whatever it writes before is seen by the housekeeper after
 * {@link #isDone}. The housekeeper may {@linkplain #forget} it at any time: the shard writes nothing then.
 */
public final class BaseRead {
    private static final int ASKED = 0;
    private static final int WRITING = 1;
    private static final int DONE = 2;
    private static final int FAILED = 3;
    private static final int FORGOTTEN = 4;

    private final MemorySegment page;
    private final AtomicInteger state = new AtomicInteger(FORGOTTEN);
    private int timeline;
    private long high;
    private long middle;
    private long low;
    private long fromLsn;
    private long aloneLsn;
    private long newestLsn;
    private long lsn;
    private long cutLsn;
    private HintHistory hints;
    private String message;

    /** @param page where a page that is needed goes; borrowed until this is {@linkplain #forget forgotten}. */
    BaseRead(final MemorySegment page) {
        this.page = page;
    }

    /**
     * Says what is asked; by the housekeeper, when nothing is under way.
     *
     * @param after what the entries begin behind.
     * @param alone the LSN of the newest entry that stands alone; 0 when none does.
     * @param newest that of the newest entry.
     * @param atLsn the image's.
     */
    void ask(
            final int ofTimeline,
            final long keyHigh,
            final long keyMiddle,
            final long keyLow,
            final long after,
            final long alone,
            final long newest,
            final long atLsn) {
        timeline = ofTimeline;
        high = keyHigh;
        middle = keyMiddle;
        low = keyLow;
        fromLsn = after;
        aloneLsn = alone;
        newestLsn = newest;
        lsn = atLsn;
        message = null;
        state.set(ASKED);
    }

    public int timeline() {
        return timeline;
    }

    public long high() {
        return high;
    }

    public long middle() {
        return middle;
    }

    public long low() {
        return low;
    }

    /** The page as it was at this LSN is what the entries change, unless one stands alone or a floor came after. */
    public long fromLsn() {
        return fromLsn;
    }

    /** The image's: what came after does not matter. */
    public long lsn() {
        return lsn;
    }

    /** The newest entry's that stands alone; 0 when none does. */
    public long aloneLsn() {
        return aloneLsn;
    }

    /** Whether a page is needed, when of the entries those at or below an LSN don't count. */
    public boolean needsPage(final long cut) {
        return cut < newestLsn && cut >= aloneLsn;
    }

    /** Tells that no page is needed, and up to where entries don't count. */
    public void done(final long cut, final HintHistory history) {
        answer(null, cut, history);
    }

    /** Gives the page that is needed, and is copied. */
    public void done(final MemorySegment before, final long cut, final HintHistory history) {
        answer(before, cut, history);
    }

    private void answer(final MemorySegment before, final long cut, final HintHistory history) {
        if (state.compareAndSet(ASKED, WRITING)) {
            if (before != null) {
                MemorySegment.copy(before, 0, page, 0, page.byteSize());
            }
            cutLsn = cut;
            hints = history;
            state.set(DONE);
        }
    }

    /** There is no answer now. */
    public void failed(final String why) {
        if (state.compareAndSet(ASKED, WRITING)) {
            message = why;
            state.set(FAILED);
        }
    }

    boolean isDone() {
        return state.get() == DONE;
    }

    boolean isFailed() {
        return state.get() == FAILED;
    }

    /** Entries at or below it don't count; 0 when there is none. */
    long cutLsn() {
        return cutLsn;
    }

    HintHistory hints() {
        return hints;
    }

    String message() {
        return message;
    }

    MemorySegment page() {
        return page;
    }

    /** The answer is not wanted any more; from here on nothing is written. The shard is waited for only while it copies a page. */
    void forget() {
        while (state.get() == WRITING || !leave()) {
            Thread.onSpinWait();
        }
    }

    private boolean leave() {
        final int now = state.get();
        return now == FORGOTTEN || (now != WRITING && state.compareAndSet(now, FORGOTTEN));
    }
}
