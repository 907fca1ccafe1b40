package dev.firn.columnar.rebuild;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.firn.columnar.batch.ColumnKind;
import dev.firn.columnar.batch.ColumnVector;
import dev.firn.columnar.kernel.Bits;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.value.TypeDescription;
import dev.firn.postgres.value.ValueKind;
import java.lang.foreign.MemorySegment;

/**
 * From a column of the lake back to datums: the reverse of what docs/types.md says of a type. Where there is no reverse yet the datum is unknown,
 * and the residue has its bytes. What a type is gets decided once a run, and the loops run over rows. Owned by one thread.
 */
final class DatumForm {
    /** From Postgres' epoch, 2000-01-01, to the lake's. */
    private static final int EPOCH_DAYS = 10_957;

    private static final long EPOCH_MICROS = EPOCH_DAYS * 86_400_000_000L;
    private static final int ARRAY_HEADER_BYTES = 12;
    private static final int DIMENSION_BYTES = 8;
    private static final int VARLENA_HEADER_BYTES = 4;
    private static final int MAX_ALIGNMENT = 8;
    private static final int BITS = 8;

    /** Its type, or what a domain is over. */
    private final TypeDescription type;

    private final ValueKind kind;
    private final TextDatums texts;
    private final DatumForm element;
    private final DatumRun elements;
    private int[] identity = new int[0];

    DatumForm(final TypeDescription declared, final TextDatums texts, final DatumBytes scratch) {
        type = declared.base();
        kind = type.kind();
        this.texts = texts;
        final boolean list = kind == ValueKind.ARRAY;
        element = list ? new DatumForm(type.element(), texts, scratch) : null;
        elements = list ? new DatumRun(scratch) : null;
    }

    /** Whether each value of a fixed length has a native value in the lake, so that nothing is ever unknown. */
    static boolean isNative(final TypeDescription declared) {
        return switch (declared.base().kind()) {
            case BOOL,
                    INT2,
                    INT4,
                    INT8,
                    FLOAT4,
                    FLOAT8,
                    UINT4,
                    UINT8,
                    REGISTERED,
                    REGISTERED_OPERATOR,
                    MONEY,
                    UUID,
                    DATE,
                    TIME,
                    TIMESTAMP,
                    TIMESTAMPTZ -> true;
            default -> false;
        };
    }

    /**
     * Forms the datums of some rows.
     *
     * @param overflow the canonical texts of what does not fit; null when everything does.
     * @param slots of the run, for each row from the first on.
     */
    void form(
            final ColumnVector column,
            final ColumnVector overflow,
            final int from,
            final int to,
            final int[] slots,
            final DatumRun run) {
        run.beginColumn(column.values());
        final ColumnKind held = column.field().kind();
        for (int row = from; row < to; row++) {
            final int slot = slots[row - from];
            if (column.isNull(row)) {
                if (overflow != null && !overflow.isNull(row)) {
                    overflowing(overflow, row, slot, run);
                }
            } else {
                value(column, held, row, slot, run);
            }
        }
    }

    private void value(
            final ColumnVector column, final ColumnKind held, final int row, final int slot, final DatumRun run) {
        final MemorySegment values = column.values();
        switch (held) {
            case BOOLEAN -> run.setNumber(slot, Bits.get(values, row) ? 1 : 0);
            case INT32, FLOAT -> run.setNumber(slot, LittleEndian.getInt(values, (long) row * Integer.BYTES));
            case INT64, DOUBLE, TIME_MICROS ->
                run.setNumber(slot, LittleEndian.getLong(values, (long) row * Long.BYTES));
            case DATE -> run.setNumber(slot, LittleEndian.getInt(values, (long) row * Integer.BYTES) - EPOCH_DAYS);
            case TIMESTAMP_MICROS, TIMESTAMP_UTC_MICROS ->
                run.setNumber(slot, LittleEndian.getLong(values, (long) row * Long.BYTES) - EPOCH_MICROS);
            case DECIMAL -> decimal(column, row, slot, run);
            case UUID, FIXED -> {
                final int width = column.field().vectorWidth();
                run.setNative(slot, (long) row * width, width);
            }
            case STRING -> text(column, row, slot, run);
            case BINARY -> {
                final int begin = begin(column, row);
                final int length = begin(column, row + 1) - begin;
                if (type.length() == TypeDescription.VARIABLE || type.length() == length) {
                    run.setNative(slot, begin, length);
                } else {
                    run.setUnknown(slot);
                }
            }
            case LIST -> list(column, row, slot, run);
            default -> run.setUnknown(slot);
        }
    }

    private static int begin(final ColumnVector column, final int row) {
        return LittleEndian.getInt(column.offsets(), (long) row * Integer.BYTES);
    }

    private void decimal(final ColumnVector column, final int row, final int slot, final DatumRun run) {
        final int width = column.field().vectorWidth();
        final long at = (long) row * width;
        final long low = width == Integer.BYTES
                ? LittleEndian.getInt(column.values(), at)
                : LittleEndian.getLong(column.values(), at);
        if (kind != ValueKind.NUMERIC) {
            run.setNumber(slot, low);
            return;
        }
        final long high = width == 2 * Long.BYTES
                ? LittleEndian.getLong(column.values(), at + Long.BYTES)
                : low >> (Long.SIZE - 1);
        final long begin = run.scratch().length();
        texts.numeric().put(high, low, column.field().scale(), run.scratch());
        run.setScratch(slot, begin);
    }

