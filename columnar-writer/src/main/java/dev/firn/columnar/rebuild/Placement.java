package dev.firn.columnar.rebuild;

import dev.firn.columnar.buffer.GrowingBuffer;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.PageLayout;

/**
 * Where a page's tuples lie. Predicted is what PageAddItemExtended of storage/page/bufpage.c does with an empty page: one below the other from the
 * page's end, aligned, in the order of their line pointers. Otherwise the residue lists them in the order in which they lie, the uppermost first, as
 * runs of rows that follow each other: how far the run's first row is from the one after the last run's, how many more bytes than predicted
 * lie above it (both zigzag), and how many rows it has. Numbers are ULEB128.
 */
final class Placement {
    private Placement() {}

    /** The predicted places of so many tuples. */
    static void predict(final int rows, final int[] lengths, final int[] places) {
        int at = PageLayout.PAGE_BYTES;
        for (int i = 0; i < rows; i++) {
            at -= PageLayout.align(lengths[i]);
            places[i] = at;
        }
    }

    /**
     * Encodes places.
     *
     * @param order scratch memory: becomes the rows in the order in which they lie.
     */
    static void encode(
            final int rows, final int[] lengths, final int[] places, final int[] order, final GrowingBuffer out) {
        // Nearly sorted as a rule.
        for (int i = 0; i < rows; i++) {
            int at = i;
            while (at > 0 && places[order[at - 1]] < places[i]) {
                order[at] = order[at - 1];
                at--;
            }
            order[at] = i;
        }
        int expected = 0;
        int top = PageLayout.PAGE_BYTES;
        int i = 0;
        while (i < rows) {
            final int first = order[i];
            out.putZigzag(first - expected);
            out.putZigzag(top - PageLayout.align(lengths[first]) - places[first]);
            top = places[first];
            int end = i + 1;
            while (end < rows
                    && order[end] == order[end - 1] + 1
                    && places[order[end]] == top - PageLayout.align(lengths[order[end]])) {
                top = places[order[end]];
                end++;
            }
            out.putVarint(end - i);
            expected = order[end - 1] + 1;
            i = end;
        }
    }

    /** Decodes places. What they are is for the caller to check. */
    static void decode(final ResidueReader residue, final int rows, final int[] lengths, final int[] places) {
        int expected = 0;
        int placed = 0;
        int top = PageLayout.PAGE_BYTES;
        while (!residue.atEnd()) {
            final long first = (long) expected + residue.zigzag();
            final int gap = residue.zigzag();
            final int run = residue.varint();
            if (first < 0 || run < 1 || first + run > rows || run > rows - placed) {
                throw new MalformedDataException(
                        "a residue's placement of " + run + " rows from " + first + " on, of " + rows);
            }
            top -= gap;
            for (int i = 0; i < run; i++) {
                top -= PageLayout.align(lengths[(int) first + i]);
                places[(int) first + i] = top;
            }
            expected = (int) first + run;
            placed += run;
        }
        if (placed != rows) {
            throw new MalformedDataException("a residue's placement of " + placed + " rows, of " + rows);
        }
    }
}
