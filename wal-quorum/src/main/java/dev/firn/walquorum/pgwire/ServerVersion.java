package dev.firn.walquorum.pgwire;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * @param number as in {@code server_version_num}: 170011 is 17.11.
 * @param text   as the server says it: {@code 17.11 (Debian 17.11-1)}.
 */
public record ServerVersion(int number, String text) {
    private static final int MAJOR_FACTOR = 10_000;
    /** 17.11, but also 18beta1 and 18devel. */
    private static final Pattern FORM = Pattern.compile("([0-9]{1,4})(?:\\.([0-9]{1,4}))?.*", Pattern.DOTALL);

    /** Reads {@code server_version}; number 0 when it is in no form that Postgres 10 or later uses. */
    static ServerVersion parse(final String text) {
        final Matcher matcher = FORM.matcher(text == null ? "" : text);
        if (!matcher.matches()) {
            return new ServerVersion(0, String.valueOf(text));
        }
        final int minor = matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2));
        return new ServerVersion(Integer.parseInt(matcher.group(1)) * MAJOR_FACTOR + minor, text);
    }

    public int major() {
        return number / MAJOR_FACTOR;
    }
}
