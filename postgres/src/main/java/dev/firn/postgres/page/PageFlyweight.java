package dev.firn.postgres.page;

import static dev.firn.postgres.page.PageLayout.HEADER_BYTES;
import static dev.firn.postgres.page.PageLayout.LINE_POINTER_BYTES;
import static dev.firn.postgres.page.PageLayout.PAGE_BYTES;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.lsn.Lsn;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A page in place: header, line pointers, items and special space. The memory is borrowed from {@link #wrap} until the next one.
 *
 * <p>Offset numbers count line pointers from 1, as Postgres does. Offsets are bytes from the page's begin; add {@link #base} for
 * the position in {@link #segment}.
 */
public final class PageFlyweight {
    private MemorySegment segment;
    private long base;

    /** Borrows the page at an offset of a segment. */
    public PageFlyweight wrap(final MemorySegment borrowed, final long offset) {
        Objects.checkFromIndexSize(offset, PAGE_BYTES, borrowed.byteSize());
        segment = borrowed;
        base = offset;
        return this;
    }

    /** The memory that the page lies in. */
    public MemorySegment segment() {
        return segment;
    }

    /** Where in {@link #segment} the page begins. */
    public long base() {
        return base;
    }

    /** PageInit: an empty page with this much special space, rounded up to eight bytes. */
    public void initialize(final int specialBytes) {
        segment.asSlice(base, PAGE_BYTES).fill((byte) 0);
        initializeZeroed(specialBytes);
    }

    /** Like {@link #initialize}, of a page that is all zeroes already: what redo gets where the record makes the page. */
    public void initializeZeroed(final int specialBytes) {
        final int special =
                PAGE_BYTES - PageLayout.align(Objects.checkIndex(specialBytes, PAGE_BYTES - HEADER_BYTES + 1));
        lower(HEADER_BYTES);
        upper(special);
        LittleEndian.putShort(segment, base + PageLayout.SPECIAL_OFFSET, special);
        LittleEndian.putShort(
                segment, base + PageLayout.SIZE_AND_VERSION_OFFSET, PAGE_BYTES | PageLayout.LAYOUT_VERSION);
    }

    /** PageIsNew: never initialised. Its other fields mean nothing, its LSN and checksum neither. */
    public boolean isNew() {
        return upper() == 0;
    }

    /** PageIsEmpty: no line pointers. */
    public boolean isEmpty() {
        return lower() <= HEADER_BYTES;
    }

    /** The end of the last WAL record that changed it. Stored as two halves, the upper one first. */
    public long lsn() {
        return LittleEndian.getUnsignedInt(segment, base + PageLayout.LSN_OFFSET) << Integer.SIZE
                | LittleEndian.getUnsignedInt(segment, base + PageLayout.LSN_OFFSET + Integer.BYTES);
    }

    /** Sets the LSN. */
    public void lsn(final long lsn) {
        LittleEndian.putInt(segment, base + PageLayout.LSN_OFFSET, (int) (lsn >>> Integer.SIZE));
        LittleEndian.putInt(segment, base + PageLayout.LSN_OFFSET + Integer.BYTES, (int) lsn);
    }

    /** The checksum as stored; see {@link PageChecksum}. */
    public int checksum() {
        return LittleEndian.getUnsignedShort(segment, base + PageLayout.CHECKSUM_OFFSET);
    }

    /** Sets the stored checksum. */
    public void checksum(final int checksum) {
        LittleEndian.putShort(segment, base + PageLayout.CHECKSUM_OFFSET, checksum);
    }

    /** The flags of {@link PageLayout}. */
    public int flags() {
        return LittleEndian.getUnsignedShort(segment, base + PageLayout.FLAGS_OFFSET);
    }

    /** Sets all flags. */
    public void flags(final int flags) {
        LittleEndian.putShort(segment, base + PageLayout.FLAGS_OFFSET, flags);
    }

    /** Whether a flag of {@link PageLayout} is set. */
    public boolean hasFlag(final int flag) {
        return (flags() & flag) != 0;
    }

    /** Sets a flag. */
    public void setFlag(final int flag) {
        flags(flags() | flag);
    }

    /** Clears a flag. */
    public void clearFlag(final int flag) {
        flags(flags() & ~flag);
    }

    /** Where the line pointers end and the free space begins. */
    public int lower() {
        return LittleEndian.getUnsignedShort(segment, base + PageLayout.LOWER_OFFSET);
    }

    /** Sets where the free space begins. */
    public void lower(final int lower) {
        LittleEndian.putShort(segment, base + PageLayout.LOWER_OFFSET, lower);
    }

    /** Where the free space ends and the items begin. */
    public int upper() {
        return LittleEndian.getUnsignedShort(segment, base + PageLayout.UPPER_OFFSET);
    }

    /** Sets where the free space ends. */
    public void upper(final int upper) {
        LittleEndian.putShort(segment, base + PageLayout.UPPER_OFFSET, upper);
    }

    /** Where the special space begins. */
    public int special() {
        return LittleEndian.getUnsignedShort(segment, base + PageLayout.SPECIAL_OFFSET);
    }

    /** The page's size as its header has it. */
    public int sizeBytes() {
        return LittleEndian.getUnsignedShort(segment, base + PageLayout.SIZE_AND_VERSION_OFFSET) & 0xFF00;
    }

    /** The layout version as its header has it. */
    public int layoutVersion() {
        return LittleEndian.getUnsignedByte(segment, base + PageLayout.SIZE_AND_VERSION_OFFSET);
    }

    /** The oldest transaction whose dead tuples are not pruned, or 0. A hint. */
    public int pruneXid() {
        return LittleEndian.getInt(segment, base + PageLayout.PRUNE_XID_OFFSET);
    }

    /** Sets the prune hint. */
    public void pruneXid(final int xid) {
        LittleEndian.putInt(segment, base + PageLayout.PRUNE_XID_OFFSET, xid);
    }

    /**
     * Whether the header makes sense: what PageIsVerifiedExtended of storage/page/bufpage.c asks of a page that isn't new,
     * besides its checksum. It checks neither size nor layout version, as Postgres doesn't.
     */
    public boolean isHeaderSane() {
        final int lower = lower();
        final int upper = upper();
        final int special = special();
        return (flags() & ~PageLayout.VALID_FLAGS) == 0
                && lower <= upper
                && upper <= special
                && special <= PAGE_BYTES
                && special == PageLayout.align(special);
    }

    /** Whether every byte is zero: what extending a relation leaves. */
    public boolean isZero() {
        for (long at = base; at < base + PAGE_BYTES; at += Long.BYTES) {
            if (LittleEndian.getLong(segment, at) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Where the special space begins, checked: a new or torn header is an error. */
    public int checkedSpecial() {
        final int special = special();
        if (special < HEADER_BYTES || special > PAGE_BYTES) {
            throw malformed("its special space begins at " + special);
        }
        return special;
    }

    /** How long the special space is. */
    public int specialBytes() {
        return PAGE_BYTES - checkedSpecial();
    }

    /** PageGetMaxOffsetNumber: how many line pointers there are; 0 on a new page. */
    public int linePointerCount() {
        final int lower = lower();
        if (lower <= HEADER_BYTES) {
            return 0;
        }
        if (lower > PAGE_BYTES) {
            throw malformed("its line pointers end at " + lower);
        }
        return (lower - HEADER_BYTES) / LINE_POINTER_BYTES;
    }

    /** The line pointer of an offset number; take it apart with {@link LinePointer}. */
    public int linePointer(final int offsetNumber) {
        return LittleEndian.getInt(segment, base + linePointerOffset(offsetNumber, linePointerCount()));
    }

    /** Sets a line pointer that is there: 1 to {@link #linePointerCount}. */
    public void linePointer(final int offsetNumber, final int pointer) {
        LittleEndian.putInt(segment, base + linePointerOffset(offsetNumber, linePointerCount()), pointer);
    }

    private int linePointerOffset(final int offsetNumber, final int count) {
        if (offsetNumber < 1 || offsetNumber > count) {
            throw malformed("there is no line pointer " + offsetNumber + " among " + count);
        }
        return HEADER_BYTES + (offsetNumber - 1) * LINE_POINTER_BYTES;
    }

    /**
     * Where the item of a line pointer begins, checked: its pointer has storage, and all of it lies between the line pointers and
     * the special space.
     */
    public int itemOffset(final int offsetNumber) {
        final int pointer = linePointer(offsetNumber);
        final int offset = LinePointer.offset(pointer);
        final int length = LinePointer.length(pointer);
        if (length == 0 || LinePointer.state(pointer) == LinePointer.REDIRECT) {
            throw malformed("line pointer " + offsetNumber + " has no item");
        }
        if (offset < lower() || offset + length > checkedSpecial()) {
            throw malformed("the item of line pointer " + offsetNumber + " has " + length + " bytes at " + offset
                    + ", outside " + lower() + " to " + special());
        }
        return offset;
    }

    /** How long the item of a line pointer is. */
    public int itemLength(final int offsetNumber) {
        return LinePointer.length(linePointer(offsetNumber));
    }

    /** PageGetExactFreeSpace: the bytes between line pointers and items. */
    public int exactFreeSpace() {
        return Math.max(0, upper() - lower());
    }

    /** PageGetFreeSpace: room for one item, its line pointer taken off. */
    public int freeSpace() {
        return Math.max(0, exactFreeSpace() - LINE_POINTER_BYTES);
    }

    /** PageGetHeapFreeSpace: like {@link #freeSpace}, and 0 when a heap page can't take a further line pointer. */
    public int heapFreeSpace() {
        final int space = freeSpace();
        if (space == 0 || linePointerCount() < PageLayout.MAX_HEAP_TUPLES) {
            return space;
        }
        if (!hasFlag(PageLayout.HAS_FREE_LINES)) {
            return 0;
        }
        final int count = linePointerCount();
        for (int offsetNumber = 1; offsetNumber <= count; offsetNumber++) {
            if (LinePointer.state(linePointer(offsetNumber)) == LinePointer.UNUSED) {
                return space;
            }
        }
        return 0;
    }

    private MalformedDataException malformed(final String what) {
        return new MalformedDataException("page with LSN " + Lsn.format(lsn()) + ": " + what);
    }

    @Override
    public String toString() {
        return segment == null
                ? "page[none]"
                : "page[lsn " + Lsn.format(lsn()) + ", checksum " + checksum() + ", flags " + flags() + ", lower "
                        + lower() + ", upper " + upper() + ", special " + special() + "]";
    }
}
