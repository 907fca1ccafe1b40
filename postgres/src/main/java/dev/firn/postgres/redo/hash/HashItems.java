package dev.firn.postgres.redo.hash;

import dev.firn.postgres.page.PageEditor;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.redo.RedoContext;
import java.lang.foreign.MemorySegment;

/** Tuples that come onto a page of a bucket, and that go from it, as several kinds of records list them. Scratch memory only. */
final class HashItems {
    private final int[] offsetNumbers = new int[PageLayout.MAX_OFFSET_NUMBER];

    /** PageAddItem, which must not fail. */
    static void add(
            final RedoContext redo,
            final int offsetNumber,
            final MemorySegment source,
            final long sourceOffset,
            final int bytes) {
        final PageFlyweight page = redo.page();
        if (redo.editor().addItem(page, offsetNumber, source, sourceOffset, bytes) == PageEditor.NO_ROOM) {
            throw redo.misfit("an item of " + bytes + " bytes does not fit at offset number " + offsetNumber + " of "
                    + page.linePointerCount() + ", with " + page.exactFreeSpace() + " bytes free");
        }
    }

    /** Adds tuples that came from another page: first the offset number of each, then the tuples, each with its padding. */
    static void addMoved(final RedoContext redo, final RecordData data, final int count) {
        int place = data.position();
        data.take(count * Short.BYTES);
        for (int i = 0; i < count; i++) {
            final int bytes = PageLayout.align(data.indexTupleBytes());
            add(redo, data.unsignedShort(place), data.segment(), data.take(bytes), bytes);
            place += Short.BYTES;
        }
        data.requireEnd();
    }

    /** Deletes the items whose offset numbers are all the rest of the data. */
    void deleteRest(final RedoContext redo, final RecordData data) {
        delete(redo, data, data.remaining() / Short.BYTES);
        data.requireEnd();
    }

    /** Deletes the items whose offset numbers come next in the data. */
    void delete(final RedoContext redo, final RecordData data, final int count) {
        if (count < 0 || count > redo.page().linePointerCount() || count > offsetNumbers.length) {
            throw redo.misfit(
                    "the record deletes " + count + " items, of " + redo.page().linePointerCount());
        }
        for (int i = 0; i < count; i++) {
            offsetNumbers[i] = data.nextUnsignedShort();
        }
        redo.editor().deleteIndexTuples(redo.page(), offsetNumbers, count);
    }
}
