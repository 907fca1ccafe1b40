package dev.firn.columnar.rebuild;

import dev.firn.columnar.batch.RowBatch;
import dev.firn.columnar.hidden.HiddenColumn;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.MalformedDataException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** The heap of a relation, page after page, from its files alone. Owned by one thread. */
public final class RebuiltRelation implements AutoCloseable {
    private static final int FIRST = 0;

    private final RowFiles visible;
    private final RowFiles dead;
    private final RowFiles residue;
    private final PageRebuilder rebuilder;
    private long block = -1;

    /** @param memory borrowed. */
    public RebuiltRelation(final RelationForm form, final RelationFiles files, final OffHeapMemory memory) {
        final int blockColumn = form.hidden(HiddenColumn.BLOCK);
        visible = new RowFiles(files.visible(), form.rowSchema(), blockColumn, memory);
        dead = new RowFiles(files.dead(), form.rowSchema(), blockColumn, memory);
        residue = new RowFiles(files.residue(), form.residueSchema(), ResidueColumn.BLOCK.ordinal(), memory);
        rebuilder = new PageRebuilder(form, memory);
    }

    /**
     * Goes to the next page.
     *
     * @return false when there is none, and no row is left.
     * @throws MalformedDataException when rows have no page, or pages are not in order: nothing that follows can be read.
     */
    public boolean next() throws IOException {
        final long next = residue.nextBlock();
        if (next < 0) {
            final long left = Math.max(visible.nextBlock(), dead.nextBlock());
            if (left >= 0) {
                throw new MalformedDataException("a row of block " + left + ", which the residue does not have");
            }
            return false;
        }
        if (next != block + 1) {
            throw new MalformedDataException("the residue's block " + next + " comes after block " + block);
        }
        block = next;
        residue.read(block, 1);
        visible.read(block, PageRows.MOST);
        dead.read(block, PageRows.MOST);
        return true;
    }

    /** The page's block. */
    public long block() {
        return block;
    }

    /**
     * The page itself.
     *
     * @return borrowed until the next one.
     * @throws MalformedDataException when its rows and its residue make none; pages that follow may be whole.
     */
    public MemorySegment page() {
        return rebuilder.rebuild(
                residue.batch(),
                FIRST,
                visible.batch(),
                FIRST,
                visible.batch().rows(),
                dead.batch(),
                FIRST,
                dead.batch().rows());
    }

    /** What the page is made of, for tests that damage it: visible rows, dead ones, and its residue. */
    List<RowBatch> batches() {
        return List.of(visible.batch(), dead.batch(), residue.batch());
    }

    @Override
    public void close() {
        visible.close();
        dead.close();
        residue.close();
        rebuilder.close();
    }
}
