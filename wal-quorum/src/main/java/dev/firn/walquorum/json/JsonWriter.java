package dev.firn.walquorum.json;

import java.util.Locale;

/** Writes JSON as a person would: an object's fields on lines of their own, objects within arrays on one line each. */
public final class JsonWriter {
    private static final String INDENT = "  ";

    private final StringBuilder out = new StringBuilder();

    /** In the outermost object, of depth 1, fields stand on lines of their own. */
    private int depth;

    private boolean first = true;

    JsonWriter() {}

    JsonWriter beginObject() {
        out.append('{');
        depth++;
        first = true;
        return this;
    }

    private void endObject() {
        depth--;
        out.append('}');
        first = false;
    }

    private JsonWriter field(final String name) {
        separate();
        quote(name);
        out.append(": ");
        return this;
    }

    private void separate() {
        if (!first) {
            out.append(',');
        }
        first = false;
        if (depth == 1) {
            out.append('\n').append(INDENT);
        } else if (out.charAt(out.length() - 1) == ',') {
            out.append(' ');
        }
    }

    public JsonWriter text(final String name, final String value) {
        field(name).quote(value);
        return this;
    }

    public JsonWriter number(final String name, final long value) {
        field(name).out.append(value);
        return this;
    }

    public JsonWriter texts(final String name, final Iterable<String> values) {
        field(name).out.append('[');
        boolean firstValue = true;
        for (final String value : values) {
            out.append(firstValue ? "" : ", ");
            quote(value);
            firstValue = false;
        }
        out.append(']');
        return this;
    }

    /** An array of objects, one a line. */
    public <T> JsonWriter objects(final String name, final Iterable<T> values, final ObjectFields<? super T> fields) {
        field(name).out.append('[');
        boolean firstValue = true;
        for (final T value : values) {
            out.append(firstValue ? "\n" : ",\n").append(INDENT).append(INDENT);
            beginObject();
            fields.write(this, value);
            endObject();
            firstValue = false;
        }
        out.append(']');
        return this;
    }

    /** Writes the fields of one object of an array. */
    @FunctionalInterface
    public interface ObjectFields<T> {
        void write(JsonWriter writer, T value);
    }

    private void quote(final String value) {
        out.append('"');
        for (int i = 0; i < value.length(); i++) {
            final char c = value.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                default -> {
                    // An unpaired half of a character has no UTF-8 of its own.
                    if (c < ' ' || c == 0x7F || Character.isSurrogate(c)) {
                        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    /** What has been written so far, ending where the next field would begin on a line of its own. */
    String beforeNextLine() {
        return out + ",\n";
    }
}
