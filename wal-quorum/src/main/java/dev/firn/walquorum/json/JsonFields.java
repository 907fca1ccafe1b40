package dev.firn.walquorum.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The fields of an object, to be taken one by one: a field that is missing, of another kind, or left over at the end is an error
 * that names it.
 */
public final class JsonFields {
    private final String what;
    private final Map<String, Object> values;

    JsonFields(final String what, final Map<String, Object> values) {
        this.what = what;
        this.values = new LinkedHashMap<>(values);
    }

    public String text(final String name) {
        if (take(name) instanceof String text) {
            return text;
        }
        throw wrong(name, "a text");
    }

    public long number(final String name) {
        if (take(name) instanceof Long number) {
            return number;
        }
        throw wrong(name, "a number");
    }

    public int integer(final String name) {
        final long number = number(name);
        if (number < Integer.MIN_VALUE || number > Integer.MAX_VALUE) {
            throw wrong(name, "within 32 bits");
        }
        return (int) number;
    }

    public List<String> texts(final String name) {
        final List<String> texts = new ArrayList<>();
        for (final Object value : list(name)) {
            if (!(value instanceof String text)) {
                throw wrong(name, "a list of texts");
            }
            texts.add(text);
        }
        return List.copyOf(texts);
    }

    @SuppressWarnings("unchecked")
    public List<JsonFields> objects(final String name) {
        final List<JsonFields> objects = new ArrayList<>();
        for (final Object value : list(name)) {
            if (!(value instanceof Map<?, ?> fields)) {
                throw wrong(name, "a list of objects");
            }
            objects.add(new JsonFields(what + ", in " + name, (Map<String, Object>) fields));
        }
        return List.copyOf(objects);
    }

    /** @throws MalformedJsonException when there are fields that nobody has taken. */
    public void end() {
        if (!values.isEmpty()) {
            throw new MalformedJsonException(
                    what + " has a field \"" + values.keySet().iterator().next() + "\" that nobody knows");
        }
    }

    /** An error about this object, in its own words. */
    public MalformedJsonException error(final String sentence) {
        return new MalformedJsonException(what + " " + sentence);
    }

    private List<?> list(final String name) {
        if (take(name) instanceof List<?> list) {
            return list;
        }
        throw wrong(name, "a list");
    }

    private Object take(final String name) {
        final Object value = values.remove(name);
        if (value == null) {
            throw new MalformedJsonException(what + " has no field \"" + name + "\"");
        }
        return value;
    }

    private MalformedJsonException wrong(final String name, final String expected) {
        return new MalformedJsonException(what + " has a field \"" + name + "\" that is not " + expected);
    }
}
