package dev.firn.postgres.page;

import static dev.firn.postgres.page.PageLayout.HEADER_BYTES;
import static dev.firn.postgres.page.PageLayout.LINE_POINTER_BYTES;
import static dev.firn.postgres.page.PageLayout.PAGE_BYTES;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Adds, replaces and removes items of a page exactly as storage/page/bufpage.c does: also the bytes that it leaves behind in the hole, since
 * a later item without a multiple of eight bytes lets them show through.
 *
 * <p>Nothing is written before everything was checked: an item or a header that lies outside the page throws {@link MalformedDataException}.
 * One thread owns an instance, which is scratch memory only; it keeps no page.
 */
public final class PageEditor {
    /** What {@link #addItem} gives when there is no room, or no such place. */
    public static final int NO_ROOM = 0;

    private final int[] indexes = new int[PageLayout.MAX_OFFSET_NUMBER];
    private final int[] offsets = new int[PageLayout.MAX_OFFSET_NUMBER];
    private final int[] lengths = new int[PageLayout.MAX_OFFSET_NUMBER];
    private final int[] pointers = new int[PageLayout.MAX_OFFSET_NUMBER];
    private final int[] groupTargets = new int[PageLayout.MAX_OFFSET_NUMBER];
    private final int[] groupBytes = new int[PageLayout.MAX_OFFSET_NUMBER];
    private final MemorySegment scratch;

    /** How many items are in the arrays, what they take on the page, and whether each lies below the one before. */
    private int count;

    private int totalBytes;
    private boolean presorted;

    /**
     * An editor with scratch memory.
     *
     * @param scratch a page's size; borrowed for as long as the editor is used.
     */
    public PageEditor(final MemorySegment scratch) {
        Objects.checkFromIndexSize(0, PAGE_BYTES, scratch.byteSize());
        this.scratch = scratch;
    }

    /**
     * PageAddItem without flags, at a given place: the line pointers from there on move up by one.
     *
     * @param offsetNumber from 1 to one past the last.
     * @return the offset number, or {@link #NO_ROOM}; nothing was changed then.
     */
    public int addItem(
            final PageFlyweight page,
            final int offsetNumber,
            final MemorySegment source,
            final long sourceOffset,
            final int lengthBytes) {
        final int at = reserve(page, offsetNumber, lengthBytes, true);
        if (at == NO_ROOM) {
            return NO_ROOM;
        }
        MemorySegment.copy(source, sourceOffset, page.segment(), page.base() + page.upper(), lengthBytes);
        return offsetNumber;
    }

    /**
     * PageAddItem with PAI_OVERWRITE: takes a line pointer that is unused, or the next one.
     *
     * @return the offset number, or {@link #NO_ROOM}; nothing was changed then.
     */
    public int putItem(
            final PageFlyweight page,
            final int offsetNumber,
            final MemorySegment source,
            final long sourceOffset,
            final int lengthBytes) {
        final int at = reserve(page, offsetNumber, lengthBytes, false);
        if (at == NO_ROOM) {
            return NO_ROOM;
        }
        MemorySegment.copy(source, sourceOffset, page.segment(), page.base() + page.upper(), lengthBytes);
        return offsetNumber;
    }

    /**
     * Like {@link #putItem}, but leaves the item's bytes to the caller: it begins at {@link PageFlyweight#upper}.
     *
     * @return the offset number, or {@link #NO_ROOM}; nothing was changed then.
     */
    public int reserveItem(final PageFlyweight page, final int offsetNumber, final int lengthBytes) {
        return reserve(page, offsetNumber, lengthBytes, false);
    }

    /**
     * PageAddItem with PAI_OVERWRITE and PAI_IS_HEAP: like {@link #reserveItem}, and never past MaxHeapTuplesPerPage.
     *
     * @return the offset number, or {@link #NO_ROOM}; nothing was changed then.
     */
    public static int reserveHeapItem(final PageFlyweight page, final int offsetNumber, final int lengthBytes) {
        return offsetNumber > PageLayout.MAX_HEAP_TUPLES ? NO_ROOM : reserve(page, offsetNumber, lengthBytes, false);
    }

    /**
     * Like {@link #addItem}, but leaves the item's bytes to the caller: it begins at {@link PageFlyweight#upper}.
     *
     * @return the offset number, or {@link #NO_ROOM}; nothing was changed then.
     */
    public int insertItem(final PageFlyweight page, final int offsetNumber, final int lengthBytes) {
        return reserve(page, offsetNumber, lengthBytes, true);
    }

