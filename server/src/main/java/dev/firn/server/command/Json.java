package dev.firn.server.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

/** Documents of {@code --json}. */
final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    /**
     * @param document maps, lists, strings, numbers and booleans.
     */
    static String pretty(final Object document) {
        try {
            return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(document);
        } catch (final JsonProcessingException e) {
            throw new IllegalArgumentException("not a document: " + document, e);
        }
    }
}
