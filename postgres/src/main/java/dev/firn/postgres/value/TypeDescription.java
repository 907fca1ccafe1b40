package dev.firn.postgres.value;

import java.util.List;

/**
 * A type, as far as its values' bytes need it: a row of pg_type with what belongs to it.
 *
 * @param name typname, for messages.
 * @param length typlen: bytes, or {@link #VARIABLE}, or {@link #STRING}.
 * @param alignment typalign in bytes: 1, 2, 4 or 8.
 * @param storage typstorage: {@code p}, {@code e}, {@code m}, {@code x}.
 * @param delimiter typdelim: what stands between elements of an array of this type.
 * @param element of an array its element's type, of a domain its base type, of a range its subtype, of a multirange its range; else null.
 * @param attributes of a composite type its attributes, dropped ones too; else empty.
 * @param labels of an enum its labels; else null.
 * @param modifier of a domain the modifier that it gives its base type (typtypmod); else -1.
 */
public record TypeDescription(
        int oid,
        String name,
        ValueKind kind,
        int length,
        int alignment,
        char storage,
        char delimiter,
        TypeDescription element,
        List<CompositeAttribute> attributes,
        EnumLabels labels,
        int modifier) {
    /** typlen of a type with a varlena header. */
    public static final int VARIABLE = -1;

    /** typlen of a type that ends with a zero byte: cstring, unknown. */
    public static final int STRING = -2;

    public TypeDescription {
        attributes = List.copyOf(attributes);
        if (kind == ValueKind.COMPOSITE) {
            element = null;
        } else if (element == null
                && (kind == ValueKind.ARRAY
                        || kind == ValueKind.DOMAIN
                        || kind == ValueKind.RANGE
                        || kind == ValueKind.MULTIRANGE)) {
            throw new IllegalArgumentException("the type " + name + ", " + kind + ", needs an element");
        }
        if (kind == ValueKind.ENUM && labels == null) {
            throw new IllegalArgumentException("the enum " + name + " needs its labels");
        }
    }

    /** A type without anything below it. */
    public static TypeDescription simple(
            final int oid,
            final String name,
            final ValueKind kind,
            final int length,
            final int alignment,
            final char storage,
            final char delimiter) {
        return new TypeDescription(oid, name, kind, length, alignment, storage, delimiter, null, List.of(), null, -1);
    }

    /** The type itself, or of a domain what it is over. */
    public TypeDescription base() {
        TypeDescription type = this;
        while (type.kind == ValueKind.DOMAIN) {
            type = type.element;
        }
        return type;
    }

    /** typalign as bytes: {@code c}, {@code s}, {@code i}, {@code d}. */
    public static int alignmentOf(final char typalign) {
        return switch (typalign) {
            case 'c' -> 1;
            case 's' -> Short.BYTES;
            case 'i' -> Integer.BYTES;
            case 'd' -> Long.BYTES;
            default -> throw new IllegalArgumentException("a type's alignment is c, s, i or d, not " + typalign);
        };
    }
}
