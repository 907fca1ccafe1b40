package dev.firn.columnar.rebuild;

import dev.firn.columnar.batch.ColumnVector;
import dev.firn.columnar.batch.RowBatch;
import dev.firn.nativeio.checksum.Crc32c;
import dev.firn.nativeio.memory.OffHeapMemory;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.page.PageChecksum;
import dev.firn.postgres.page.PageLayout;
import java.lang.foreign.MemorySegment;

/**
 * Rebuilds heap pages from the lake: forms each of its rows, and rights it by its residue. What comes out carries the checksum that the residue has of
 * it, or nothing comes out. Owned by one thread.
 */
public final class PageRebuilder implements AutoCloseable {
    /** pd_checksum of storage/bufpage.h. */
    static final int CHECKSUM_OFFSET = 8;

    private static final int PAGE = PageLayout.PAGE_BYTES;
    private static final int EXTERNAL_HEADER = 0x01;
    private static final int EXTERNAL_BYTES = 18;
    private static final int LONG_HEADER_BYTES = 4;

    private final RelationForm form;
    private final PageFormer former;
    private final ResidueReader reader = new ResidueReader();

    /** @param memory borrowed: what is worked on comes from it. */
    public PageRebuilder(final RelationForm form, final OffHeapMemory memory) {
        this.form = form;
        former = new PageFormer(form, memory);
    }

    /**
     * Rebuilds a page.
     *
     * @param residue of {@link RelationForm#residueSchema}: the page's is one of its rows.
     * @param visible the page's rows are in it from a row on to before another; so of the dead ones.
     * @return the page; borrowed until the next one.
     * @throws MalformedDataException when rows and residue make no page, or another than they were made of.
     */
    public MemorySegment rebuild(
            final RowBatch residue,
            final int row,
            final RowBatch visible,
            final int fromVisible,
            final int toVisible,
            final RowBatch dead,
            final int fromDead,
            final int toDead) {
        final long block = ResidueColumn.BLOCK.int64(residue, row);
        final MemorySegment page;
        try {
            if (ResidueColumn.LSN.in(residue).isNull(row)) {
                page = former.zeroes();
            } else {
                final String wrong =
                        former.rows().begin(block, visible, fromVisible, toVisible, dead, fromDead, toDead);
                if (wrong != null) {
                    throw new MalformedDataException(wrong);
                }
                page = form(residue, row);
            }
            if (find(residue, ResidueColumn.PATCH, row)) {
                Patch.apply(reader, page, PAGE);
            }
            if (!ResidueColumn.LSN.in(residue).isNull(row)
                    && ResidueColumn.CHECKSUM.in(residue).isNull(row)) {
                LittleEndian.putShort(page, CHECKSUM_OFFSET, PageChecksum.compute(page, 0, (int) block));
            }
        } catch (final MalformedDataException e) {
            throw new MalformedDataException("block " + block + ": " + e.getMessage(), e);
        }
        final int crc = Crc32c.compute(page, 0, PAGE);
        if (crc != (int) ResidueColumn.CRC.int64(residue, row)) {
            throw new MalformedDataException("block " + block + ": its rows and its residue make a page with CRC32C "
                    + Integer.toHexString(crc) + ", and it had "
                    + Integer.toHexString((int) ResidueColumn.CRC.int64(residue, row)));
        }
        return page;
    }

    private MemorySegment form(final RowBatch residue, final int row) {
        former.begin();
        for (int attribute = 0; attribute < form.attributes().size(); attribute++) {
            if (form.leaf(attribute) != RelationForm.NONE) {
                takeStored(residue, row, attribute);
            }
        }
        final PageRows rows = former.rows();
        final int[] lengths = former.measure();
        Placement.predict(rows.count(), lengths, former.places());
        if (find(residue, ResidueColumn.PLACEMENT, row)) {
            Placement.decode(reader, rows.count(), lengths, former.places());
        }
        if (!former.fits()) {
            throw new MalformedDataException("its " + rows.count() + " tuples do not fit on a page");
        }
        final int[] pointers = former.predictPointers();
        if (find(residue, ResidueColumn.LINE_POINTERS, row)) {
            former.pointerCount(LinePointers.apply(reader, pointers));
        }
        final MemorySegment page =
                former.write(ResidueColumn.LSN.int64(residue, row), ResidueColumn.FLAGS.int32(residue, row), (int)
                        ResidueColumn.PRUNE_XID.int64(residue, row));
        final boolean computed = ResidueColumn.CHECKSUM.in(residue).isNull(row);
        LittleEndian.putShort(page, CHECKSUM_OFFSET, computed ? 0 : ResidueColumn.CHECKSUM.int32(residue, row));
        if (find(residue, ResidueColumn.HOLE, row)) {
            Patch.apply(reader, page, PAGE);
        }
        return page;
    }

    /** Takes the datums that the residue has of an attribute. */
    private void takeStored(final RowBatch residue, final int row, final int attribute) {
        final ColumnVector struct = residue.column(ResidueColumn.count());
        if (struct.isNull(row) || !find(struct.child(form.leaf(attribute)), row)) {
            return;
        }
        final DatumRun run = former.run(attribute);
        final int length = form.attributes().get(attribute).length();
        run.setStoredBytes(reader.segment());
        int slot = 0;
        while (!reader.atEnd()) {
            slot += reader.varint();
            if (slot < 0 || slot >= former.rows().count()) {
                throw new MalformedDataException("a residue's value of row " + slot + ", of "
                        + former.rows().count() + ": attribute "
                        + form.attributes().get(attribute).name());
            }
            if (length == -1 && isCompressed()) {
                reader.take(CompressedValue.MARK_BYTES);
                if (!former.compress(attribute, slot)) {
                    throw new MalformedDataException("a residue's value that pglz does not compress: attribute "
                            + form.attributes().get(attribute).name());
                }
                continue;
            }
            final int bytes = length > 0 ? length : length == -1 ? variableLength() : stringLength();
            run.setStored(slot, reader.take(bytes), bytes);
        }
    }

    private boolean isCompressed() {
        return reader.left() >= CompressedValue.MARK_BYTES
                && LittleEndian.getUnsignedShort(reader.segment(), reader.position()) == CompressedValue.MARK;
    }

    /** VARSIZE_ANY of what comes next. */
    private int variableLength() {
        if (reader.left() < 1) {
            throw new MalformedDataException("a residue's value without bytes");
        }
        final int header = LittleEndian.getUnsignedByte(reader.segment(), reader.position());
        if ((header & 1) != 0) {
            return header == EXTERNAL_HEADER ? EXTERNAL_BYTES : header >>> 1;
        }
        if (reader.left() < LONG_HEADER_BYTES) {
            throw new MalformedDataException("a residue's value with its header cut off");
        }
        return LittleEndian.getInt(reader.segment(), reader.position()) >>> 2;
    }

    private int stringLength() {
        int length = 0;
        while (length < reader.left()
                && LittleEndian.getUnsignedByte(reader.segment(), reader.position() + length) != 0) {
            length++;
        }
        return length + 1;
    }

    private boolean find(final RowBatch residue, final ResidueColumn column, final int row) {
        return find(column.in(residue), row);
    }

    /** Whether a column has bytes in a row, which the reader then stands before. */
    private boolean find(final ColumnVector column, final int row) {
        if (column.isNull(row)) {
            return false;
        }
        reader.wrap(
                column.values(),
                LittleEndian.getInt(column.offsets(), (long) row * Integer.BYTES),
                LittleEndian.getInt(column.offsets(), (row + 1L) * Integer.BYTES));
        return true;
    }

    @Override
    public void close() {
        former.close();
    }
}
