package dev.firn.columnar.rebuild;

import dev.firn.columnar.batch.ColumnVector;
import dev.firn.columnar.batch.RowBatch;
import dev.firn.columnar.buffer.GrowingBuffer;
import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.memory.MemoryTag;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.HeapTupleFlyweight;
import dev.firn.postgres.page.LinePointer;
import dev.firn.postgres.page.PageChecksum;
import dev.firn.postgres.page.PageFlyweight;
import dev.firn.postgres.page.PageLayout;
import dev.firn.postgres.tuple.DeformedRows;
import dev.firn.postgres.tuple.TupleBatch;
import java.lang.foreign.MemorySegment;

/**
 * Makes the residue of heap pages: what their rows in the lake do not say. Where a page is laid out as its rows predict it, and that is nearly always,
 * nothing is left but datums of which it is not known that they come back as they are: those are formed as {@link PageRebuilder} will, by the same class,
 * and compared. Any other page is formed as a whole, and the difference is kept; so a page comes back bit for bit whatever the prediction is worth. A page
 * that its rows do not lead to at all costs its bytes. Owned by one thread; nothing is allocated for a page, a row or a value once the buffers have grown.
 */
public final class ResidueWriter implements AutoCloseable {
    private static final MemoryTag REBUILD = MemoryTag.of("lake-rebuild");
    private static final int PAGE = PageLayout.PAGE_BYTES;

    private final RelationForm form;
    private final PageFormer former;
    private final boolean checksummed;
    private final PageFlyweight page = new PageFlyweight();
    private final HeapTupleFlyweight tuple = new HeapTupleFlyweight();
    private final TupleBatch tuples = new TupleBatch(PageRows.MOST);
    private final DeformedRows deformed;
    private final GrowingBuffer bytes;
    private final GrowingBuffer[] values;
    private final int[] lastSlots;
    private final int[] places = new int[PageRows.MOST];
    private final int[] order = new int[PageRows.MOST];
    private final int[] actualPointers = new int[LinePointers.MOST];

    /**
     * @param memory borrowed: what is worked on comes from it.
     * @param checksummed whether the pages' checksums were found right already, of all that have one.
     */
    public ResidueWriter(final RelationForm form, final OffHeapMemory memory, final boolean checksummed) {
        this.form = form;
        this.checksummed = checksummed;
        former = new PageFormer(form, memory);
        deformed = new DeformedRows(form.plan(), tuples);
        bytes = new GrowingBuffer(memory, REBUILD);
        values = new GrowingBuffer[form.leafCount()];
        lastSlots = new int[values.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = new GrowingBuffer(memory, REBUILD);
        }
    }

    /**
     * Appends a page's residue.
     *
     * @param pages borrowed: the page lies in it at an offset, and so do the tuples of its rows.
     * @param visible at the page's rows; so the dead ones.
     * @param residue of {@link RelationForm#residueSchema}.
     */
    public void write(
            final MemorySegment pages,
            final long offset,
            final long block,
            final RunRows visible,
            final RunRows dead,
            final RowBatch residue) {
        begin(pages, offset, block, residue);
        final boolean sane = !page.isNew() && page.isHeaderSane() && page.lower() >= PageLayout.HEADER_BYTES;
        if (!sane) {
            writeUnformed(pages, offset, residue);
        } else if (isPredicted(visible, dead) && keepDoubtful(pages, visible, dead)) {
            writePredicted(pages, offset, block, residue);
        } else if (!write(pages, offset, block, visible, dead, residue, former.rows())) {
            writeUnformed(pages, offset, residue);
        }
        appendValues(residue);
    }

    /** Forms the page and keeps what is different; false when its rows are none that it could be formed of. */
    private boolean write(
            final MemorySegment pages,
            final long offset,
            final long block,
            final RunRows visible,
            final RunRows dead,
            final RowBatch residue,
            final PageRows rows) {
        clearValues();
        final String wrong = rows.begin(
                block,
                visible.batch(),
                visible.batchFrom(),
                visible.batchTo(),
                dead.batch(),
                dead.batchFrom(),
                dead.batchTo());
        if (wrong != null || !deform(pages, block)) {
            return false;
        }
        former.begin();
        keepUnpredicted(pages);
        return writeFormed(pages, offset, block, residue);
    }

    /** Whether all of the page but its datums is as it would be formed, and each datum where it would be put. */
    private boolean isPredicted(final RunRows visible, final RunRows dead) {
        return visible.areRegular()
                && dead.areRegular()
                && PageShape.isPredicted(
                        page, visible.count() + dead.count(), form.attributes().size());
    }

