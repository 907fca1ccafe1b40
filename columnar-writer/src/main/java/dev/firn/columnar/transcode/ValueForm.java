package dev.firn.columnar.transcode;

import dev.firn.postgres.lake.LakeType;
import dev.firn.postgres.value.TypeDescription;
import dev.firn.postgres.value.ValueKind;

/** How the common values of a type are stored, where {@link ValueLoops} has a loop for that. */
enum ValueForm {
    SHORT,
    INT,
    UNSIGNED_INT,
    LONG,
    DATE,
    TIME,
    TIMESTAMP,
    UUID,
    BOOLEAN,
    DECIMAL,
    TEXT,
    BYTES,
    /** No loop, but its bytes tell whether they come back from its text. */
    JSONB,
    /** No loop: value by value. */
    OTHER;

    private static final int UUID_BYTES = 16;
    private static final int MOST_SMALL_DIGITS = 18;

    /** Whether there is a loop, which takes nulls too. */
    boolean hasLoop() {
        return this != JSONB && this != OTHER;
    }

    static ValueForm of(final TypeDescription declared, final LakeType lake) {
        final TypeDescription type = declared.base();
        final int length = type.length();
        return switch (lake.kind()) {
            case BOOLEAN -> length == Byte.BYTES ? BOOLEAN : OTHER;
            case INT32 -> length == Integer.BYTES ? INT : length == Short.BYTES ? SHORT : OTHER;
            case FLOAT -> length == Integer.BYTES ? INT : OTHER;
            case INT64 -> length == Long.BYTES ? LONG : length == Integer.BYTES ? UNSIGNED_INT : OTHER;
            case DOUBLE -> length == Long.BYTES ? LONG : OTHER;
            case DATE -> length == Integer.BYTES ? DATE : OTHER;
            case TIME_MICROS -> length == Long.BYTES ? TIME : OTHER;
            case TIMESTAMP_MICROS, TIMESTAMP_UTC_MICROS -> length == Long.BYTES ? TIMESTAMP : OTHER;
            case UUID -> length == UUID_BYTES ? UUID : OTHER;
            case DECIMAL -> type.kind() == ValueKind.NUMERIC && lake.precision() <= MOST_SMALL_DIGITS ? DECIMAL : OTHER;
            case STRING ->
                length == TypeDescription.VARIABLE && !lake.printed()
                        ? TEXT
                        : type.kind() == ValueKind.JSONB ? JSONB : OTHER;
            case BINARY -> length == TypeDescription.VARIABLE ? BYTES : OTHER;
            case LIST -> OTHER;
        };
    }
}
