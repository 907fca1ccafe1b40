package dev.firn.columnar.rebuild;

import dev.firn.postgres.catalog.AttributeRow;
import dev.firn.postgres.value.TypeDescription;
import java.util.function.IntFunction;

/**
 * An attribute as forming tuples needs it.
 *
 * @param number attnum.
 * @param name attname: its column in the files of rows, and its field in {@code _firn_overflow}.
 * @param type null when it was dropped: nothing predicts its values.
 * @param length attlen.
 * @param alignment attalign in bytes.
 * @param packable whether short values get a header of one byte: all of variable length, but where attstorage is plain.
 */
public record FormAttribute(
        int number, String name, TypeDescription type, int length, int alignment, boolean packable) {
    private static final char PLAIN = 'p';

    /** Of a row of pg_attribute. @param types finds the types of those that were not dropped. */
    public static FormAttribute of(final AttributeRow row, final IntFunction<TypeDescription> types) {
        return new FormAttribute(
                row.number(),
                row.name(),
                row.dropped() ? null : types.apply(row.type()),
                row.length(),
                row.alignment(),
                row.storage() != PLAIN);
    }

    boolean isDropped() {
        return type == null;
    }
}
