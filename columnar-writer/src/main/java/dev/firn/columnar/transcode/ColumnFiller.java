package dev.firn.columnar.transcode;

import dev.firn.columnar.batch.ColumnVector;
import dev.firn.columnar.rebuild.Doubts;
import dev.firn.columnar.rebuild.JsonbShape;
import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.lake.LakeType;
import dev.firn.postgres.lake.LakeValues;
import dev.firn.postgres.tuple.DeformedRows;
import dev.firn.postgres.tuple.Detoaster;
import dev.firn.postgres.tuple.TupleBatch;
import dev.firn.postgres.value.DatumFlyweight;
import dev.firn.postgres.value.TypeDescription;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** From the positions of an attribute in many rows to its column. Belongs to one thread. */
final class ColumnFiller {
    /** So many at once are no values for a loop. */
    private static final int MANY_NULLS = 32;

    private final ValueAppender appender;
    private final Detoaster detoaster;
    private final DatumFlyweight datum = new DatumFlyweight();

    /** By attribute, each made with the first value. */
    private DecimalLookup[] lookups = new DecimalLookup[0];

    ColumnFiller(final ValueAppender appender, final Detoaster detoaster) {
        this.appender = appender;
        this.detoaster = detoaster;
    }

    /**
     * Appends an attribute of some rows.
     *
     * @param doubts are raised about each value but those that the loops have taken, or that are seen to be stored in the one way: these come back
     *     from the column as they are, their header too.
     * @param overflow the attribute's field of the overflow column, which is as long as the column before the first value that does not fit, or
     *     shorter; null when all fit.
     * @param lenient whether a value that cannot be read is null: in rows that nobody sees, what they lead to may be gone.
     * @throws MalformedDataException with block, offset number and attribute.
     */
    void fill(
            final LakeColumn column,
            final TupleBatch batch,
            final DeformedRows rows,
            final Doubts doubts,
            final int from,
            final int to,
            final ColumnVector out,
            final ColumnVector overflow,
            final boolean lenient) {
        final int[] positions = rows.positions(column.index());
        int row = from;
        try {
            while (row < to) {
                if (positions[row] == DeformedRows.NULL) {
                    final int end = nullsEnd(positions, row, to);
                    if (end - row >= MANY_NULLS || end == to || !column.form().hasLoop()) {
                        out.appendNulls(end - row);
                        row = end;
                        continue;
                    }
                }
                row = common(column, batch, rows, doubts.isPackable(column.index()), row, to, out);
                if (row < to) {
                    final boolean fits = lenient
                            ? tryOne(column, batch, rows, row, out, overflow)
                            : one(column, batch, rows, row, out, overflow);
                    if (!fits || !comesBack(column, batch, rows, doubts.isPackable(column.index()), row)) {
                        doubts.raise(column.index(), row);
                    }
                    row++;
                }
            }
        } catch (final MalformedDataException e) {
            throw new MalformedDataException(
                    "block " + Integer.toUnsignedString(batch.block(row)) + ", offset " + batch.offsetNumber(row)
                            + ", attribute " + column.attribute().name() + ": " + e.getMessage(),
                    e);
        }
    }

    private static int nullsEnd(final int[] positions, final int from, final int to) {
        int end = from;
        while (end < to && positions[end] == DeformedRows.NULL) {
            end++;
        }
        return end;
    }

