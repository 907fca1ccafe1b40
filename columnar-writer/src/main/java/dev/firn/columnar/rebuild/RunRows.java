package dev.firn.columnar.rebuild;

import dev.firn.columnar.batch.RowBatch;
import dev.firn.postgres.tuple.DeformedRows;

/**
 * Rows of a run of pages, the visible ones or the others: where they are in their batch, where their datums are in the pages, and which of these are in
 * doubt. A page's rows are those {@link #from} one on to before another, counted from the run's first. Owned by one thread; all borrowed.
 */
public final class RunRows {
    private final DeformedRows deformed;
    private final Doubts doubts;
    private RowBatch batch;
    private int batchBefore;
    private boolean known;
    private int from;
    private int to;

    public RunRows(final DeformedRows deformed, final Doubts doubts) {
        this.deformed = deformed;
        this.doubts = doubts;
    }

    /**
     * Begins a run, at its first row.
     *
     * @param rows where they are, behind so many others.
     * @param areKnown whether all of the run were deformed, and all doubts about them raised.
     */
    public void begin(final RowBatch rows, final int before, final boolean areKnown) {
        batch = rows;
        batchBefore = before;
        known = areKnown;
        from = 0;
        to = 0;
    }

    /** The next page's rows: as many as there are up to this one. */
    public void next(final int end) {
        from = to;
        to = end;
    }

    /** The first row that the next page may have. */
    public int end() {
        return to;
    }

    /** What is in doubt of the run. */
    public Doubts doubts() {
        return doubts;
    }

    DeformedRows deformed() {
        return deformed;
    }

    RowBatch batch() {
        return batch;
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }

    int count() {
        return to - from;
    }

    int batchFrom() {
        return batchBefore + from;
    }

    int batchTo() {
        return batchBefore + to;
    }

    /** Whether the datums of all the page's rows lie in their tuples as they would be put there. */
    boolean areRegular() {
        if (from < to && !known) {
            return false;
        }
        final byte[] irregular = deformed.irregular();
        int any = 0;
        for (int row = from; row < to; row++) {
            any |= irregular[row];
        }
        return any == 0;
    }

    boolean isInDoubt(final int attribute) {
        return doubts.anyOf(attribute, from, to);
    }
}
