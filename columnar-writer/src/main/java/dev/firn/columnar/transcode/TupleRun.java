package dev.firn.columnar.transcode;

import dev.firn.columnar.batch.RowBatch;
import dev.firn.columnar.hidden.HiddenColumns;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.HeapTupleFlags;
import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageChecksum;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.page.PageVerdict;
import dev.firn.postgres.tuple.TupleBatch;
import dev.firn.postgres.visibility.RowVisibility;
import java.lang.foreign.MemorySegment;

/** The tuples of a run of blocks, those that are visible and those that are not, each in the order of block and offset number. */
final class TupleRun {
    /** By these bits a row version is visible whoever asks; one that has a value out of line is looked at more closely. */
    private static final int VISIBLE_MASK = HeapTupleFlags.XMIN_COMMITTED
            | HeapTupleFlags.XMAX_INVALID
            | HeapTupleFlags.MOVED
            | HeapTupleFlags.HAS_EXTERNAL;

    private static final int VISIBLE = HeapTupleFlags.XMIN_COMMITTED | HeapTupleFlags.XMAX_INVALID;

    private final PageFlyweight page = new PageFlyweight();
    private final HeapTupleFlyweight tuple = new HeapTupleFlyweight();
    private final TupleBatch visible;
    private final TupleBatch dead;
    private boolean hasExternal;

    TupleRun(final int blocks) {
        final int rows = blocks * PageLayout.MAX_HEAP_TUPLES;
        visible = new TupleBatch(rows);
        dead = new TupleBatch(rows);
    }

    TupleBatch visible() {
        return visible;
    }

    TupleBatch dead() {
        return dead;
    }

    /** Whether a tuple, visible or not, has a value out of line. */
    boolean hasExternal() {
        return hasExternal;
    }

    /** Appends the headers of visible rows from one on to before another. */
    void appendVisibleHeaders(final RowBatch batch, final int firstHidden, final int from, final int to) {
        HiddenColumns.append(batch, firstHidden, visible, visible.bases(), tuple, from, to);
    }

    /** Appends the headers of other rows from one on to before another. */
    void appendDeadHeaders(final RowBatch batch, final int firstHidden, final int from, final int to) {
        HiddenColumns.append(batch, firstHidden, dead, dead.bases(), tuple, from, to);
    }

    /** The header of another row's tuple; borrowed until the next. */
    HeapTupleFlyweight deadTuple(final int row) {
        return wrap(dead, dead.bases()[row]);
    }

    /** The length does not matter any more: it was checked when the tuple was added. */
    private HeapTupleFlyweight wrap(final TupleBatch batch, final int base) {
        final MemorySegment pages = batch.segment();
        final int pageEnd = (base / PageLayout.PAGE_BYTES + 1) * PageLayout.PAGE_BYTES;
        return tuple.wrap(pages, base, pageEnd - base);
    }

    /**
     * Takes the tuples of blocks that follow each other.
     *
     * @throws MalformedDataException with block and offset number, when a page is none of a heap or a tuple's header is damaged.
     */
    void scan(
            final MemorySegment pages,
            final long first,
            final int count,
            final boolean checksums,
            final RowVisibility visibility) {
        visible.begin(pages);
        dead.begin(pages);
        hasExternal = false;
        for (int i = 0; i < count; i++) {
            page.wrap(pages, (long) i * PageLayout.PAGE_BYTES);
            scanPage((int) (first + i), checksums, visibility);
        }
    }

    private void scanPage(final int block, final boolean checksums, final RowVisibility visibility) {
        final PageVerdict verdict = PageChecksum.verify(page, block, checksums);
        if (!verdict.isAcceptable()) {
            throw new MalformedDataException("block " + Integer.toUnsignedString(block)
                    + (verdict == PageVerdict.BAD_CHECKSUM
                            ? ": its checksum is not that of its bytes"
                            : ": its header contradicts itself"));
        }
        final int pointers = verdict == PageVerdict.ZERO ? 0 : page.linePointerCount();
        if (pointers > PageLayout.MAX_HEAP_TUPLES) {
            throw new MalformedDataException("block " + Integer.toUnsignedString(block) + ": it has " + pointers
                    + " line pointers, more than a heap page can");
        }
        int number = 1;
        try {
            final MemorySegment pages = page.segment();
            final long base = page.base();
            final int lower = page.lower();
            final int special = pointers == 0 ? 0 : page.checkedSpecial();
            for (; number <= pointers; number++) {
                final int pointer = LittleEndian.getInt(
                        pages, base + PageLayout.HEADER_BYTES + (number - 1L) * PageLayout.LINE_POINTER_BYTES);
                if (LinePointer.state(pointer) == LinePointer.NORMAL) {
                    final int offset = LinePointer.offset(pointer);
                    final int length = LinePointer.length(pointer);
                    if (length == 0 || offset < lower || offset + length > special) {
                        // Says what is wrong with it.
                        page.itemOffset(number);
                    }
                    if (!addCommon(pages, base + offset, length, block, number)) {
                        tuple.wrap(pages, base + offset, length);
                        add(block, number, visibility);
                    }
                }
            }
        } catch (final MalformedDataException e) {
            throw new MalformedDataException(
                    "block " + Integer.toUnsignedString(block) + ", offset " + number + ": " + e.getMessage(), e);
        }
    }

    /**
     * Adds a tuple whose header says by itself that it is sound and visible: inserted by who is known to have committed, and deleted by nobody. All
     * others take the way round.
     */
    private boolean addCommon(
            final MemorySegment pages, final long at, final int length, final int block, final int number) {
        if (length < HeapTupleFlyweight.HEADER_BYTES) {
            return false;
        }
        final int masks = LittleEndian.getInt(pages, at + HeapTupleFlyweight.INFOMASK2_OFFSET);
        final int data = LittleEndian.getUnsignedByte(pages, at + HeapTupleFlyweight.HOFF_OFFSET);
        final int infomask = masks >>> Short.SIZE;
        final int attributes = masks & HeapTupleFlags.ATTRIBUTES_MASK;
        final int header = HeapTupleFlyweight.HEADER_BYTES
                + ((infomask & HeapTupleFlags.HAS_NULL) != 0 ? (attributes + Byte.SIZE - 1) / Byte.SIZE : 0);
        if ((infomask & VISIBLE_MASK) != VISIBLE || data < header || data > length || data != PageLayout.align(data)) {
            return false;
        }
        visible.append((int) at, length, masks, infomask, data, block, number);
        return true;
    }

    /** Adds the tuple that was wrapped. */
    private void add(final int block, final int number, final RowVisibility visibility) {
        (visibility.isVisible(tuple) ? visible : dead).add(tuple, block, number);
        hasExternal |= (tuple.infomask() & HeapTupleFlags.HAS_EXTERNAL) != 0;
    }
}
