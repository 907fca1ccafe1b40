package dev.firn.s3tier.store;

import java.util.Objects;

/**
 * Which page of which list.
 *
 * @param prefix what the keys begin with; empty for all.
 * @param delimiter keys that share what comes before it, after the prefix, are folded into one common prefix; empty for
 *     none.
 * @param token {@link ListOutcome.Listed#nextToken()} of the page before, or null for the first.
 * @param maxKeys most objects and common prefixes on the page.
 */
public record ListRequest(String prefix, String delimiter, String token, int maxKeys) {
    public static final int MAX_KEYS = 1_000;

    public ListRequest {
        Objects.requireNonNull(prefix, "prefix");
        Objects.requireNonNull(delimiter, "delimiter");
        if (maxKeys < 1 || maxKeys > MAX_KEYS) {
            throw new IllegalArgumentException("a page of " + maxKeys + " keys is not within 1.." + MAX_KEYS);
        }
    }

    /** The first page of everything below a prefix. */
    public static ListRequest ofPrefix(final String prefix) {
        return new ListRequest(prefix, "", null, MAX_KEYS);
    }

    /** The first page of what stands directly below a prefix, {@code /} between levels. */
    public static ListRequest ofLevel(final String prefix) {
        return new ListRequest(prefix, "/", null, MAX_KEYS);
    }

    /** The page that begins where another ended. */
    public ListRequest from(final String nextToken) {
        return new ListRequest(prefix, delimiter, nextToken, maxKeys);
    }
}