    private static int reserve(
            final PageFlyweight page, final int offsetNumber, final int lengthBytes, final boolean shuffle) {
        requireSane(page);
        final int limit = page.linePointerCount() + 1;
        if (offsetNumber < 1 || offsetNumber > limit || lengthBytes < 0 || lengthBytes > PAGE_BYTES) {
            return NO_ROOM;
        }
        final boolean appended = offsetNumber == limit;
        if (!appended && !shuffle) {
            final int old = page.linePointer(offsetNumber);
            if (LinePointer.state(old) != LinePointer.UNUSED || LinePointer.hasStorage(old)) {
                return NO_ROOM;
            }
        }
        final int lower = page.lower() + (appended || shuffle ? LINE_POINTER_BYTES : 0);
        final int upper = page.upper() - PageLayout.align(lengthBytes);
        if (lower > upper) {
            return NO_ROOM;
        }
        final long pointerAt = page.base() + HEADER_BYTES + (long) (offsetNumber - 1) * LINE_POINTER_BYTES;
        if (!appended && shuffle) {
            MemorySegment.copy(
                    page.segment(),
                    pointerAt,
                    page.segment(),
                    pointerAt + LINE_POINTER_BYTES,
                    (long) (limit - offsetNumber) * LINE_POINTER_BYTES);
        }
        LittleEndian.putInt(page.segment(), pointerAt, LinePointer.of(upper, LinePointer.NORMAL, lengthBytes));
        page.lower(lower);
        page.upper(upper);
        return offsetNumber;
    }

    /** PageIndexTupleDelete: removes an item and its line pointer; those behind it move down. */
    public void deleteIndexTuple(final PageFlyweight page, final int offsetNumber) {
        final int offset = requireIndexItem(page, offsetNumber);
        final int size = PageLayout.align(page.itemLength(offsetNumber));
        final long pointerAt = page.base() + HEADER_BYTES + (long) (offsetNumber - 1) * LINE_POINTER_BYTES;
        MemorySegment.copy(
                page.segment(),
                pointerAt + LINE_POINTER_BYTES,
                page.segment(),
                pointerAt,
                page.base() + page.lower() - pointerAt - LINE_POINTER_BYTES);
        closeGap(page, offset, size);
        page.lower(page.lower() - LINE_POINTER_BYTES);
        moveItems(page, page.linePointerCount(), offset, size);
    }

    /** PageIndexTupleDeleteNoCompact: removes an item, and its line pointer only when it is the last one. */
    public void deleteIndexTupleKeepingPointer(final PageFlyweight page, final int offsetNumber) {
        final int offset = requireIndexItem(page, offsetNumber);
        final int size = PageLayout.align(page.itemLength(offsetNumber));
        if (offsetNumber < page.linePointerCount()) {
            page.linePointer(offsetNumber, LinePointer.UNUSED_POINTER);
        } else {
            page.lower(page.lower() - LINE_POINTER_BYTES);
        }
        closeGap(page, offset, size);
        moveItems(page, page.linePointerCount(), offset, size);
    }

    /**
     * PageIndexMultiDelete: removes items and their line pointers.
     *
     * @param offsetNumbers ascending; the first {@code deletedCount} are taken.
     */
    public void deleteIndexTuples(final PageFlyweight page, final int[] offsetNumbers, final int deletedCount) {
        if (deletedCount <= 2) {
            for (int i = deletedCount - 1; i >= 0; i--) {
                deleteIndexTuple(page, offsetNumbers[i]);
            }
            return;
        }
        requireSane(page);
        final int special = page.special();
        final int lineCount = page.linePointerCount();
        begin();
        int next = 0;
        int last = special;
        for (int offsetNumber = 1; offsetNumber <= lineCount; offsetNumber++) {
            final int offset = requireIndexItem(page, offsetNumber);
            if (next < deletedCount && offsetNumbers[next] == offsetNumber) {
                next++;
                continue;
            }
            pointers[count] = page.linePointer(offsetNumber);
            last = collect(count, offset, page.itemLength(offsetNumber), last);
        }
        if (next != deletedCount) {
            throw new MalformedDataException("the offset numbers to delete are not ascending ones among " + lineCount);
        }
        requireFit(page);
        for (int i = 0; i < count; i++) {
            LittleEndian.putInt(
                    page.segment(), page.base() + HEADER_BYTES + (long) i * LINE_POINTER_BYTES, pointers[i]);
        }
        page.lower(HEADER_BYTES + count * LINE_POINTER_BYTES);
        compact(page);
    }

