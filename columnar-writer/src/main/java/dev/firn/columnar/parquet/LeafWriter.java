package dev.firn.columnar.parquet;

import dev.firn.columnar.batch.ColumnKind;
import dev.firn.columnar.batch.ColumnVector;
import dev.firn.columnar.batch.RowBatch;
import dev.firn.columnar.buffer.GrowingBuffer;
import dev.firn.columnar.encoding.HybridEncoder;
import dev.firn.columnar.encoding.PageValues;
import dev.firn.columnar.kernel.Compaction;
import dev.firn.columnar.kernel.Decimals;
import dev.firn.postgres.LittleEndian;
import java.lang.foreign.MemorySegment;

/**
 * Cuts a batch's rows into pages of one leaf, and gives each page its levels and its values without nulls. Values of a flat column without nulls are
 * encoded from where they lie; with nulls they are compacted first; those of lists and structs are gathered.
 */
final class LeafWriter {
    private static final MemorySegment EMPTY = MemorySegment.ofAddress(0).reinterpret(0);

    private final LeafColumn leaf;
    private final ParquetConfig config;
    private final ColumnChunkWriter chunk;
    private final PageWorkspace work;
    private final ColumnVector[] vectors;
    private final boolean flat;

    LeafWriter(
            final LeafColumn leaf,
            final ParquetConfig config,
            final ColumnChunkWriter chunk,
            final PageWorkspace work) {
        this.leaf = leaf;
        this.config = config;
        this.chunk = chunk;
        this.work = work;
        vectors = new ColumnVector[leaf.path().size()];
        flat = leaf.isFlat();
    }

    void write(final RowBatch batch) {
        vectors[0] = batch.column(leaf.path().getFirst());
        for (int i = 1; i < vectors.length; i++) {
            vectors[i] = vectors[i - 1].child(leaf.path().get(i));
        }
        final int rows = batch.rows();
        final int pageRows = pageRows(vectors[vectors.length - 1], rows);
        for (int first = 0; first < rows; first += pageRows) {
            final int count = Math.min(pageRows, rows - first);
            work.body.clear();
            work.body.ensure(0);
            if (flat) {
                flatPage(vectors[vectors.length - 1], first, count);
            } else {
                nestedPage(first, count);
            }
        }
    }

    /** Rows that give pages of the bytes wanted, on average over the batch; whole words of bitmaps. */
    private int pageRows(final ColumnVector values, final int rows) {
        final long perBytes = (values.valueBytes() + config.pageBytes() - 1) / config.pageBytes();
        final long perRows = ((long) Math.max(rows, values.count()) + config.pageRows() - 1) / config.pageRows();
        final long pages = Math.max(1, Math.max(perBytes, perRows));
        final long each = (rows + pages - 1) / pages;
        return (int) Math.max(1, (each + ParquetConfig.PAGE_ROW_UNIT - 1) / ParquetConfig.PAGE_ROW_UNIT)
                * ParquetConfig.PAGE_ROW_UNIT;
    }

    private void flatPage(final ColumnVector vector, final int first, final int count) {
        final boolean nullable = leaf.field().nullable();
        final int valid = vector.nullCount() == 0 ? count : Compaction.countValid(vector.validity(), first, count);
        if (nullable) {
            final GrowingBuffer body = work.body;
            final long head = beginLevels(body);
            if (valid == count || valid == 0) {
                body.putVarint((long) count << 1);
                body.putByte(valid == 0 ? 0 : 1);
            } else {
                HybridEncoder.bits(vector.validity(), first / Byte.SIZE, count, body);
            }
            endLevels(body, head);
        }
        flatValues(vector, first, count, valid);
        turnDecimals();
        chunk.addPage(count, count, work.values);
    }

