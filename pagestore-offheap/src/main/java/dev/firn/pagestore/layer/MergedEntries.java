package dev.firn.pagestore.layer;

import dev.firn.pagestore.key.Entry;
import dev.firn.pagestore.key.ForwardedEntries;
import dev.firn.pagestore.key.PageKeys;
import dev.firn.pagestore.key.SortedEntries;
import java.util.List;

/**
 * Several sources as one. Of entries with the same key and LSN those of an older source come first. The sources are borrowed. A heap of their
 * current entries: an entry costs as many comparisons as the number of sources has binary digits.
 */
public final class MergedEntries extends ForwardedEntries {
    private final SortedEntries[] sources;

    /** Those that have a current entry, the least first: a binary heap of numbers of sources. */
    private final int[] heap;

    private int size;

    /** How many sources have been asked for their first entry. */
    private int begun;

    /** The source that must move on before there is a current entry, or null. */
    private SortedEntries moving;

    /** @param oldestFirst not advanced yet. */
    public MergedEntries(final List<? extends SortedEntries> oldestFirst) {
        sources = oldestFirst.toArray(new SortedEntries[0]);
        heap = new int[sources.length];
    }

    @Override
    public int advance() {
        while (begun < sources.length) {
            final int moved = sources[begun].advance();
            if (moved == WAIT) {
                return WAIT;
            }
            if (moved == ENTRY) {
                heap[size] = begun;
                up(size++);
            }
            begun++;
        }
        if (moving != null) {
            final int moved = moving.advance();
            if (moved == WAIT) {
                return WAIT;
            }
            if (moved == END) {
                heap[0] = heap[--size];
            }
            moving = null;
            down();
        }
        if (size == 0) {
            return END;
        }
        moving = sources[heap[0]];
        return give(moving);
    }

    private void up(final int from) {
        int at = from;
        while (at > 0) {
            final int parent = (at - 1) >>> 1;
            if (!isBefore(heap[at], heap[parent])) {
                return;
            }
            swap(at, parent);
            at = parent;
        }
    }

    private void down() {
        int at = 0;
        while (2 * at + 1 < size) {
            int child = 2 * at + 1;
            if (child + 1 < size && isBefore(heap[child + 1], heap[child])) {
                child++;
            }
            if (!isBefore(heap[child], heap[at])) {
                return;
            }
            swap(at, child);
            at = child;
        }
    }

    private void swap(final int a, final int b) {
        final int number = heap[a];
        heap[a] = heap[b];
        heap[b] = number;
    }

    private boolean isBefore(final int first, final int second) {
        final Entry a = sources[first];
        final Entry b = sources[second];
        final int order = PageKeys.compare(a.high(), a.middle(), a.low(), b.high(), b.middle(), b.low());
        if (order != 0) {
            return order < 0;
        }
        return a.lsn() != b.lsn() ? a.lsn() < b.lsn() : first < second;
    }
}
