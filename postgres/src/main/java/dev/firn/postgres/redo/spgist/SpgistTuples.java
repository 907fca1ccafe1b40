package dev.firn.postgres.redo.spgist;

import static dev.firn.postgres.redo.spgist.SpgistPage.DEAD_TUPLE_BYTES;
import static dev.firn.postgres.redo.spgist.SpgistPage.PLACEHOLDER;
import static dev.firn.postgres.redo.spgist.SpgistPage.REDIRECT;

import dev.firn.postgres.page.PageEditor;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.redo.RedoContext;
import java.util.Arrays;

/**
 * Adds, replaces and buries tuples of SP-GiST pages, as the static functions of access/spgist/spgxlog.c and spgdoinsert.c do.
 *
 * <p>Offset numbers of inner and chained leaf tuples are in other tuples, so no tuple ever moves to another one: what goes leaves a dead
 * tuple behind, which later ones may replace. It keeps nothing but scratch memory; a {@link SpgistRedo} owns it.
 */
final class SpgistTuples {
    private final int[] ascending = new int[PageLayout.MAX_OFFSET_NUMBER];
    private final long[] marked = new long[PageLayout.MAX_OFFSET_NUMBER / Long.SIZE + 1];

    /** What {@link #bury} leaves behind: see {@link #redirectTo}. */
    private int redirectBlock;

    private int redirectOffsetNumber;
    private int redirectXid;

    /** Says where redirections lead from now on, and which transaction made them. */
    void redirectTo(final int block, final int offsetNumber, final int xid) {
        redirectBlock = block;
        redirectOffsetNumber = offsetNumber;
        redirectXid = xid;
    }

    /** addOrReplaceTuple: what is there already must be a placeholder. */
    void addOrReplace(
            final RedoContext redo, final int offsetNumber, final RecordData source, final int index, final int bytes) {
        final PageFlyweight page = redo.page();
        if (offsetNumber <= page.linePointerCount()) {
            SpgistPage.requireState(page, offsetNumber, PLACEHOLDER);
            SpgistPage.addPlaceholders(page, -1);
            redo.editor().deleteIndexTuple(page, offsetNumber);
        }
        add(redo, offsetNumber, source, index, bytes);
    }

    /** PageIndexTupleDelete and PageAddItem. */
    void replace(
            final RedoContext redo, final int offsetNumber, final RecordData source, final int index, final int bytes) {
        redo.editor().deleteIndexTuple(redo.page(), offsetNumber);
        add(redo, offsetNumber, source, index, bytes);
    }

    private static void add(
            final RedoContext redo, final int offsetNumber, final RecordData source, final int index, final int bytes) {
        if (redo.editor().addItem(redo.page(), offsetNumber, source.segment(), source.at(index, bytes), bytes)
                == PageEditor.NO_ROOM) {
            throw redo.misfit("a tuple of " + bytes + " bytes cannot be added at offset number " + offsetNumber);
        }
    }

    /** A dead tuple takes the place of another one. */
    void replaceByDead(final RedoContext redo, final int offsetNumber, final int state) {
        redo.editor().deleteIndexTuple(redo.page(), offsetNumber);
        addDead(redo, offsetNumber, state);
    }

    /**
     * spgPageIndexMultiDelete: dead tuples take the places of others.
     *
     * @param numbers has the offset numbers as uint16s, in any order.
     * @param firstState the state of the one that is first among them.
     * @param otherState the state of all others.
     */
    void bury(
            final RedoContext redo,
            final RecordData numbers,
            final int index,
            final int count,
            final int firstState,
            final int otherState) {
        if (count == 0) {
            return;
        }
        sort(redo, numbers, index, count);
        redo.editor().deleteIndexTuples(redo.page(), ascending, count);
        final int first = numbers.unsignedShort(index);
        for (int i = 0; i < count; i++) {
            addDead(redo, ascending[i], ascending[i] == first ? firstState : otherState);
        }
    }

    /** PageIndexMultiDelete of offset numbers that are ascending in the record. */
    void delete(final RedoContext redo, final RecordData numbers, final int index, final int count) {
        sort(redo, numbers, index, count);
        for (int i = 0; i < count; i++) {
            if (ascending[i] != numbers.unsignedShort(index + i * Short.BYTES)) {
                throw redo.misfit("the offset numbers to delete are not ascending");
            }
        }
        redo.editor().deleteIndexTuples(redo.page(), ascending, count);
    }

    /** Deletes all tuples from one on. */
    void deleteFrom(final RedoContext redo, final int first) {
        final int last = redo.page().linePointerCount();
        for (int offsetNumber = first; offsetNumber <= last; offsetNumber++) {
            ascending[offsetNumber - first] = offsetNumber;
        }
        redo.editor().deleteIndexTuples(redo.page(), ascending, last - first + 1);
    }

    private void addDead(final RedoContext redo, final int offsetNumber, final int state) {
        final PageFlyweight page = redo.page();
        if (redo.editor().insertItem(page, offsetNumber, DEAD_TUPLE_BYTES) == PageEditor.NO_ROOM) {
            throw redo.misfit("a dead tuple cannot be added at offset number " + offsetNumber);
        }
        SpgistPage.putDeadTuple(page, page.upper(), state, redirectBlock, redirectOffsetNumber, redirectXid);
        if (state == REDIRECT) {
            SpgistPage.addRedirections(page, 1);
        } else if (state == PLACEHOLDER) {
            SpgistPage.addPlaceholders(page, 1);
        }
    }

    /** Into {@link #ascending}: each of the page's offset numbers at most once. */
    private void sort(final RedoContext redo, final RecordData numbers, final int index, final int count) {
        numbers.at(index, count * Short.BYTES);
        final int limit = redo.page().linePointerCount();
        final int words = (limit >>> 6) + 1;
        Arrays.fill(marked, 0, words, 0);
        for (int i = 0; i < count; i++) {
            final int offsetNumber = numbers.unsignedShort(index + i * Short.BYTES);
            if (offsetNumber < 1 || offsetNumber > limit) {
                throw redo.misfit("the record removes offset number " + offsetNumber + " of " + limit);
            }
            final long bit = 1L << offsetNumber;
            if ((marked[offsetNumber >>> 6] & bit) != 0) {
                throw redo.misfit("the record removes offset number " + offsetNumber + " twice");
            }
            marked[offsetNumber >>> 6] |= bit;
        }
        int sorted = 0;
        for (int word = 0; word < words; word++) {
            for (long rest = marked[word]; rest != 0; rest &= rest - 1) {
                ascending[sorted++] = (word << 6) + Long.numberOfTrailingZeros(rest);
            }
        }
    }
}
