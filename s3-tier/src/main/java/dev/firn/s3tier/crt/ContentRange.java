package dev.firn.s3tier.crt;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code Content-Range} says (RFC 9110, 14.4): {@code bytes first-last/total}, or <code>bytes *&#47;total</code> when the range
 * asked for lies beyond the end.
 *
 * @param first -1 when the range lies beyond the end.
 * @param last inclusive; -1 when the range lies beyond the end.
 */
record ContentRange(long first, long last, long totalBytes) {
    private static final Pattern FORM = Pattern.compile("bytes (?:(\\d{1,18})-(\\d{1,18})|\\*)/(\\d{1,18})");

    /** Null when the header is missing, says no total, or makes no sense. */
    static ContentRange parse(final String header) {
        final Matcher matcher = header == null ? null : FORM.matcher(header.trim());
        if (matcher == null || !matcher.matches()) {
            return null;
        }
        final long total = Long.parseLong(matcher.group(3));
        if (matcher.group(1) == null) {
            return new ContentRange(-1, -1, total);
        }
        final long first = Long.parseLong(matcher.group(1));
        final long last = Long.parseLong(matcher.group(2));
        return first > last || last >= total ? null : new ContentRange(first, last, total);
    }

    long lengthBytes() {
        return first < 0 ? 0 : last - first + 1;
    }
}
