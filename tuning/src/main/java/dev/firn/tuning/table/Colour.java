package dev.firn.tuning.table;

/** The few colours that a table uses (ECMA-48 select graphic rendition). */
public enum Colour {
    NONE(""),
    GREEN("\u001b[32m"),
    YELLOW("\u001b[33m"),
    RED("\u001b[31m"),
    BOLD("\u001b[1m"),
    DIM("\u001b[2m");

    private static final String RESET = "\u001b[0m";

    private final String start;

    Colour(final String start) {
        this.start = start;
    }

    String paint(final String text) {
        return this == NONE || text.isEmpty() ? text : start + text + RESET;
    }
}
