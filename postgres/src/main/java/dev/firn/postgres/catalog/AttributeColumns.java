package dev.firn.postgres.catalog;

import dev.firn.postgres.MalformedDataException;
import dev.firn.postgres.tuple.StoredAttribute;
import dev.firn.postgres.value.ArrayFlyweight;
import dev.firn.postgres.value.DatumFlyweight;
import dev.firn.postgres.value.TypeDescription;
import dev.firn.postgres.value.ValueKind;
import dev.firn.postgres.version.PostgresVersion;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** pg_attribute's own columns, the one catalog that has to be known before any can be read: catalog/pg_attribute.h of each version. */
final class AttributeColumns {
    /** From 17 on, small columns shrank to two bytes, and attstattarget may be null and moved behind them. */
    private static final int SHRUNK_SINCE = 17;

    private AttributeColumns() {}

    static List<StoredAttribute> of(final PostgresVersion version) {
        final boolean shrunk = version.major() >= SHRUNK_SINCE;
        final List<StoredAttribute> columns = new ArrayList<>();
        int32(columns, "attrelid");
        columns.add(new StoredAttribute("attname", CatalogRow.NAME_BYTES, 1, null));
        int32(columns, "atttypid");
        if (!shrunk) {
            int32(columns, "attstattarget");
        }
        int16(columns, "attlen");
        int16(columns, "attnum");
        if (!shrunk) {
            int32(columns, "attndims");
        }
        int32(columns, "attcacheoff");
        int32(columns, "atttypmod");
        if (shrunk) {
            int16(columns, "attndims");
        }
        for (final String flag : List.of(
                "attbyval",
                "attalign",
                "attstorage",
                "attcompression",
                "attnotnull",
                "atthasdef",
                "atthasmissing",
                "attidentity",
                "attgenerated",
                "attisdropped",
                "attislocal")) {
            columns.add(new StoredAttribute(flag, 1, 1, null));
        }
        if (shrunk) {
            int16(columns, "attinhcount");
        } else {
            int32(columns, "attinhcount");
        }
        int32(columns, "attcollation");
        if (shrunk) {
            int16(columns, "attstattarget");
        }
        for (final String list : List.of("attacl", "attoptions", "attfdwoptions", "attmissingval")) {
            columns.add(
                    new StoredAttribute(list, TypeDescription.VARIABLE, shrunk && list.equals("attacl") ? 8 : 4, null));
        }
        return columns;
    }

    private static void int32(final List<StoredAttribute> columns, final String name) {
        columns.add(new StoredAttribute(name, Integer.BYTES, Integer.BYTES, null));
    }

    private static void int16(final List<StoredAttribute> columns, final String name) {
        columns.add(new StoredAttribute(name, Short.BYTES, Short.BYTES, null));
    }

    static AttributeRow row(final CatalogColumns columns) {
        final int length = columns.int16("attlen");
        final int alignment = TypeDescription.alignmentOf(columns.character("attalign"));
        return new AttributeRow(
                columns.int32("attrelid"),
                columns.int16("attnum"),
                columns.name("attname"),
                columns.int32("atttypid"),
                columns.int32("atttypmod"),
                length,
                alignment,
                columns.character("attstorage"),
                columns.flag("attisdropped"),
                columns.flag("atthasmissing") && !columns.isNull("attmissingval")
                        ? missing(columns.variable("attmissingval"), length, alignment)
                        : null);
    }

    /** attmissingval is an array of the attribute's type with the one value in it. */
    private static MemorySegment missing(final DatumFlyweight array, final int length, final int alignment) {
        final TypeDescription element =
                TypeDescription.simple(0, "attmissingval", ValueKind.UNKNOWN, length, alignment, 'x', ',');
        final DatumFlyweight value = new DatumFlyweight();
        final ArrayFlyweight elements = new ArrayFlyweight().wrap(array, element);
        if (elements.count() != 1 || !elements.next(value)) {
            throw new MalformedDataException("an attmissingval of " + elements.count() + " values");
        }
        final MemorySegment copy = MemorySegment.ofArray(new long[(value.length() + Long.BYTES - 1) >>> 3])
                .asSlice(0, value.length());
        return copy.copyFrom(value.segment().asSlice(value.base(), value.length()));
    }
}
