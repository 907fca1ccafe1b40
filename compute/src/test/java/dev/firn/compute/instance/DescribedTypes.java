package dev.firn.compute.instance;

import dev.firn.postgres.value.CompositeAttribute;
import dev.firn.postgres.value.EnumLabels;
import dev.firn.postgres.value.TypeDescription;
import dev.firn.postgres.value.ValueKind;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Types as a server describes them by SQL. */
final class DescribedTypes {
    private final Map<Integer, List<String>> types = new HashMap<>();
    private final Map<Integer, Integer> subtypes = new HashMap<>();
    private final Map<Integer, List<List<String>>> attributes = new HashMap<>();
    private final Map<Integer, Map<Integer, byte[]>> labels = new HashMap<>();
    private final Map<Integer, TypeDescription> made = new HashMap<>();

    DescribedTypes(final PostgresServer server) throws SQLException {
        for (final List<String> row : server.query("SELECT oid::int8, typname, typtype, typcategory, typlen, typalign,"
                + " typstorage, typdelim, typelem::int8, typbasetype::int8, typrelid::int8 FROM pg_type")) {
            types.put(number(row.getFirst()), row);
        }
        for (final List<String> row :
                server.query("SELECT rngtypid::int8, rngsubtype::int8, rngmultitypid::int8 FROM pg_range")) {
            subtypes.put(number(row.get(0)), number(row.get(1)));
            subtypes.put(number(row.get(2)), number(row.get(0)));
        }
        for (final List<String> row : server.query("SELECT attrelid::int8, attname, atttypid::int8, attlen, attalign"
                + " FROM pg_attribute WHERE attnum > 0 ORDER BY attrelid, attnum")) {
            attributes
                    .computeIfAbsent(number(row.getFirst()), any -> new ArrayList<>())
                    .add(row);
        }
        for (final List<String> row : server.query("SELECT enumtypid::int8, oid::int8, enumlabel FROM pg_enum")) {
            labels.computeIfAbsent(number(row.getFirst()), any -> new HashMap<>())
                    .put(number(row.get(1)), row.get(2).getBytes(StandardCharsets.UTF_8));
        }
    }

    /** An OID, of 32 bits without sign. */
    static int number(final String text) {
        return (int) Long.parseLong(text);
    }

    List<List<String>> attributes(final int relation) {
        return attributes.get(relation);
    }

    TypeDescription type(final int oid) {
        final TypeDescription known = made.get(oid);
        if (known != null) {
            return known;
        }
        final List<String> row = types.get(oid);
        final ValueKind kind = ValueKind.of(
                oid, row.get(1), row.get(2).charAt(0), row.get(3).charAt(0), number(row.get(4)), number(row.get(8)));
        final TypeDescription element = switch (kind) {
            case ARRAY -> type(number(row.get(8)));
            case DOMAIN -> type(number(row.get(9)));
            case RANGE, MULTIRANGE -> type(subtypes.get(oid));
            default -> null;
        };
        final List<CompositeAttribute> parts = new ArrayList<>();
        if (kind == ValueKind.COMPOSITE) {
            for (final List<String> part : attributes.get(number(row.get(10)))) {
                final int partType = number(part.get(2));
                parts.add(new CompositeAttribute(
                        part.get(1),
                        partType == 0 ? null : type(partType),
                        number(part.get(3)),
                        TypeDescription.alignmentOf(part.get(4).charAt(0))));
            }
        }
        final TypeDescription type = new TypeDescription(
                oid,
                row.get(1),
                kind,
                number(row.get(4)),
                TypeDescription.alignmentOf(row.get(5).charAt(0)),
                row.get(6).charAt(0),
                row.get(7).charAt(0),
                element,
                parts,
                kind == ValueKind.ENUM ? new EnumLabels(labels.getOrDefault(oid, Map.of())) : null,
                -1);
        made.put(oid, type);
        return type;
    }
}
