package dev.firn.columnar.parquet;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.format.BoundaryOrder;
import org.apache.parquet.format.ColumnIndex;
import org.apache.parquet.format.OffsetIndex;
import org.apache.parquet.format.PageLocation;

/** What readers skip pages by (PageIndex.md): of one column chunk. A few objects a page, none a value. */
final class PageIndexBuilder {
    private static final byte[] NOTHING = {};

    private final LeafColumn leaf;
    private final List<Boolean> nullPages = new ArrayList<>();
    private final List<Bound> least = new ArrayList<>();
    private final List<Bound> greatest = new ArrayList<>();
    private final List<Long> nullCounts = new ArrayList<>();
    private final List<PageLocation> locations = new ArrayList<>();

    PageIndexBuilder(final LeafColumn leaf) {
        this.leaf = leaf;
    }

    void add(
            final long offset,
            final int storedBytes,
            final long firstRow,
            final boolean empty,
            final long nulls,
            final Bound lowest,
            final Bound highest) {
        locations.add(new PageLocation(offset, storedBytes, firstRow));
        nullPages.add(empty);
        nullCounts.add(nulls);
        least.add(lowest);
        greatest.add(highest);
    }

    int pages() {
        return locations.size();
    }

    /** Of all pages; unknown when one's is. */
    Bound least() {
        return extreme(least, -1);
    }

    Bound greatest() {
        return extreme(greatest, 1);
    }

    private Bound extreme(final List<Bound> bounds, final int sign) {
        Bound best = Bound.NONE;
        for (int page = 0; page < bounds.size(); page++) {
            final Bound bound = bounds.get(page);
            if (nullPages.get(page)) {
                continue;
            }
            if (!bound.isKnown()) {
                // NaN lies outside of every range; a long text without a bound has none.
                if (leaf.field().isVariable()) {
                    return Bound.NONE;
                }
                continue;
            }
            if (!best.isKnown() || leaf.order().compare(bound.bytes(), best.bytes()) * sign > 0) {
                best = bound;
            }
        }
        return best;
    }

    /** @param shift how much later in the file the chunk's data pages begin. */
    OffsetIndex offsetIndex(final long shift) {
        final List<PageLocation> shifted = new ArrayList<>();
        for (final PageLocation location : locations) {
            shifted.add(new PageLocation(
                    location.getOffset() + shift, location.getCompressed_page_size(), location.getFirst_row_index()));
        }
        return new OffsetIndex(shifted);
    }

    /** Null when a page has values without bounds: the format has no way to say so. */
    ColumnIndex columnIndex() {
        final List<ByteBuffer> lowest = new ArrayList<>();
        final List<ByteBuffer> highest = new ArrayList<>();
        for (int page = 0; page < locations.size(); page++) {
            final boolean empty = nullPages.get(page);
            if (!empty && (!least.get(page).isKnown() || !greatest.get(page).isKnown())) {
                return null;
            }
            lowest.add(ByteBuffer.wrap(empty ? NOTHING : least.get(page).bytes()));
            highest.add(ByteBuffer.wrap(empty ? NOTHING : greatest.get(page).bytes()));
        }
        return new ColumnIndex(nullPages, lowest, highest, order()).setNull_counts(nullCounts);
    }

    private BoundaryOrder order() {
        boolean rising = true;
        boolean falling = true;
        int before = -1;
        for (int page = 0; page < locations.size(); page++) {
            if (nullPages.get(page)) {
                continue;
            }
            if (before >= 0) {
                final int lowest = leaf.order()
                        .compare(least.get(before).bytes(), least.get(page).bytes());
                final int highest = leaf.order()
                        .compare(
                                greatest.get(before).bytes(), greatest.get(page).bytes());
                rising &= lowest <= 0 && highest <= 0;
                falling &= lowest >= 0 && highest >= 0;
            }
            before = page;
        }
        return rising ? BoundaryOrder.ASCENDING : falling ? BoundaryOrder.DESCENDING : BoundaryOrder.UNORDERED;
    }
}
