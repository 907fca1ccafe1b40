package dev.firn.postgres.effect;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.file.Slru;
import java.lang.foreign.MemorySegment;

/**
 * Which pages of multixact offsets redo has to zero, and when: RecordNewMultiXact and multixact_redo of multixact.c.
 *
 * <p>Making a multixact also sets the offset of the next one. When that is the first of its page, the page must be there. A primary
 * of today zeroes it before, by a record; one of an older minor version does it after, and that record must not wipe out what was set. So
 * redo zeroes such a page when the log hasn't, and passes over the record then.
 *
 * <p>This is the one thing of redo that depends on the records before, as it does in Postgres: whoever replays a log keeps one instance for
 * all of it. Pages are numbers of {@link Slru#MULTIXACT_OFFSETS}.
 */
public final class OffsetsPages {
    /** What {@link #write} takes. */
    public static final int BYTES = 2 * Integer.BYTES;

    private static final int NONE = -1;

    /** Whether a page is there: in its file, or changed and not yet written. */
    @FunctionalInterface
    public interface Presence {
        boolean isThere(int page);
    }

    private int newest = NONE;
    private int zeroedEarly = NONE;

    /** A record zeroes a page. Says whether that is to be done. */
    public boolean zeroed(final int page) {
        final boolean wanted = page != zeroedEarly;
        if (wanted) {
            newest = page;
        }
        zeroedEarly = NONE;
        return wanted;
    }

    /**
     * A record makes a multixact. Says which page is to be zeroed first, or -1.
     *
     * @param presence asked only until a page was zeroed: the records that zero pages are in order, so that the last one is the newest.
     */
    public int created(final int multiXact, final Presence presence) {
        zeroedEarly = NONE;
        final int page = Slru.MULTIXACT_OFFSETS.page(multiXact);
        final int nextPage = Slru.MULTIXACT_OFFSETS.page(next(multiXact));
        if (nextPage == page) {
            return NONE;
        }
        final boolean missing = newest == NONE ? !presence.isThere(nextPage) : newest == page;
        if (!missing) {
            return NONE;
        }
        newest = nextPage;
        zeroedEarly = nextPage;
        return nextPage;
    }

    /** Writes what it knows, so that {@link #read} goes on with the record after. */
    public void write(final MemorySegment to, final long at) {
        LittleEndian.putInt(to, at, newest);
        LittleEndian.putInt(to, at + Integer.BYTES, zeroedEarly);
    }

    public void read(final MemorySegment from, final long at) {
        newest = LittleEndian.getInt(from, at);
        zeroedEarly = LittleEndian.getInt(from, at + Integer.BYTES);
    }

    /** The multixact after this one: 0 (InvalidMultiXactId) is none. */
    public static int next(final int multiXact) {
        return multiXact == -1 ? 1 : multiXact + 1;
    }
}
