package dev.firn.walquorum.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Builds a small text as maps, lists, texts and longs. Null, true and false are refused: nothing of ours has them. */
final class JsonTree implements JsonHandler {
    private record Level(Map<String, Object> object, List<Object> array, String[] key) {}

    private final List<Level> levels = new ArrayList<>();
    private Object root;

    /** The outermost object. */
    @SuppressWarnings("unchecked")
    Map<String, Object> object() {
        if (root instanceof Map<?, ?> map) {
            return (Map<String, Object>) map;
        }
        throw new MalformedJsonException("the text is no object");
    }

    private void add(final Object value) {
        if (levels.isEmpty()) {
            root = value;
            return;
        }
        final Level level = levels.getLast();
        if (level.array != null) {
            level.array.add(value);
        } else if (level.object.put(level.key[0], value) != null) {
            throw new MalformedJsonException("the key \"" + level.key[0] + "\" stands there twice");
        }
    }

    @Override
    public void beginObject() {
        final Map<String, Object> object = new LinkedHashMap<>();
        add(object);
        levels.add(new Level(object, null, new String[1]));
    }

    @Override
    public void endObject() {
        levels.removeLast();
    }

    @Override
    public void beginArray() {
        final List<Object> array = new ArrayList<>();
        add(array);
        levels.add(new Level(null, array, null));
    }

    @Override
    public void endArray() {
        levels.removeLast();
    }

    @Override
    public void key(final String key) {
        levels.getLast().key[0] = key;
    }

    @Override
    public void text(final String value) {
        add(value);
    }

    @Override
    public void number(final String digits) {
        try {
            add(Long.parseLong(digits));
        } catch (final NumberFormatException e) {
            throw new MalformedJsonException("the number " + digits + " does not fit 64 bits", e);
        }
    }

    @Override
    public void bool(final boolean value) {
        throw new MalformedJsonException("true and false are not expected");
    }

    @Override
    public void nothing() {
        throw new MalformedJsonException("null is not expected");
    }
}
