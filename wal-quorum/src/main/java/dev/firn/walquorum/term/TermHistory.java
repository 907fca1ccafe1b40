package dev.firn.walquorum.term;

import java.util.Arrays;

/**
 * Which proposer's term wrote which part of a log: terms in rising order, each with the LSN at which its bytes begin.
 *
 * <p>A log carries the history of the proposer that it follows. The history may reach beyond the log's end, while the log is
 * being filled; a term counts for a log only when the log reaches the term's start.
 *
 * <p>Not thread-safe. Allocates only when it grows.
 */
public final class TermHistory {
    /** How many terms are remembered. A term lasts as long as a proposer; none is forgotten before logs are trimmed. */
    public static final int MAX_TERMS = 4_096;

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
     * Adds a term.
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
     * Up to where two logs hold the same bytes.
     *
     * @param endA where the log of history a ends; likewise b.
     */
    public static long commonEnd(final TermHistory a, final long endA, final TermHistory b, final long endB) {
        int same = 0;
        while (same < a.count && same < b.count && a.terms[same] == b.terms[same] && a.starts[same] == b.starts[same]) {
            same++;
        }
        long end = Math.min(endA, endB);
        if (same < a.count) {
            end = Math.min(end, a.starts[same]);
        }
        if (same < b.count) {
            end = Math.min(end, b.starts[same]);
        }
        return end;
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
