package dev.firn.postgres.value;

/** Which characters of an element make the enclosing type put it in double quotes, beside the quote and the backslash. */
enum Quoting {
    /** array_out. */
    ARRAY,
    /** record_out. */
    RECORD,
    /** range_bound_escape. */
    RANGE;

    boolean demands(final int character, final int delimiter) {
        if (character == ' ' || (character >= '\t' && character <= '\r')) {
            return true;
        }
        return switch (this) {
            case ARRAY -> character == '{' || character == '}' || character == delimiter;
            case RECORD -> character == '(' || character == ')' || character == ',';
            case RANGE ->
                character == '(' || character == ')' || character == '[' || character == ']' || character == ',';
        };
    }
}