    /** Keeps those of the datums in doubt that are stored otherwise; false when one is that the residue has no field for. */
    private boolean keepDoubtful(final MemorySegment pages, final RunRows visible, final RunRows dead) {
        boolean begun = false;
        for (int attribute = 0; attribute < form.attributes().size(); attribute++) {
            if (!visible.isInDoubt(attribute) && !dead.isInDoubt(attribute)) {
                continue;
            }
            if (!begun) {
                final String wrong = former.rows()
                        .beginDatums(
                                visible.batch(),
                                visible.batchFrom(),
                                visible.batchTo(),
                                dead.batch(),
                                dead.batchFrom(),
                                dead.batchTo());
                if (wrong != null) {
                    return false;
                }
                begun = true;
            }
            former.beginAttribute(attribute);
            if (!keepDoubtful(pages, attribute, visible, dead)) {
                return false;
            }
        }
        return true;
    }

    private boolean keepDoubtful(
            final MemorySegment pages, final int attribute, final RunRows visible, final RunRows dead) {
        final int leaf = form.leaf(attribute);
        former.run(attribute).setStoredBytes(pages);
        int last = 0;
        for (int slot = 0; slot < former.rows().count(); slot++) {
            final int source = former.rows().source(slot);
            final RunRows rows = source < 0 ? dead : visible;
            final int row = rows.from() + (source < 0 ? ~source : source);
            final int at = rows.deformed().positions(attribute)[row];
            if (at < 0 || !rows.doubts().is(attribute, row)) {
                continue;
            }
            final int[] lengths = rows.deformed().lengths(attribute);
            final int length =
                    lengths == null ? form.attributes().get(attribute).length() : lengths[row];
            if (former.isAsFormed(attribute, slot, pages, at, length)) {
                continue;
            }
            if (leaf == RelationForm.NONE) {
                return false;
            }
            values[leaf].putVarint(slot - last);
            keep(values[leaf], attribute, slot, pages, at, length);
            last = slot;
        }
        return true;
    }

    private void writePredicted(
            final MemorySegment pages, final long offset, final long block, final RowBatch residue) {
        writeHeader(pages, offset, block, residue);
        ResidueColumn.LINE_POINTERS.in(residue).appendNull();
        ResidueColumn.PLACEMENT.in(residue).appendNull();
        ResidueColumn.HOLE.in(residue).appendNull();
        ResidueColumn.PATCH.in(residue).appendNull();
    }

    private void writeHeader(final MemorySegment pages, final long offset, final long block, final RowBatch residue) {
        ResidueColumn.LSN.in(residue).appendLong(page.lsn());
        if (page.checksum() != 0
                && (checksummed || page.checksum() == PageChecksum.compute(pages, offset, (int) block))) {
            ResidueColumn.CHECKSUM.in(residue).appendNull();
        } else {
            ResidueColumn.CHECKSUM.in(residue).appendInt(page.checksum());
        }
        ResidueColumn.FLAGS.in(residue).appendInt(page.flags());
        ResidueColumn.PRUNE_XID.in(residue).appendLong(Integer.toUnsignedLong(page.pruneXid()));
    }

    /** Appends a page whose rows are not at hand: all its bytes. */
    public void writeBytes(final MemorySegment pages, final long offset, final long block, final RowBatch residue) {
        begin(pages, offset, block, residue);
        writeUnformed(pages, offset, residue);
        appendValues(residue);
    }

    private void begin(final MemorySegment pages, final long offset, final long block, final RowBatch residue) {
        page.wrap(pages, offset);
        ResidueColumn.BLOCK.in(residue).appendLong(block);
        ResidueColumn.CRC.in(residue).appendLong(Integer.toUnsignedLong(Crc32c.compute(pages, offset, PAGE)));
        clearValues();
    }

    private void clearValues() {
        for (final GrowingBuffer value : values) {
            value.clear();
        }
    }

    /** Takes apart the tuples of the page's rows, which then are slot for slot the batch's. */
    private boolean deform(final MemorySegment pages, final long block) {
        final PageRows rows = former.rows();
        tuples.begin(pages);
        try {
            for (int slot = 0; slot < rows.count(); slot++) {
                final int number = rows.offsetNumbers()[slot];
                if (number > page.linePointerCount()
                        || LinePointer.state(page.linePointer(number)) != LinePointer.NORMAL) {
                    return false;
                }
                tuples.add(tuple.wrap(page, number), (int) block, number);
                places[slot] = LinePointer.offset(page.linePointer(number));
            }
            form.plan().deform(tuples, deformed);
        } catch (final MalformedDataException _) {
            // Rows that are not of this page or of these attributes: their page is kept as it is.
            return false;
        }
        return true;
    }

