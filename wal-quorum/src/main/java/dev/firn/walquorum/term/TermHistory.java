package dev.firn.walquorum.term;

import java.util.Arrays;

/**
 * Which proposer's term wrote which part of a log: terms in rising order, each with the LSN at which its bytes begin.
 *
 * <p>A term that ended before it wrote a byte leaves no trace: the next one takes its place. What lies before the start of a
 * log that was trimmed is forgotten, but for the term that the log's first byte belongs to.
 *
 * <p>A log carries the history of the proposer that it follows. The history may reach beyond the log's end, while the log is
 * being filled; a term counts for a log only when the log reaches the term's start.
 *
 * <p>Not thread-safe. Allocates only when it grows.
 */
public final class TermHistory {
    /**
     * How many terms are remembered: of those that wrote something, in the part of the log that is not trimmed. As many as a
     * copy of a log's control file holds.
     */
    public static final int MAX_TERMS = 8_000;

    /** What {@link #commonEnd} says when it cannot tell. */
    public static final long UNKNOWN = -1;

    private static final int INITIAL_TERMS = 16;

    private long[] terms = new long[INITIAL_TERMS];
    private long[] starts = new long[INITIAL_TERMS];
    private int count;

    public int count() {
        return count;
    }

    public long term(final int index) {
        return terms[requireIndex(index)];
    }

    public long startLsn(final int index) {
        return starts[requireIndex(index)];
    }

    /** The last term of the history, whether or not a log reaches it; 0 when there is none. */
    public long lastTerm() {
        return count == 0 ? 0 : terms[count - 1];
    }

    /** The term that a log of this history has reached when it ends here; 0 when none. */
    public long lastTermAt(final long endLsn) {
        for (int i = count - 1; i >= 0; i--) {
            if (starts[i] <= endLsn) {
                return terms[i];
            }
        }
        return 0;
    }

    /**
     * Adds a term; it replaces one that starts at the same place.
     *
     * @throws IllegalArgumentException when terms or starts would not rise, or there are too many.
     */
    public void add(final long term, final long startLsn) {
        if (term <= lastTerm()) {
            throw new IllegalArgumentException("term " + term + " does not follow term " + lastTerm());
        }
        if (count > 0 && startLsn < starts[count - 1]) {
            throw new IllegalArgumentException("term " + term + " does not start at or after the one before it");
        }
        if (count > 0 && startLsn == starts[count - 1]) {
            terms[count - 1] = term;
            return;
        }
        if (count == MAX_TERMS) {
            throw new IllegalArgumentException("more than " + MAX_TERMS + " terms in one history");
        }
        if (count == terms.length) {
            terms = Arrays.copyOf(terms, 2 * count);
            starts = Arrays.copyOf(starts, 2 * count);
        }
        terms[count] = term;
        starts[count] = startLsn;
        count++;
    }

    /** Forgets terms that start after this LSN: what a log that ends here has not reached. */
    public void cutAfter(final long endLsn) {
        while (count > 0 && starts[count - 1] > endLsn) {
            count--;
        }
    }

    /** Forgets terms that ended at or before this LSN: the log is trimmed there. */
    public void trimBelow(final long startLsn) {
        int forgotten = 0;
        while (forgotten + 1 < count && starts[forgotten + 1] <= startLsn) {
            forgotten++;
        }
        count -= forgotten;
        System.arraycopy(terms, forgotten, terms, 0, count);
        System.arraycopy(starts, forgotten, starts, 0, count);
    }

    /** From where on this history tells the terms of a log that starts here. */
    public long baseOf(final long logStartLsn) {
        return count == 0 ? logStartLsn : Math.max(logStartLsn, starts[0]);
    }

    public void clear() {
        count = 0;
    }

    public void copyFrom(final TermHistory other) {
        clear();
        for (int i = 0; i < other.count; i++) {
            add(other.terms[i], other.starts[i]);
        }
    }

    /**
     * Up to where an acceptor's log holds the same bytes as that of a proposer that was elected.
     *
     * <p>What lies before the base of either log was committed and archived before it was trimmed, so the proposer's log holds it;
     * but the acceptor's may hold something else below the proposer's base, which the proposer's history no longer tells.
     *
     * @param base from where on the acceptor's history tells its terms; likewise the proposer's.
     * @param end where the acceptor's log ends. The proposer's goes on.
     * @return {@link #UNKNOWN} when the two part somewhere below the proposer's base, or may.
     */
    public static long commonEnd(
            final TermHistory own, final long base, final long end, final TermHistory other, final long otherBase) {
        if (end < otherBase) {
            return UNKNOWN;
        }
        final long from = Math.max(base, otherBase);
        int at = own.covering(from);
        int otherAt = other.covering(from);
        if (own.termAt(at) != other.termAt(otherAt)) {
            return otherBase > base ? UNKNOWN : from;
        }
        at++;
        otherAt++;
        while (at < own.count
                && otherAt < other.count
                && own.terms[at] == other.terms[otherAt]
                && own.starts[at] == other.starts[otherAt]) {
            at++;
            otherAt++;
        }
        long common = end;
        if (at < own.count) {
            common = Math.min(common, own.starts[at]);
        }
        if (otherAt < other.count) {
            common = Math.min(common, other.starts[otherAt]);
        }
        return common;
    }

    /** The last term that starts at or before this LSN; -1 when there is none. */
    private int covering(final long lsn) {
        int at = count - 1;
        while (at >= 0 && starts[at] > lsn) {
            at--;
        }
        return at;
    }

    private long termAt(final int index) {
        return index < 0 ? 0 : terms[index];
    }

    private int requireIndex(final int index) {
        if (index < 0 || index >= count) {
            throw new IndexOutOfBoundsException("term " + index + " of " + count);
        }
        return index;
    }

    @Override
    public boolean equals(final Object other) {
        return other instanceof final TermHistory that
                && Arrays.equals(terms, 0, count, that.terms, 0, that.count)
                && Arrays.equals(starts, 0, count, that.starts, 0, that.count);
    }

    @Override
    public int hashCode() {
        int hash = count;
        for (int i = 0; i < count; i++) {
            hash = 31 * hash + Long.hashCode(terms[i]);
            hash = 31 * hash + Long.hashCode(starts[i]);
        }
        return hash;
    }

    @Override
    public String toString() {
        final StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < count; i++) {
            text.append(i == 0 ? "" : ", ")
                    .append(terms[i])
                    .append('@')
                    .append(Long.toHexString(starts[i]).toUpperCase(java.util.Locale.ROOT));
        }
        return text.append(']').toString();
    }
}
