package dev.firn.walquorum.pgwire.conninfo;

import java.util.Map;

/** What both forms of a connection string have in common. */
final class ConnInfoText {
    /** Anything longer is no connection string. */
    private static final int MAX_CHARS = 64 << 10;

    private ConnInfoText() {}

    static Map<Keyword, String> parse(final String text) {
        if (text.length() > MAX_CHARS) {
            throw new ConnInfoException(
                    "a connection string of " + text.length() + " characters is longer than " + MAX_CHARS);
        }
        return UriText.isOne(text) ? UriText.parse(text) : KeywordValueText.parse(text);
    }

    /** As in libpq, the last of two values for one keyword counts. */
    static void put(final Map<Keyword, String> values, final String name, final String value) {
        final Keyword keyword = Keyword.of(name);
        if (keyword == null) {
            throw new ConnInfoException(unknown(name));
        }
        if (value.indexOf('\0') >= 0) {
            throw new ConnInfoException("the connection parameter " + name + " holds a zero byte");
        }
        keyword.check(value);
        values.put(keyword, value);
    }

    private static String unknown(final String name) {
        return name.matches("[a-z_]{1,30}")
                ? "there is no connection parameter " + name + ": the manual's section on libpq lists them"
                : "the connection string has a keyword that is none: values with spaces are put in single quotes";
    }
}
