package dev.firn.postgres.lake;

import dev.firn.postgres.value.TypeDescription;
import dev.firn.postgres.value.ValueKind;

/**
 * The lake type of a column.
 *
 * @param precision of a decimal its digits in all; else 0.
 * @param scale of a decimal its digits after the point; else 0.
 * @param element of a list; else null.
 * @param printed whether a string is made by printing the value; false of text, whose bytes are the string.
 * @param canOverflow whether there are values that don't fit.
 */
public record LakeType(
        LakeKind kind, int precision, int scale, LakeType element, boolean printed, boolean canOverflow) {
    /** Most digits of a decimal in Parquet readers, Iceberg and Delta: what 128 bits hold. */
    public static final int MAX_PRECISION = 38;

    private static final int TYPMOD_OFFSET = 4;
    private static final int PRECISION_SHIFT = 16;
    private static final int SCALE_MASK = 0x7FF;
    private static final int SCALE_SIGN = 0x400;
    private static final int MONEY_PRECISION = 19;
    private static final int MONEY_SCALE = 2;
    private static final int UINT64_PRECISION = 20;

    /**
     * The lake type of an attribute.
     *
     * @param typmod atttypmod; of a domain its own typtypmod, where the attribute has none.
     */
    public static LakeType of(final TypeDescription type, final int typmod) {
        return switch (type.kind()) {
            case BOOL -> exact(LakeKind.BOOLEAN);
            case INT2, INT4 -> exact(LakeKind.INT32);
            case INT8, UINT4, REGISTERED, REGISTERED_OPERATOR -> exact(LakeKind.INT64);
            case UINT8 -> new LakeType(LakeKind.DECIMAL, UINT64_PRECISION, 0, null, false, false);
            case FLOAT4 -> exact(LakeKind.FLOAT);
            case FLOAT8 -> exact(LakeKind.DOUBLE);
            case NUMERIC -> numeric(typmod);
            case MONEY -> new LakeType(LakeKind.DECIMAL, MONEY_PRECISION, MONEY_SCALE, null, false, false);
            case DATE -> partly(LakeKind.DATE);
            case TIME -> partly(LakeKind.TIME_MICROS);
            case TIMESTAMP -> partly(LakeKind.TIMESTAMP_MICROS);
            case TIMESTAMPTZ -> partly(LakeKind.TIMESTAMP_UTC_MICROS);
            case UUID -> exact(LakeKind.UUID);
            case BYTEA, UNKNOWN -> exact(LakeKind.BINARY);
            case TEXT -> new LakeType(LakeKind.STRING, 0, 0, null, false, true);
            case ARRAY -> list(type.element(), typmod);
            case DOMAIN -> of(type.element(), typmod < 0 ? type.modifier() : typmod);
            default -> text();
        };
    }

    private static LakeType exact(final LakeKind kind) {
        return new LakeType(kind, 0, 0, null, false, false);
    }

    private static LakeType partly(final LakeKind kind) {
        return new LakeType(kind, 0, 0, null, false, true);
    }

    /** Canonical text; it overflows where the database's encoding allows what UTF-8 doesn't. */
    private static LakeType text() {
        return new LakeType(LakeKind.STRING, 0, 0, null, true, true);
    }

    /**
     * numeric(p, s): every value has exactly the scale s, so that decimal(p, s) shows what Postgres prints. Without a modifier each value has a
     * scale of its own, which a decimal would lose: text. A negative s makes whole numbers of p - s digits; an s beyond p, fractions of s digits.
     */
    private static LakeType numeric(final int typmod) {
        if (typmod < TYPMOD_OFFSET) {
            return text();
        }
        final int fields = typmod - TYPMOD_OFFSET;
        final int declaredPrecision = fields >>> PRECISION_SHIFT;
        final int declaredScale = ((fields & SCALE_MASK) ^ SCALE_SIGN) - SCALE_SIGN;
        final int scale = Math.max(declaredScale, 0);
        if (scale > MAX_PRECISION) {
            return text();
        }
        final int precision = Math.max(declaredPrecision - Math.min(declaredScale, 0), scale);
        return new LakeType(LakeKind.DECIMAL, Math.min(precision, MAX_PRECISION), scale, null, false, true);
    }

    /** A list where the elements have a lake type of their own; of composites and the like, text. */
    private static LakeType list(final TypeDescription element, final int typmod) {
        final ValueKind kind = element.base().kind();
        if (kind == ValueKind.ARRAY) {
            return text();
        }
        return new LakeType(LakeKind.LIST, 0, 0, of(element, typmod), false, true);
    }
}
