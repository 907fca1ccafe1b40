package dev.firn.walquorum.pgwire.conninfo;

import java.util.EnumMap;
import java.util.Map;

/**
 * The keyword/value form: {@code host=db1 password='a b'}. Messages name places, not words, where a word might be a part of a
 * password that was not quoted.
 */
final class KeywordValueText {
    private final String text;
    private final Map<Keyword, String> values = new EnumMap<>(Keyword.class);
    private int position;

    private KeywordValueText(final String text) {
        this.text = text;
    }

    static Map<Keyword, String> parse(final String text) {
        return new KeywordValueText(text).parse();
    }

    /** One pair as it would be read. */
    static String format(final Keyword keyword, final String value) {
        final boolean plain =
                !value.isEmpty() && value.chars().noneMatch(c -> isSpace((char) c) || c == '\'' || c == '\\');
        return keyword.text() + "="
                + (plain ? value : "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'");
    }

    private Map<Keyword, String> parse() {
        skipSpace();
        while (position < text.length()) {
            pair();
            skipSpace();
        }
        return values;
    }

    private void pair() {
        final int begin = position;
        while (position < text.length() && text.charAt(position) != '=' && !isSpace(text.charAt(position))) {
            position++;
        }
        final String name = text.substring(begin, position);
        skipSpace();
        if (position == text.length() || text.charAt(position) != '=') {
            throw new ConnInfoException("the connection string has no = after the word at character " + (begin + 1)
                    + ": it takes keyword=value pairs, and values with spaces in single quotes");
        }
        position++;
        skipSpace();
        ConnInfoText.put(values, name, value());
    }

    private String value() {
        final boolean quoted = position < text.length() && text.charAt(position) == '\'';
        final int begin = position;
        if (quoted) {
            position++;
        }
        final StringBuilder value = new StringBuilder();
        while (position < text.length()) {
            final char c = text.charAt(position);
            if (quoted ? c == '\'' : isSpace(c)) {
                position++;
                return value.toString();
            }
            position++;
            if (c != '\\') {
                value.append(c);
            } else if (position < text.length()) {
                value.append(text.charAt(position++));
            }
        }
        if (quoted) {
            throw new ConnInfoException("the connection string has a quote at character " + (begin + 1)
                    + " that is not closed: a quote within a value is written \\'");
        }
        return value.toString();
    }

    private void skipSpace() {
        while (position < text.length() && isSpace(text.charAt(position))) {
            position++;
        }
    }

    private static boolean isSpace(final char c) {
        return c == ' ' || (c >= '\t' && c <= '\r');
    }
}