    private void text(final ColumnVector column, final int row, final int slot, final DatumRun run) {
        final int begin = begin(column, row);
        final int length = begin(column, row + 1) - begin;
        if (kind == ValueKind.TEXT) {
            run.setNative(slot, begin, length);
        } else {
            parse(column.values(), begin, length, slot, run);
        }
    }

    private void parse(
            final MemorySegment text, final int offset, final int length, final int slot, final DatumRun run) {
        final DatumBytes scratch = run.scratch();
        final long begin = scratch.length();
        if (!texts.parse(type, text, offset, length, scratch)) {
            scratch.cut(begin);
            run.setUnknown(slot);
        } else if (type.length() > 0 && scratch.length() - begin != type.length()) {
            throw new IllegalStateException("a " + type.name() + " of " + (scratch.length() - begin) + " bytes");
        } else {
            run.setScratch(slot, begin);
        }
    }

    private void overflowing(final ColumnVector overflow, final int row, final int slot, final DatumRun run) {
        final int begin = begin(overflow, row);
        final int length = begin(overflow, row + 1) - begin;
        switch (kind) {
            case TEXT -> {
                final DatumBytes scratch = run.scratch();
                final long at = scratch.length();
                if (TextDatums.parseHexadecimal(overflow.values(), begin, length, scratch)) {
                    run.setScratch(slot, at);
                } else {
                    scratch.cut(at);
                    run.setUnknown(slot);
                }
            }
            case DATE, TIME, TIMESTAMP, TIMESTAMPTZ, NUMERIC, ARRAY ->
                parse(overflow.values(), begin, length, slot, run);
            default -> run.setUnknown(slot);
        }
    }

    /** construct_md_array of utils/adt/arrayfuncs.c: elements aligned, the whole padded to their alignment, a null bitmap only with nulls. */
    private void list(final ColumnVector column, final int row, final int slot, final DatumRun run) {
        final int from = begin(column, row);
        final int count = begin(column, row + 1) - from;
        final ColumnVector child = column.child(0);
        final DatumBytes out = run.scratch();
        elements.begin(count);
        element.form(child, null, from, from + count, identity(count), elements);
        final int dimensions = count == 0 ? 0 : 1;
        boolean nulls = false;
        for (int i = 0; i < count; i++) {
            final byte state = elements.states()[i];
            if (state == DatumRun.UNKNOWN) {
                run.setUnknown(slot);
                return;
            }
            nulls |= state == DatumRun.NULL;
        }
        final int bitmap = nulls ? (count + BITS - 1) / BITS : 0;
        final int header =
                align(VARLENA_HEADER_BYTES + ARRAY_HEADER_BYTES + dimensions * DIMENSION_BYTES + bitmap, MAX_ALIGNMENT);
        // Elements that were made lie before the array, so that the memory may grow.
        final long begin = out.zeroes(header - VARLENA_HEADER_BYTES);
        final MemorySegment memory = out.segment();
        LittleEndian.putInt(memory, begin, dimensions);
        LittleEndian.putInt(memory, begin + Integer.BYTES, nulls ? header : 0);
        LittleEndian.putInt(memory, begin + 2 * Integer.BYTES, type.element().oid());
        if (count > 0) {
            LittleEndian.putInt(memory, begin + ARRAY_HEADER_BYTES, count);
            LittleEndian.putInt(memory, begin + ARRAY_HEADER_BYTES + Integer.BYTES, 1);
        }
        for (int i = 0; i < count; i++) {
            if (elements.states()[i] != DatumRun.NULL) {
                if (nulls) {
                    final long at = begin + ARRAY_HEADER_BYTES + DIMENSION_BYTES + i / BITS;
                    final MemorySegment now = out.segment();
                    now.set(JAVA_BYTE, at, (byte) (now.get(JAVA_BYTE, at) | 1 << i % BITS));
                }
                putElement(i, begin - VARLENA_HEADER_BYTES, out);
            }
        }
        run.setScratch(slot, begin);
    }

    private void putElement(final int index, final long arrayBegin, final DatumBytes out) {
        final TypeDescription stored = type.element();
        if (stored.length() > 0) {
            final long at = out.zeroes(stored.length());
            if (elements.states()[index] == DatumRun.NUMBER) {
                DatumRun.putNumber(out.segment(), at, stored.length(), elements.numbers()[index]);
            } else {
                MemorySegment.copy(
                        elements.bytes(index), elements.numbers()[index], out.segment(), at, stored.length());
            }
        } else {
            final int length = elements.lengths()[index];
            out.put32((length + VARLENA_HEADER_BYTES) << 2);
            final long at = out.zeroes(length);
            MemorySegment.copy(elements.bytes(index), elements.numbers()[index], out.segment(), at, length);
        }
        final int size = (int) (out.length() - arrayBegin);
        out.zeroes(align(size, stored.alignment()) - size);
    }

    private int[] identity(final int count) {
        if (identity.length < count) {
            identity = new int[Math.max(count, 2 * identity.length)];
            for (int i = 0; i < identity.length; i++) {
                identity[i] = i;
            }
        }
        return identity;
    }

    static int align(final int offset, final int alignment) {
        return (offset + alignment - 1) & -alignment;
    }
}
