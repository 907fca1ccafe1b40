package dev.firn.tuning.host;

import java.util.Arrays;
import java.util.List;

/** The kernel's way to show a choice: all values, the chosen one in brackets. */
public final class Choices {
    private Choices() {}

    /** The bracketed value, or the whole text when nothing is bracketed. */
    public static String chosen(final String text) {
        final int open = text.indexOf('[');
        final int close = text.indexOf(']', open + 1);
        return open >= 0 && close > open ? text.substring(open + 1, close) : text.strip();
    }

    /** Every value, without brackets. */
    public static List<String> all(final String text) {
        return Arrays.stream(text.strip().split("\\s+", -1))
                .map(Choices::chosen)
                .filter(choice -> !choice.isEmpty())
                .toList();
    }
}
