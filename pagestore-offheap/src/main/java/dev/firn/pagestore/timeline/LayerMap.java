package dev.firn.pagestore.timeline;

import dev.firn.pagestore.key.PageKeys;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which layers a key may be in. The keys are cut at each layer's first and last one into <em>elementary ranges</em>, within which all keys have
 * the same layers; of each range the layers are listed, newest first. So a lookup is one search by halves and meets only layers that cover the key.
 *
 * <p>Within a range no two delta layers overlap in LSNs. An image stands before the deltas that end at its LSN: it has what they have.
 *
 * <p>Immutable but for its pins: a read that goes through the layers pins the map, and layers that a later map has no more are closed when
 * nobody does. Belongs to the shard's thread.
 */
final class LayerMap {
    /** No range has the key. */
    static final int NONE = -1;

    private static final Comparator<OpenLayer> NEWEST_FIRST = (one, other) -> {
        final int byLsn = Long.compare(other.toLsn(), one.toLsn());
        return byLsn != 0 ? byLsn : Boolean.compare(other.isImage(), one.isImage());
    };

    private final OpenLayer[] layers;

    /** Where each range begins; it ends where the next one begins. */
    private final long[] highs;

    private final long[] middles;
    private final long[] lows;

    /** Of each range, where its layers are in {@link #listed}. */
    private final int[] starts;

    private final OpenLayer[] listed;
    private int pins;

    LayerMap(final List<OpenLayer> unordered) {
        layers = unordered.toArray(OpenLayer[]::new);
        final List<long[]> cuts = new ArrayList<>();
        for (final OpenLayer layer : layers) {
            cuts.add(layer.first());
            final long[] after = successor(layer.last());
            if (after != null) {
                cuts.add(after);
            }
        }
        cuts.sort((one, other) -> PageKeys.compare(one[0], one[1], one[2], other[0], other[1], other[2]));
        int count = 0;
        highs = new long[cuts.size()];
        middles = new long[cuts.size()];
        lows = new long[cuts.size()];
        for (final long[] cut : cuts) {
            if (count == 0
                    || PageKeys.compare(highs[count - 1], middles[count - 1], lows[count - 1], cut[0], cut[1], cut[2])
                            != 0) {
                highs[count] = cut[0];
                middles[count] = cut[1];
                lows[count] = cut[2];
                count++;
            }
        }
        starts = new int[count + 1];
        final List<OpenLayer> ordered = new ArrayList<>(unordered);
        ordered.sort(NEWEST_FIRST);
        listed = list(ordered, count);
    }

    private OpenLayer[] list(final List<OpenLayer> ordered, final int count) {
        for (final OpenLayer layer : ordered) {
            final int last = search(layer.last(), count);
            for (int range = search(layer.first(), count); range <= last; range++) {
                starts[range + 1]++;
            }
        }
        for (int range = 0; range < count; range++) {
            starts[range + 1] += starts[range];
        }
        final int[] next = starts.clone();
        final OpenLayer[] all = new OpenLayer[starts[count]];
        for (final OpenLayer layer : ordered) {
            final int last = search(layer.last(), count);
            for (int range = search(layer.first(), count); range <= last; range++) {
                all[next[range]++] = layer;
            }
        }
        return all;
    }

    private int search(final long[] key, final int count) {
        return search(key[0], key[1], key[2], count);
    }

    /** The last range that begins at or before the key. */
    private int search(final long high, final long middle, final long low, final int count) {
        int from = 0;
        int to = count;
        while (from < to) {
            final int half = (from + to) >>> 1;
            if (PageKeys.compare(highs[half], middles[half], lows[half], high, middle, low) <= 0) {
                from = half + 1;
            } else {
                to = half;
            }
        }
        return from - 1;
    }

    /** The range with a key, or {@link #NONE}. */
    int range(final long high, final long middle, final long low) {
        return search(high, middle, low, starts.length - 1);
    }

    /** How many ranges there are. */
    int ranges() {
        return starts.length - 1;
    }

    /** The first of a range's layers, for {@link #layer}. */
    int from(final int range) {
        return range == NONE ? 0 : starts[range];
    }

    /** Behind the last of a range's layers. */
    int to(final int range) {
        return range == NONE ? 0 : starts[range + 1];
    }

    /** The LSN of the newest image over a range that is not above an LSN; 0 when there is none. */
    long imageLsn(final int range, final long lsn) {
        for (int i = from(range); i < to(range); i++) {
            if (listed[i].isImage() && listed[i].toLsn() <= lsn) {
                return listed[i].toLsn();
            }
        }
        return 0;
    }

    OpenLayer layer(final int index) {
        return listed[index];
    }

    /** All layers. */
    OpenLayer[] layers() {
        return layers;
    }

    void pin() {
        pins++;
    }

    void unpin() {
        pins--;
    }

    boolean isPinned() {
        return pins > 0;
    }

    /** The least key above; null above the greatest. */
    private static long[] successor(final long[] key) {
        if (key[2] != -1L) {
            return new long[] {key[0], key[1], key[2] + 1};
        }
        if (key[1] != -1L) {
            return new long[] {key[0], key[1] + 1, 0};
        }
        return key[0] == -1L ? null : new long[] {key[0] + 1, 0, 0};
    }
}
