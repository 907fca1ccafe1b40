package dev.firn.postgres.catalog;

import dev.firn.postgres.LittleEndian;
import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.tuple.DeformPlan;
import dev.firn.postgres.tuple.DeformedRows;
import dev.firn.postgres.tuple.Detoaster;
import dev.firn.postgres.tuple.TupleBatch;
import dev.firn.postgres.value.DatumFlyweight;
import java.lang.foreign.ValueLayout;
import java.util.Map;

/** The columns of one catalog's rows by their names: pg_attribute says itself where they are, so that no version is special. */
final class CatalogColumns {
    private final Map<String, Integer> indexes;
    private final Detoaster detoaster;
    private final DatumFlyweight datum = new DatumFlyweight();
    private final TupleBatch batch;
    private final DeformedRows rows;
    private final DeformPlan plan;
    private final NameEncoding encoding;
    private int row;

    CatalogColumns(
            final DeformPlan plan,
            final Map<String, Integer> indexes,
            final TupleBatch batch,
            final Detoaster detoaster,
            final NameEncoding encoding) {
        this.encoding = encoding;
        this.plan = plan;
        this.indexes = indexes;
        this.batch = batch;
        this.detoaster = detoaster;
        rows = new DeformedRows(plan, batch);
    }

    /** Takes the batch's rows apart. */
    void deform() {
        plan.deform(batch, rows);
    }

    void row(final int index) {
        row = index;
    }

    boolean isNull(final String column) {
        return position(column) < 0;
    }

    int int32(final String column) {
        return LittleEndian.getInt(batch.segment(), present(column));
    }

    int int16(final String column) {
        return (short) LittleEndian.getUnsignedShort(batch.segment(), present(column));
    }

    char character(final String column) {
        return (char) LittleEndian.getUnsignedByte(batch.segment(), present(column));
    }

    boolean flag(final String column) {
        return character(column) != 0;
    }

    /** A name's bytes, in the database's encoding. */
    byte[] nameBytes(final String column) {
        final int at = present(column);
        int length = 0;
        while (length < CatalogRow.NAME_BYTES && batch.segment().get(ValueLayout.JAVA_BYTE, at + length) != 0) {
            length++;
        }
        return batch.segment().asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
    }

    String name(final String column) {
        return encoding.decode(nameBytes(column));
    }

    /** A value of variable length; borrowed until the next one. */
    DatumFlyweight variable(final String column) {
        final int at = present(column);
        return detoaster.value(batch.segment(), at, rows.lengths(indexes.get(column))[row], datum);
    }

    private int present(final String column) {
        final int position = position(column);
        if (position < 0) {
            throw new MalformedDataException("block " + batch.block(row) + ", offset " + batch.offsetNumber(row)
                    + ": the catalog's column " + column + " is null");
        }
        return position;
    }

    private int position(final String column) {
        final Integer index = indexes.get(column);
        if (index == null) {
            throw new MalformedDataException("a catalog without a column " + column);
        }
        return rows.positions(index)[row];
    }
}
