package dev.firn.postgres.catalog;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.file.Fork;
import dev.firn.postgres.file.RelFileLocator;
import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.tuple.TupleBatch;
import dev.firn.postgres.visibility.RowVisibility;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The visible rows of one catalog, kept by block, so that only what changed is read again: blocks that changed, and blocks with a row whose
 * transaction had not ended, for it may have by now without touching the block.
 */
final class CatalogTable<T> {
    /** As many as line pointers fit: a damaged page may have more tuples than fit. */
    private static final int MAX_PAGE_ROWS =
            (PageLayout.PAGE_BYTES - PageLayout.HEADER_BYTES) / PageLayout.LINE_POINTER_BYTES;

    private final String name;
    private final List<List<T>> byBlock = new ArrayList<>();
    private final List<Boolean> undecided = new ArrayList<>();
    private final MemorySegment memory = MemorySegment.ofArray(new long[PageLayout.PAGE_BYTES / Long.BYTES]);
    private final PageFlyweight page = new PageFlyweight();
    private final HeapTupleFlyweight tuple = new HeapTupleFlyweight();
    private RelFileLocator locator;
    private long blocksRead;

    CatalogTable(final String name) {
        this.name = name;
    }

    /** A batch that holds a page's rows. */
    static TupleBatch pageBatch() {
        return new TupleBatch(MAX_PAGE_ROWS);
    }

    /** Reads what has changed; all of it when the catalog's file is another than before. Whether anything was read. */
    boolean read(
            final RelFileLocator file,
            final CatalogPages pages,
            final RowVisibility visibility,
            final ChangedBlocks changed,
            final TupleBatch batch,
            final CatalogColumns columns,
            final Function<CatalogColumns, T> row) {
        if (!file.equals(locator)) {
            byBlock.clear();
            undecided.clear();
            locator = file;
        }
        final long before = blocksRead;
        final int blocks = Math.toIntExact(pages.blocks(file, Fork.MAIN));
        boolean shrunk = false;
        while (byBlock.size() > blocks) {
            byBlock.removeLast();
            undecided.removeLast();
            shrunk = true;
        }
        for (int block = 0; block < blocks; block++) {
            final boolean isNew = block == byBlock.size();
            if (isNew || undecided.get(block) || changed.mayHaveChanged(file, block)) {
                if (isNew) {
                    byBlock.add(List.of());
                    undecided.add(false);
                }
                try {
                    readBlock(block, pages, visibility, batch, columns, row);
                } catch (final MalformedDataException e) {
                    throw new MalformedDataException(name + ", block " + block + ": " + e.getMessage(), e);
                }
            }
        }
        return shrunk || blocksRead != before;
    }

    private void readBlock(
            final int block,
            final CatalogPages pages,
            final RowVisibility visibility,
            final TupleBatch batch,
            final CatalogColumns columns,
            final Function<CatalogColumns, T> row) {
        blocksRead++;
        pages.page(locator, Fork.MAIN, block, memory);
        page.wrap(memory, 0);
        batch.begin(memory);
        visibility.forgetUndecided();
        final int count = page.isNew() ? 0 : page.linePointerCount();
        for (int offset = 1; offset <= count; offset++) {
            if (LinePointer.state(page.linePointer(offset)) == LinePointer.NORMAL
                    && visibility.isVisible(tuple.wrap(page, offset))) {
                batch.add(tuple, block, offset);
            }
        }
        columns.deform();
        final List<T> found = new ArrayList<>(batch.rows());
        for (int i = 0; i < batch.rows(); i++) {
            columns.row(i);
            found.add(row.apply(columns));
        }
        byBlock.set(block, found);
        undecided.set(block, visibility.wasUndecided());
    }

    /** All rows. */
    Iterable<T> rows() {
        return () -> byBlock.stream().flatMap(List::stream).iterator();
    }

    /** How many blocks were read since the beginning. */
    long blocksRead() {
        return blocksRead;
    }
}