    private void flatValues(final ColumnVector vector, final int first, final int count, final int valid) {
        final PageValues values = work.values;
        final boolean whole = valid == count;
        final MemorySegment from = vector.values() == null ? EMPTY : vector.values();
        if (valid == 0) {
            // Columns of what hardly ever is are many: nothing of them is touched.
            none();
        } else if (leaf.field().isVariable()) {
            final long offset = (long) first * Integer.BYTES;
            if (whole) {
                values.wrapVariable(from, vector.offsets(), offset, count);
                return;
            }
            // A null takes no bytes, so a value ends where the next one that is not null begins.
            final MemorySegment starts = work.turned.ensure((long) (count + 1) * Integer.BYTES);
            Compaction.values(vector.validity(), first, vector.offsets(), offset, count, Integer.BYTES, starts, 0);
            LittleEndian.putInt(
                    starts,
                    (long) valid * Integer.BYTES,
                    LittleEndian.getInt(vector.offsets(), (long) (first + count) * Integer.BYTES));
            values.wrapVariable(from, starts, 0, valid);
        } else if (leaf.field().kind() == ColumnKind.BOOLEAN) {
            if (whole) {
                values.wrapBits(from, first / Byte.SIZE, count);
                return;
            }
            final MemorySegment dense = work.dense.ensure(count / Byte.SIZE + 1);
            Compaction.bits(vector.validity(), first, from, first, count, dense, 0);
            values.wrapBits(dense, 0, valid);
        } else {
            final int width = leaf.field().vectorWidth();
            final long offset = (long) first * width;
            if (whole) {
                values.wrapFixed(from, offset, count, width);
                return;
            }
            final MemorySegment dense = work.dense.ensure((long) count * width);
            Compaction.values(vector.validity(), first, from, offset, count, width, dense, 0);
            values.wrapFixed(dense, 0, valid, width);
        }
    }

    private void none() {
        final PageValues values = work.values;
        if (leaf.field().isVariable()) {
            final MemorySegment starts = work.turned.ensure(Integer.BYTES);
            LittleEndian.putInt(starts, 0, 0);
            values.wrapVariable(EMPTY, starts, 0, 0);
        } else if (leaf.field().kind() == ColumnKind.BOOLEAN) {
            values.wrapBits(EMPTY, 0, 0);
        } else {
            values.wrapFixed(EMPTY, 0, 0, leaf.field().vectorWidth());
        }
    }

    private void nestedPage(final int first, final int count) {
        if (leaf.maxRepetition() == 0 && vectors[0].count() > 0 && vectors[0].nullCount() == vectors[0].count()) {
            absentPage(count);
            return;
        }
        final Shredder shredder = work.shredder;
        shredder.shred(vectors, first, count);
        if (leaf.maxRepetition() > 0) {
            levels(shredder.repetition(), shredder.slots(), leaf.maxRepetition());
        }
        if (leaf.maxDefinition() > 0) {
            levels(shredder.definition(), shredder.slots(), leaf.maxDefinition());
        }
        shredder.gather(vectors[vectors.length - 1], work);
        turnDecimals();
        chunk.addPage(count, shredder.slots(), work.values);
    }

    /** Rows of a struct that none of them has: the same level for all, and no values. */
    private void absentPage(final int count) {
        final GrowingBuffer body = work.body;
        final long head = beginLevels(body);
        HybridEncoder.run(count, 0, HybridEncoder.widthOf(leaf.maxDefinition()), body);
        endLevels(body, head);
        none();
        turnDecimals();
        chunk.addPage(count, count, work.values);
    }

    private void levels(final MemorySegment levels, final int count, final int most) {
        final GrowingBuffer body = work.body;
        final long head = beginLevels(body);
        HybridEncoder.ints(levels, 0, count, HybridEncoder.widthOf(most), body);
        endLevels(body, head);
    }

    /** Room for how many bytes follow, which stands before them. */
    private static long beginLevels(final GrowingBuffer body) {
        final long head = body.length();
        body.putInt(0);
        return head;
    }

    private static void endLevels(final GrowingBuffer body, final long head) {
        LittleEndian.putInt(body.segment(), head, (int) (body.length() - head - Integer.BYTES));
    }

    private void turnDecimals() {
        if (leaf.isWideDecimal()) {
            final int width = ColumnChunkWriter.fileWidth(leaf);
            final PageValues values = work.values;
            final MemorySegment out = work.turned.ensure((long) values.count() * width);
            Decimals.toBigEndian(values.values(), values.valuesAt(), values.count(), width, out, 0);
            values.wrapFixed(out, 0, values.count(), width);
        }
    }
}