    /**
     * PageIndexTupleOverwrite: replaces an item in its place; others move as far as its length changes.
     *
     * @return false when there is no room; nothing was changed then.
     */
    public boolean overwriteIndexTuple(
            final PageFlyweight page,
            final int offsetNumber,
            final MemorySegment source,
            final long sourceOffset,
            final int lengthBytes) {
        final int offset = requireIndexItem(page, offsetNumber);
        final int oldBytes = PageLayout.align(page.itemLength(offsetNumber));
        final int newBytes = PageLayout.align(lengthBytes);
        if (lengthBytes < 0 || newBytes > oldBytes + page.exactFreeSpace()) {
            return false;
        }
        final int difference = oldBytes - newBytes;
        if (difference != 0) {
            closeGap(page, offset, difference);
            moveItems(page, page.linePointerCount(), offset, difference);
        }
        final int pointer = page.linePointer(offsetNumber);
        page.linePointer(offsetNumber, LinePointer.of(offset + difference, LinePointer.state(pointer), lengthBytes));
        MemorySegment.copy(source, sourceOffset, page.segment(), page.base() + offset + difference, lengthBytes);
        return true;
    }

    /** PageRepairFragmentation: moves a heap page's items together, and drops unused line pointers at the end. */
    public void repairFragmentation(final PageFlyweight page) {
        requireSane(page);
        final int lineCount = page.linePointerCount();
        final int upper = page.upper();
        final int special = page.special();
        begin();
        int last = special;
        int unused = 0;
        int finalUsed = 0;
        final MemorySegment segment = page.segment();
        final long pointersAt = page.base() + HEADER_BYTES;
        for (int offsetNumber = 1; offsetNumber <= lineCount; offsetNumber++) {
            final long pointerAt = pointersAt + (long) (offsetNumber - 1) * LINE_POINTER_BYTES;
            final int pointer = LittleEndian.getInt(segment, pointerAt);
            if (LinePointer.state(pointer) == LinePointer.UNUSED) {
                LittleEndian.putInt(segment, pointerAt, LinePointer.UNUSED_POINTER);
                unused++;
                continue;
            }
            if (LinePointer.hasStorage(pointer)) {
                final int offset = LinePointer.offset(pointer);
                if (offset < upper || offset + PageLayout.align(LinePointer.length(pointer)) > special) {
                    throw badPointer(offsetNumber, pointer, page);
                }
                last = collect(offsetNumber - 1, offset, LinePointer.length(pointer), last);
            }
            finalUsed = offsetNumber;
        }
        requireFit(page);
        compact(page);
        final int dropped = lineCount - finalUsed;
        page.lower(page.lower() - dropped * LINE_POINTER_BYTES);
        setFreeLinesHint(page, unused - dropped > 0);
    }

    /** PageTruncateLinePointerArray: drops unused line pointers at the end, but for the first. */
    public static void truncateLinePointers(final PageFlyweight page) {
        boolean counting = true;
        boolean free = false;
        int dropped = 0;
        for (int offsetNumber = page.linePointerCount(); offsetNumber >= 1; offsetNumber--) {
            final boolean unused = LinePointer.state(page.linePointer(offsetNumber)) == LinePointer.UNUSED;
            if (counting && offsetNumber > 1 && unused) {
                dropped++;
            } else {
                counting = false;
                if (unused) {
                    free = true;
                    break;
                }
            }
        }
        page.lower(page.lower() - dropped * LINE_POINTER_BYTES);
        setFreeLinesHint(page, free);
    }

    private static void setFreeLinesHint(final PageFlyweight page, final boolean free) {
        if (free) {
            page.setFlag(PageLayout.HAS_FREE_LINES);
        } else {
            page.clearFlag(PageLayout.HAS_FREE_LINES);
        }
    }

    private void begin() {
        count = 0;
        totalBytes = 0;
        presorted = true;
    }

    private int collect(final int index, final int offset, final int lengthBytes, final int lastOffset) {
        indexes[count] = index;
        offsets[count] = offset;
        lengths[count] = PageLayout.align(lengthBytes);
        totalBytes += lengths[count];
        count++;
        if (lastOffset > offset) {
            return offset;
        }
        presorted = false;
        return lastOffset;
    }

    private void requireFit(final PageFlyweight page) {
        if (totalBytes > page.special() - page.lower()) {
            throw new MalformedDataException("the page's items have " + totalBytes + " bytes, more than the "
                    + (page.special() - page.lower()) + " between its line pointers and its special space");
        }
    }

