package dev.firn.walquorum.json;

/** Hears the parts of a JSON text in their order. What it throws comes out of {@link JsonParser#feed}. */
public interface JsonHandler {
    void beginObject();

    void endObject();

    void beginArray();

    void endArray();

    void key(String key);

    void text(String value);

    /** @param digits an integer as it stands there, with its sign. */
    void number(String digits);

    void bool(boolean value);

    void nothing();
}