    /** Keeps the datums that the lake's columns do not tell, or tell otherwise than they are stored. */
    private void keepUnpredicted(final MemorySegment pages) {
        for (int attribute = 0; attribute < form.attributes().size(); attribute++) {
            final int leaf = form.leaf(attribute);
            if (leaf == RelationForm.NONE) {
                continue;
            }
            final DatumRun run = former.run(attribute);
            run.setStoredBytes(pages);
            final int[] positions = deformed.positions(attribute);
            final int[] lengths = deformed.lengths(attribute);
            lastSlots[leaf] = 0;
            for (int slot = 0; slot < former.rows().count(); slot++) {
                final int at = positions[slot];
                if (at < 0) {
                    continue;
                }
                final int length =
                        lengths == null ? form.attributes().get(attribute).length() : lengths[slot];
                if (!former.isAsFormed(attribute, slot, pages, at, length)) {
                    values[leaf].putVarint(slot - lastSlots[leaf]);
                    keep(values[leaf], attribute, slot, pages, at, length);
                    lastSlots[leaf] = slot;
                }
            }
        }
    }

    private void keep(
            final GrowingBuffer kept,
            final int attribute,
            final int slot,
            final MemorySegment pages,
            final int at,
            final int length) {
        if (form.attributes().get(attribute).length() == -1
                && CompressedValue.isAt(pages, at, length)
                && former.compress(attribute, slot)
                && former.isAsCompressed(attribute, slot, pages, at, length)) {
            kept.putByte(CompressedValue.MARK & 0xFF);
            kept.putByte(CompressedValue.MARK >>> Byte.SIZE);
        } else {
            kept.append(pages, at, length);
            former.run(attribute).setStored(slot, at, length);
        }
    }

    private boolean writeFormed(
            final MemorySegment pages, final long offset, final long block, final RowBatch residue) {
        final PageRows rows = former.rows();
        final int[] lengths = former.measure();
        Placement.predict(rows.count(), lengths, former.places());
        boolean placed = true;
        for (int slot = 0; slot < rows.count(); slot++) {
            placed &= former.places()[slot] == places[slot];
        }
        System.arraycopy(places, 0, former.places(), 0, rows.count());
        if (!former.fits()) {
            return false;
        }
        final int[] pointers = former.predictPointers();
        final int count = page.linePointerCount();
        boolean pointed = count == former.pointerCount();
        for (int i = 0; i < count; i++) {
            actualPointers[i] = page.linePointer(i + 1);
            pointed &= actualPointers[i] == pointers[i];
        }
        writeHeader(pages, offset, block, residue);
        bytes.clear();
        if (!pointed) {
            LinePointers.encode(pointers, actualPointers, count, bytes);
            System.arraycopy(actualPointers, 0, pointers, 0, count);
            former.pointerCount(count);
        }
        append(residue, ResidueColumn.LINE_POINTERS);
        if (!placed) {
            Placement.encode(rows.count(), lengths, places, order, bytes);
        }
        append(residue, ResidueColumn.PLACEMENT);
        final MemorySegment formed = former.write(page.lsn(), page.flags(), page.pruneXid());
        LittleEndian.putShort(formed, PageRebuilder.CHECKSUM_OFFSET, page.checksum());
        Patch.diff(pages, offset, formed, former.lower(), former.upper(), 0, bytes);
        append(residue, ResidueColumn.HOLE);
        final long end = Patch.diff(pages, offset, formed, 0, former.lower(), 0, bytes);
        Patch.diff(pages, offset, formed, former.upper(), PAGE, end, bytes);
        append(residue, ResidueColumn.PATCH);
        return true;
    }

    private void writeUnformed(final MemorySegment pages, final long offset, final RowBatch residue) {
        clearValues();
        ResidueColumn.LSN.in(residue).appendNull();
        ResidueColumn.CHECKSUM.in(residue).appendNull();
        ResidueColumn.FLAGS.in(residue).appendNull();
        ResidueColumn.PRUNE_XID.in(residue).appendNull();
        ResidueColumn.LINE_POINTERS.in(residue).appendNull();
        ResidueColumn.PLACEMENT.in(residue).appendNull();
        ResidueColumn.HOLE.in(residue).appendNull();
        bytes.clear();
        Patch.diff(pages, offset, former.zeroes(), 0, PAGE, 0, bytes);
        append(residue, ResidueColumn.PATCH);
    }

    /** Appends what was put together, or null when it is nothing. */
    private void append(final RowBatch residue, final ResidueColumn column) {
        append(column.in(residue), bytes);
        bytes.clear();
    }

    private static void append(final ColumnVector column, final GrowingBuffer bytes) {
        if (bytes.length() == 0) {
            column.appendNull();
        } else {
            column.appendBytes(bytes.segment(), 0, (int) bytes.length());
        }
    }

    private void appendValues(final RowBatch residue) {
        if (values.length == 0) {
            return;
        }
        final ColumnVector struct = residue.column(ResidueColumn.count());
        boolean any = false;
        for (final GrowingBuffer value : values) {
            any |= value.length() > 0;
        }
        if (!any) {
            struct.appendNull();
            return;
        }
        for (int i = 0; i < values.length; i++) {
            append(struct.child(i), values[i]);
        }
        struct.endStruct();
    }

    @Override
    public void close() {
        former.close();
        bytes.close();
        for (final GrowingBuffer value : values) {
            value.close();
        }
    }
}
