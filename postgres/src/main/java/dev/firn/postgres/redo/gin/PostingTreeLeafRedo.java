package dev.firn.postgres.redo.gin;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.redo.RecordData;
import dev.firn.postgres.redo.RedoContext;
import java.lang.foreign.MemorySegment;

/**
 * Changes the posting lists of a leaf of a posting tree: ginRedoRecompress of ginxlog.c, and ginxlogRecompressDataLeaf of access/ginxlog.h.
 *
 * <p>The leaf is a row of posting lists, its segments. The record names, in ascending order, segments that go, come, are replaced, or get
 * further items. Segments are read from where they are until the first one changes; from then on out of a copy of the page, and written
 * behind each other. So the bytes behind the last one stay what they were, as in Postgres.
 */
final class PostingTreeLeafRedo {
    private static final int DELETE = 1;
    private static final int INSERT = 2;
    private static final int REPLACE = 3;
    private static final int ADD_ITEMS = 4;

    private final PostingListReader reader = new PostingListReader();
    private final PostingListWriter writer = new PostingListWriter();

    private PageFlyweight page;

    /** Where the segments are read from: the page itself, then the copy of it. */
    private PageFlyweight source;

    /** The number of the segment at {@link #read}. */
    private int segment;

    // Offsets from the page's begin, alike in page and copy.
    private int read;
    private int readEnd;
    private int write;
    private int writeEnd;

    /** Applies the actions, which are all that is left of {@code actions}. */
    void apply(final RedoContext redo, final RecordData actions) {
        page = redo.page();
        GinPage.requireFlags(page, GinPage.DATA | GinPage.LEAF, GinPage.DATA | GinPage.LEAF);
        writeEnd = GinPage.opaqueOffset(page);
        if ((GinPage.flags(page) & GinPage.COMPRESSED) == 0) {
            compress(redo);
        }
        source = page;
        segment = 0;
        read = GinPage.DATA_OFFSET;
        write = GinPage.DATA_OFFSET;
        readEnd = page.lower();
        if (readEnd < GinPage.DATA_OFFSET || readEnd > writeEnd) {
            throw redo.misfit("the posting lists of the page end at " + readEnd);
        }
        final int count = actions.nextUnsignedShort();
        if (count == 0) {
            throw redo.misfit("the record changes no posting list");
        }
        for (int i = 0; i < count; i++) {
            final int number = actions.nextUnsignedByte();
            final int action = actions.nextUnsignedByte();
            skipTo(redo, number);
            act(redo, action, actions);
        }
        actions.requireEnd();
        if (source != page) {
            append(source.segment(), source.base() + read, readEnd - read);
        }
        page.lower(write);
    }

    /** Until 9.3 a leaf was an array of item pointers, and a cluster that was upgraded since may still have such ones. */
    private void compress(final RedoContext redo) {
        final int count = GinPage.maxOffset(page);
        final int end = GinPage.DATA_OFFSET + count * PostingListReader.ITEM_POINTER_BYTES;
        if (end > writeEnd) {
            throw redo.misfit("the page has " + count + " items");
        }
        int bytes = 0;
        if (count > 0) {
            final PageFlyweight old = redo.copyOfPage();
            long at = old.base() + GinPage.DATA_OFFSET;
            writer.begin(
                    page.segment(),
                    page.base() + GinPage.DATA_OFFSET,
                    page.base() + writeEnd,
                    PostingListReader.itemPointer(old.segment(), at));
            for (int i = 1; i < count; i++) {
                at += PostingListReader.ITEM_POINTER_BYTES;
                writer.add(PostingListReader.itemPointer(old.segment(), at));
            }
            bytes = writer.finish();
        }
        page.lower(GinPage.DATA_OFFSET + bytes);
        GinPage.flags(page, GinPage.flags(page) | GinPage.COMPRESSED);
        GinPage.maxOffset(page, 0);
    }

    /** Passes the segments that stay as they are. */
    private void skipTo(final RedoContext redo, final int number) {
        if (number < segment) {
            throw redo.misfit("the record changes posting list " + number + " after " + segment);
        }
        while (segment < number) {
            final int bytes = segmentBytes(redo);
            if (source == page) {
                write += bytes;
            } else {
                append(source.segment(), source.base() + read, bytes);
            }
            read += bytes;
            segment++;
        }
    }

    private void act(final RedoContext redo, final int action, final RecordData actions) {
        if (action != INSERT || read != readEnd) {
            leaveOriginal(redo);
        }
        switch (action) {
            case DELETE -> passOld(redo);
            case INSERT -> insert(actions);
            case REPLACE -> {
                insert(actions);
                passOld(redo);
            }
            case ADD_ITEMS -> {
                addItems(redo, actions);
                passOld(redo);
            }
            default -> throw redo.misfit("the record has action " + action + " for a posting list");
        }
    }

    /** The page is about to change from here on: its segments are read from a copy. */
    private void leaveOriginal(final RedoContext redo) {
        if (source == page) {
            source = redo.copyOfPage();
        }
    }

    private void passOld(final RedoContext redo) {
        read += segmentBytes(redo);
        segment++;
    }

    /** A whole segment that the record carries. */
    private void insert(final RecordData actions) {
        actions.at(actions.position(), PostingListReader.HEADER_BYTES);
        final int bytes = PostingListReader.listBytes(actions.segment(), actions.at(actions.position(), 0));
        append(actions.segment(), actions.take(bytes), bytes);
    }

    /** The old segment's items and the record's, in one segment: ginMergeItemPointers. An item that is in both is there once. */
    private void addItems(final RedoContext redo, final RecordData actions) {
        segmentBytes(redo);
        int left = actions.nextUnsignedShort();
        long old = reader.wrap(source.segment(), source.base() + read);
        long added = nextAdded(actions, left--);
        final long first = Math.min(old, added);
        writer.begin(page.segment(), page.base() + write, page.base() + writeEnd, first);
        boolean begun = false;
        while (old != PostingListReader.NO_ITEM || added != PostingListReader.NO_ITEM) {
            final long item = Math.min(old, added);
            if (begun) {
                writer.add(item);
            }
            begun = true;
            if (item == old) {
                old = reader.next();
            }
            if (item == added) {
                added = nextAdded(actions, left--);
            }
        }
        write += writer.finish();
    }

    private static long nextAdded(final RecordData actions, final int left) {
        if (left <= 0) {
            return PostingListReader.NO_ITEM;
        }
        return PostingListReader.itemPointer(actions.segment(), actions.take(PostingListReader.ITEM_POINTER_BYTES));
    }

    /** How long the old segment at {@link #read} is: it must be there. */
    private int segmentBytes(final RedoContext redo) {
        if (read + PostingListReader.HEADER_BYTES <= readEnd) {
            final int bytes = PostingListReader.listBytes(source.segment(), source.base() + read);
            if (read + bytes <= readEnd) {
                return bytes;
            }
        }
        throw redo.misfit("the page has no posting list " + segment + " at " + read + ", before its end at " + readEnd);
    }

    private void append(final MemorySegment from, final long offset, final int bytes) {
        if (write + bytes > writeEnd) {
            throw new MalformedDataException("the page has no room for the posting lists that the record gives it");
        }
        MemorySegment.copy(from, offset, page.segment(), page.base() + write, bytes);
        write += bytes;
    }
}