    /** Appends values by the loop of their form, if they have one; the row that it stopped at. */
    private int common(
            final LakeColumn column,
            final TupleBatch batch,
            final DeformedRows rows,
            final boolean packable,
            final int from,
            final int to,
            final ColumnVector out) {
        final MemorySegment pages = batch.segment();
        final int[] positions = rows.positions(column.index());
        return switch (column.form()) {
            case INT -> ValueLoops.ints(pages, positions, from, to, Integer.MIN_VALUE, Integer.MAX_VALUE, 0, out);
            case SHORT -> ValueLoops.shorts(pages, positions, from, to, out);
            case UNSIGNED_INT -> ValueLoops.unsignedInts(pages, positions, from, to, out);
            case LONG -> ValueLoops.longs(pages, positions, from, to, Long.MIN_VALUE, Long.MAX_VALUE, 0, out);
            case DATE ->
                ValueLoops.ints(
                        pages,
                        positions,
                        from,
                        to,
                        LakeValues.FIRST_DAY,
                        LakeValues.LAST_DAY,
                        LakeValues.EPOCH_DAYS,
                        out);
            case TIME -> ValueLoops.longs(pages, positions, from, to, 0, LakeValues.MICROS_PER_DAY - 1, 0, out);
            case TIMESTAMP ->
                ValueLoops.longs(
                        pages,
                        positions,
                        from,
                        to,
                        LakeValues.FIRST_DAY * LakeValues.MICROS_PER_DAY,
                        (LakeValues.LAST_DAY + 1) * LakeValues.MICROS_PER_DAY - 1,
                        LakeValues.EPOCH_DAYS * LakeValues.MICROS_PER_DAY,
                        out);
            case UUID -> ValueLoops.uuids(pages, positions, from, to, out);
            case BOOLEAN -> ValueLoops.booleans(pages, positions, from, to, out);
            case DECIMAL ->
                ValueLoops.decimals(
                        pages, positions, rows.lengths(column.index()), packable, from, to, lookup(column), out);
            case BYTES -> ValueLoops.bytes(pages, positions, rows.lengths(column.index()), packable, from, to, out);
            case TEXT ->
                ValueLoops.texts(
                        pages,
                        positions,
                        rows.lengths(column.index()),
                        packable,
                        from,
                        to,
                        appender.isAsciiOnly(),
                        out);
            case JSONB, OTHER -> from;
        };
    }

    private DecimalLookup lookup(final LakeColumn column) {
        final int index = column.index();
        if (index >= lookups.length) {
            lookups = Arrays.copyOf(lookups, index + 1);
        }
        if (lookups[index] == null) {
            lookups[index] =
                    new DecimalLookup(column.lake().precision(), column.lake().scale());
        }
        return lookups[index];
    }

    /** Whether a value that its column has comes back from there bit for bit. */
    private static boolean comesBack(
            final LakeColumn column,
            final TupleBatch batch,
            final DeformedRows rows,
            final boolean packable,
            final int row) {
        if (column.form() != ValueForm.JSONB) {
            return false;
        }
        final int position = rows.positions(column.index())[row];
        final int length = rows.lengths(column.index())[row];
        final int header = ValueLoops.headerBytes(batch.segment(), position, length, packable);
        return header > 0 && JsonbShape.isAsFormed(batch.segment(), position + (long) header, length - header);
    }

    /** Whether the value is in the column. */
    private boolean tryOne(
            final LakeColumn column,
            final TupleBatch batch,
            final DeformedRows rows,
            final int row,
            final ColumnVector out,
            final ColumnVector overflow) {
        final int before = out.count();
        try {
            return one(column, batch, rows, row, out, overflow);
        } catch (final MalformedDataException _) {
            out.cut(before);
            if (overflow != null) {
                overflow.cut(before);
            }
            out.appendNull();
            return false;
        }
    }

    /** Whether the value is in the column. */
    private boolean one(
            final LakeColumn column,
            final TupleBatch batch,
            final DeformedRows rows,
            final int row,
            final ColumnVector out,
            final ColumnVector overflow) {
        final int position = rows.positions(column.index())[row];
        if (position == DeformedRows.NULL) {
            out.appendNull();
            return false;
        }
        final TypeDescription type = column.type();
        if (position == DeformedRows.MISSING) {
            final MemorySegment missing = column.attribute().missing();
            datum.wrap(missing, 0, (int) missing.byteSize());
        } else if (type.length() >= 0) {
            datum.wrap(batch.segment(), position, type.length());
        } else {
            variable(type, batch.segment(), position, rows.lengths(column.index())[row]);
        }
        return append(type, column.lake(), out, overflow);
    }

    /** The short header, which is the common one, stands in line. */
    private void variable(final TypeDescription type, final MemorySegment pages, final int position, final int length) {
        if (type.length() == TypeDescription.STRING) {
            datum.wrap(pages, position, length - 1);
            return;
        }
        final int header = LittleEndian.getUnsignedByte(pages, position);
        if ((header & 1) != 0 && header != 1) {
            datum.wrap(pages, position + 1L, length - 1);
        } else {
            detoaster.value(pages, position, length, datum);
        }
    }

    /** Whether the value is in the column, and not in the overflow's. */
    private boolean append(
            final TypeDescription type, final LakeType lake, final ColumnVector out, final ColumnVector overflow) {
        final int before = out.count();
        if (appender.append(type, lake, datum, out)) {
            return true;
        }
        overflow.appendNulls(before - overflow.count());
        appender.appendOverflow(type, lake, datum, overflow);
        out.appendNull();
        return false;
    }
}