    /**
     * compactify_tuples: the collected items to the end of the page, in their order from there. Items that lie side by side move together, and
     * those that are in their place already are not touched: pruning a heap page whose tuples are of one length moves the newest one only,
     * and most of the page is neither read nor written.
     */
    private void compact(final PageFlyweight page) {
        final MemorySegment segment = page.segment();
        final long base = page.base();
        int upper = page.special();
        int saved = 0;
        int groups = 0;
        int i = 0;
        while (i < count) {
            final int first = i;
            final int tail = offsets[i] + lengths[i];
            int head = tail;
            while (i < count && offsets[i] + lengths[i] == head) {
                head = offsets[i];
                i++;
            }
            final int bytes = tail - head;
            upper -= bytes;
            if (upper == head) {
                continue;
            }
            movePointers(segment, base, first, i, upper - head);
            if (presorted) {
                // Only ever up: what is overwritten has been moved.
                MemorySegment.copy(segment, base + head, segment, base + upper, bytes);
            } else {
                MemorySegment.copy(segment, base + head, scratch, saved, bytes);
                groupTargets[groups] = upper;
                groupBytes[groups] = bytes;
                groups++;
                saved += bytes;
            }
        }
        int from = 0;
        for (int group = 0; group < groups; group++) {
            MemorySegment.copy(scratch, from, segment, base + groupTargets[group], groupBytes[group]);
            from += groupBytes[group];
        }
        page.upper(upper);
    }

    private void movePointers(
            final MemorySegment segment, final long base, final int first, final int end, final int distance) {
        for (int i = first; i < end; i++) {
            final long pointerAt = base + HEADER_BYTES + (long) indexes[i] * LINE_POINTER_BYTES;
            final int pointer = LittleEndian.getInt(segment, pointerAt);
            LittleEndian.putInt(
                    segment,
                    pointerAt,
                    LinePointer.of(offsets[i] + distance, LinePointer.state(pointer), LinePointer.length(pointer)));
        }
    }

    /** Moves everything between upper and an item towards the page's end (or begin, when negative). */
    private static void closeGap(final PageFlyweight page, final int offset, final int bytes) {
        final int upper = page.upper();
        MemorySegment.copy(
                page.segment(),
                page.base() + upper,
                page.segment(),
                page.base() + upper + bytes,
                (long) offset - upper);
        page.upper(upper + bytes);
    }

    private static void moveItems(final PageFlyweight page, final int lineCount, final int offset, final int bytes) {
        for (int offsetNumber = 1; offsetNumber <= lineCount; offsetNumber++) {
            final long pointerAt = page.base() + HEADER_BYTES + (long) (offsetNumber - 1) * LINE_POINTER_BYTES;
            final int pointer = LittleEndian.getInt(page.segment(), pointerAt);
            if (LinePointer.hasStorage(pointer) && LinePointer.offset(pointer) <= offset) {
                LittleEndian.putInt(
                        page.segment(),
                        pointerAt,
                        LinePointer.of(
                                LinePointer.offset(pointer) + bytes,
                                LinePointer.state(pointer),
                                LinePointer.length(pointer)));
            }
        }
    }

    private static int requireIndexItem(final PageFlyweight page, final int offsetNumber) {
        requireSane(page);
        final int pointer = page.linePointer(offsetNumber);
        final int offset = LinePointer.offset(pointer);
        if (!LinePointer.hasStorage(pointer)
                || offset < page.upper()
                || offset != PageLayout.align(offset)
                || offset + LinePointer.length(pointer) > page.special()) {
            throw badPointer(offsetNumber, pointer, page);
        }
        return offset;
    }

    /** What bufpage.c asks of a page's header before it changes anything. */
    private static void requireSane(final PageFlyweight page) {
        final int lower = page.lower();
        final int upper = page.upper();
        final int special = page.special();
        if (lower < HEADER_BYTES
                || lower > upper
                || upper > special
                || special > PAGE_BYTES
                || special != PageLayout.align(special)) {
            throw new MalformedDataException("the page's header does not hold together: lower " + lower + ", upper "
                    + upper + ", special " + special);
        }
    }

    private static MalformedDataException badPointer(
            final int offsetNumber, final int pointer, final PageFlyweight page) {
        return new MalformedDataException("line pointer " + offsetNumber + " has " + LinePointer.length(pointer)
                + " bytes at " + LinePointer.offset(pointer) + ", not an item between " + page.upper() + " and "
                + page.special());
    }
}
