package dev.firn.columnar.rebuild;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Forms a page of its rows: heap_form_tuple (access/common/heaptuple.c) column by column, then PageInit and the tuples where they lie. What the
 * residue's writer and reader have in common, so that both predict the same. In order: {@link #begin}, {@link #run} for what is known better,
 * {@link #measure}, {@link #places}, {@link #write}. Owned by one thread; nothing is allocated for a row or a value.
 */
final class PageFormer implements AutoCloseable {
    private static final MemoryTag REBUILD = MemoryTag.of("lake-rebuild");
    private static final int PAGE = PageLayout.PAGE_BYTES;

    /** Copied from: a slice to fill would be an object. */
    private static final MemorySegment ZEROES =
            MemorySegment.ofArray(new long[PAGE / Long.BYTES]).asReadOnly();

    private static final int LONG_HEADER_BYTES = 4;

    /** Most bytes that are copied word by word. */
    private static final int MOST_SHORT = 64;

    /** VARATT_SHORT_MAX, without the header. */
    private static final int SHORT_MOST = 126;

    private static final int INFOMASK2_OFFSET = 18;
    private static final int INFOMASK_OFFSET = 20;
    private static final int HOFF_OFFSET = 22;

    private final RelationForm form;
    private final PageRows rows;
    private final DatumBytes scratch;
    private final TextDatums texts;
    private final DatumForm[] forms;
    private final DatumRun[] runs;
    private final int[] cursors = new int[PageRows.MOST];
    private final int[] lengths = new int[PageRows.MOST];
    private final int[] places = new int[PageRows.MOST];
    private final int[] pointers = new int[LinePointers.MOST];
    private final HeapTupleFlyweight tuple = new HeapTupleFlyweight();
    private final PageFlyweight page = new PageFlyweight();
    private final CompressedValue compressed = new CompressedValue();
    private final OffHeapMemory memory;
    private final MemorySegment formed;
    private int pointerCount;

    PageFormer(final RelationForm form, final OffHeapMemory memory) {
        this.form = form;
        this.memory = memory;
        rows = new PageRows(form);
        scratch = new DatumBytes(memory);
        formed = memory.allocateAtLeast(PAGE, REBUILD);
        texts = new TextDatums(memory);
        final int count = form.attributes().size();
        forms = new DatumForm[count];
        runs = new DatumRun[count];
        for (int i = 0; i < count; i++) {
            final FormAttribute attribute = form.attributes().get(i);
            forms[i] = attribute.isDropped() ? null : new DatumForm(attribute.type(), texts, scratch);
            runs[i] = new DatumRun(scratch);
        }
    }

    /** The page's rows; {@link PageRows#begin} first. */
    PageRows rows() {
        return rows;
    }

    /** Forms the datums of all attributes of all rows. */
    void begin() {
        scratch.clear();
        for (int i = 0; i < forms.length; i++) {
            form(i);
        }
    }

    /** Forms the datums of one attribute alone, of all rows. */
    void beginAttribute(final int attribute) {
        scratch.clear();
        form(attribute);
    }

    private void form(final int attribute) {
        runs[attribute].begin(rows.count());
        if (forms[attribute] != null) {
            rows.datums(attribute, forms[attribute], runs[attribute]);
        }
    }

    /** The datums of an attribute, a slot for each row. */
    DatumRun run(final int attribute) {
        return runs[attribute];
    }

    /** Measures the tuples; how long each is. */
    int[] measure() {
        layOut(false);
        for (int slot = 0; slot < rows.count(); slot++) {
            lengths[slot] = rows.hoff(slot) + cursors[slot];
        }
        return lengths;
    }

    /** Where each tuple lies: to be filled in. */
    int[] places() {
        return places;
    }

    /** Whether all places are within a page, so that {@link #write} can be called. */
    boolean fits() {
        for (int slot = 0; slot < rows.count(); slot++) {
            if (places[slot] < PageLayout.HEADER_BYTES || lengths[slot] > PAGE - places[slot]) {
                return false;
            }
        }
        return true;
    }

    /** The line pointers as the rows say; to be righted. */
    int[] predictPointers() {
        pointerCount = rows.count() == 0 ? 0 : rows.offsetNumbers()[rows.count() - 1];
        Arrays.fill(pointers, 0);
        for (int slot = 0; slot < rows.count(); slot++) {
            pointers[rows.offsetNumbers()[slot] - 1] = LinePointer.of(places[slot], LinePointer.NORMAL, lengths[slot]);
        }
        return pointers;
    }

    int pointerCount() {
        return pointerCount;
    }

    void pointerCount(final int count) {
        pointerCount = count;
    }

    /** Where line pointers end. */
    int lower() {
        return PageLayout.HEADER_BYTES + pointerCount * PageLayout.LINE_POINTER_BYTES;
    }

    /** Where the first tuple begins. */
    int upper() {
        int upper = PAGE;
        for (int slot = 0; slot < rows.count(); slot++) {
            upper = Math.min(upper, places[slot]);
        }
        return Math.max(upper, lower());
    }

    /** A page of zeroes. */
    MemorySegment zeroes() {
        MemorySegment.copy(ZEROES, 0, formed, 0, PAGE);
        return formed;
    }

    /** Writes the page, its checksum zero. Borrowed until the next one. */
    MemorySegment write(final long lsn, final int flags, final int pruneXid) {
        zeroes();
        page.wrap(formed, 0).initializeZeroed(0);
        page.lsn(lsn);
        page.flags(flags);
        page.pruneXid(pruneXid);
        page.lower(lower());
        page.upper(upper());
        for (int i = 0; i < pointerCount; i++) {
            LittleEndian.putInt(
                    formed, PageLayout.HEADER_BYTES + (long) i * PageLayout.LINE_POINTER_BYTES, pointers[i]);
        }
        for (int slot = 0; slot < rows.count(); slot++) {
            writeHeader(slot);
        }
        layOut(true);
        return formed;
    }

    private void writeHeader(final int slot) {
        final int at = places[slot];
        // What wrapping checks has to be there first.
        LittleEndian.putShort(formed, at + INFOMASK2_OFFSET, rows.infomask2(slot));
        LittleEndian.putShort(formed, at + INFOMASK_OFFSET, rows.infomask(slot));
        LittleEndian.putByte(formed, at + HOFF_OFFSET, rows.hoff(slot));
        tuple.wrap(formed, at, lengths[slot]);
        tuple.xmin(rows.xmin(slot));
        tuple.xmax(rows.xmax(slot));
        tuple.commandId(rows.commandId(slot));
        tuple.ctid(rows.ctidBlock(slot), rows.ctidOffset(slot));
    }

    /** Steps through all attributes; writes them, or only measures. */
    private void layOut(final boolean write) {
        Arrays.fill(cursors, 0, rows.count(), 0);
        for (int attribute = 0; attribute < runs.length; attribute++) {
            if (form.attributes().get(attribute).length() > 0) {
                layOutFixed(attribute, write);
            } else {
                layOutVariable(attribute, write);
            }
        }
    }

    private boolean isStored(final int slot, final int attribute, final byte state) {
        return state != DatumRun.NULL && attribute < rows.attributeCount(slot);
    }

    private void layOutFixed(final int attribute, final boolean write) {
        final DatumRun run = runs[attribute];
        final byte[] states = run.states();
        final int length = form.attributes().get(attribute).length();
        final int alignment = form.attributes().get(attribute).alignment();
        for (int slot = 0; slot < rows.count(); slot++) {
            if (!isStored(slot, attribute, states[slot])) {
                continue;
            }
            final int at = DatumForm.align(cursors[slot], alignment);
            cursors[slot] = at + length;
            if (write) {
                final int target = present(slot, attribute) + at;
                switch (states[slot]) {
                    case DatumRun.NUMBER -> DatumRun.putNumber(formed, target, length, run.numbers()[slot]);
                    case DatumRun.UNKNOWN -> {
                        // Zeroes; the page's patch rights them.
                    }
                    default -> copy(run, slot, target, length);
                }
            }
        }
    }

    /** Marks an attribute in the null bitmap, if there is one; where the tuple's data begins. */
    private int present(final int slot, final int attribute) {
        if (rows.hasNulls(slot)) {
            final long at = (long) places[slot] + HeapTupleFlyweight.HEADER_BYTES + (attribute >>> 3);
            formed.set(JAVA_BYTE, at, (byte) (formed.get(JAVA_BYTE, at) | 1 << (attribute & 7)));
        }
        return places[slot] + rows.hoff(slot);
    }

    private void layOutVariable(final int attribute, final boolean write) {
        final DatumRun run = runs[attribute];
        final byte[] states = run.states();
        final int alignment = form.attributes().get(attribute).alignment();
        final boolean packable = form.attributes().get(attribute).packable();
        for (int slot = 0; slot < rows.count(); slot++) {
            final byte state = states[slot];
            if (!isStored(slot, attribute, state) || state == DatumRun.UNKNOWN) {
                continue;
            }
            final int length = run.lengths()[slot];
            if (state == DatumRun.STORED || state == DatumRun.COMPRESSED) {
                final boolean aligned = form.attributes().get(attribute).length() < -1
                        || (LittleEndian.getUnsignedByte(run.bytes(slot), run.numbers()[slot]) & 1) == 0;
                final int at = aligned ? DatumForm.align(cursors[slot], alignment) : cursors[slot];
                cursors[slot] = at + length;
                if (write) {
                    copy(run, slot, present(slot, attribute) + at, length);
                }
            } else if (packable && length <= SHORT_MOST) {
                final int at = cursors[slot];
                cursors[slot] = at + 1 + length;
                if (write) {
                    final int target = present(slot, attribute) + at;
                    LittleEndian.putByte(formed, target, (length + 1) << 1 | 1);
                    copy(run, slot, target + 1, length);
                }
            } else {
                final int at = DatumForm.align(cursors[slot], alignment);
                cursors[slot] = at + LONG_HEADER_BYTES + length;
                if (write) {
                    final int target = present(slot, attribute) + at;
                    LittleEndian.putInt(formed, target, (length + LONG_HEADER_BYTES) << 2);
                    copy(run, slot, target + LONG_HEADER_BYTES, length);
                }
            }
        }
    }

    private void copy(final DatumRun run, final int slot, final int target, final int length) {
        copy(run.bytes(slot), run.numbers()[slot], formed, target, length);
    }

    /** A few bytes: the general copy, which asks first how the two lie to each other, takes longer than these. What is behind them stays. */
    private static void copy(
            final MemorySegment from, final long at, final MemorySegment to, final long toAt, final int length) {
        if (length > MOST_SHORT) {
            MemorySegment.copy(from, at, to, toAt, length);
            return;
        }
        int i = 0;
        for (; i + Long.BYTES <= length; i += Long.BYTES) {
            LittleEndian.putLong(to, toAt + i, LittleEndian.getLong(from, at + i));
        }
        if (i + Integer.BYTES <= length) {
            LittleEndian.putInt(to, toAt + i, LittleEndian.getInt(from, at + i));
            i += Integer.BYTES;
        }
        for (; i < length; i++) {
            to.set(JAVA_BYTE, toAt + i, from.get(JAVA_BYTE, at + i));
        }
    }

    /**
     * Compresses a value that is known, as Postgres' pglz does. Then it is stored as {@link CompressedValue}; false when it is not known, or does not
     * become smaller.
     */
    boolean compress(final int attribute, final int slot) {
        final DatumRun run = runs[attribute];
        return run.isValue(slot) && compressed.compress(run, slot);
    }

    /** Whether a datum is stored at a position exactly as it would be formed, its header too. */
    boolean isAsFormed(
            final int attribute, final int slot, final MemorySegment segment, final long at, final int length) {
        final DatumRun run = runs[attribute];
        final byte state = run.states()[slot];
        final int fixed = form.attributes().get(attribute).length();
        if (state == DatumRun.NULL || state == DatumRun.UNKNOWN) {
            return false;
        }
        if (state == DatumRun.NUMBER) {
            return DatumRun.isNumber(segment, at, fixed, run.numbers()[slot]);
        }
        if (fixed > 0) {
            return equal(run.bytes(slot), run.numbers()[slot], segment, at, fixed);
        }
        final int payload = run.lengths()[slot];
        final boolean isShort = form.attributes().get(attribute).packable() && payload <= SHORT_MOST;
        final int header = isShort ? 1 : LONG_HEADER_BYTES;
        if (fixed != -1 || length != header + payload) {
            return false;
        }
        final boolean headed = isShort
                ? LittleEndian.getUnsignedByte(segment, at) == (length << 1 | 1)
                : LittleEndian.getInt(segment, at) == length << 2;
        return headed && equal(run.bytes(slot), run.numbers()[slot], segment, at + header, payload);
    }

    /** Whether a datum that was compressed anew is what is stored at a position. */
    boolean isAsCompressed(
            final int attribute, final int slot, final MemorySegment segment, final long at, final int length) {
        final DatumRun run = runs[attribute];
        return run.lengths()[slot] == length && equal(run.bytes(slot), run.numbers()[slot], segment, at, length);
    }

    private static boolean equal(
            final MemorySegment one, final long at, final MemorySegment other, final long otherAt, final int length) {
        int i = 0;
        if (length >= Long.BYTES) {
            final int last = length - Long.BYTES;
            for (; i < last; i += Long.BYTES) {
                if (LittleEndian.getLong(one, at + i) != LittleEndian.getLong(other, otherAt + i)) {
                    return false;
                }
            }
            // The last word, which may have been looked at in part.
            return LittleEndian.getLong(one, at + last) == LittleEndian.getLong(other, otherAt + last);
        }
        for (; i < length; i++) {
            if (one.get(JAVA_BYTE, at + i) != other.get(JAVA_BYTE, otherAt + i)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() {
        texts.close();
        scratch.close();
        memory.free(formed);
    }
}
