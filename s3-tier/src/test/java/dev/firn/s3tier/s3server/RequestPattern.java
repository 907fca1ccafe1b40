package dev.firn.s3tier.s3server;

import java.util.regex.Pattern;

/**
 * Which requests a fault happens to.
 *
 * @param methods of HTTP, matched whole.
 * @param target found somewhere in path and query, as they stand on the wire.
 * @param header one that the request must have; null for any request.
 * @param skip how many that match are left alone first.
 * @param most how often the fault happens at most.
 * @param probability of the fault for each one that matches, drawn from the proxy's seed.
 */
public record RequestPattern(Pattern methods, Pattern target, String header, long skip, long most, double probability) {
    public static final RequestPattern ANY =
            new RequestPattern(Pattern.compile(".*"), Pattern.compile(""), null, 0, Long.MAX_VALUE, 1.0);

    /** A part of an upload has such a query. */
    private static final String QUERY_OF_PART = "[?&]partNumber=";

    public static RequestPattern of(final String methods, final String target) {
        return new RequestPattern(Pattern.compile(methods), Pattern.compile(target), null, 0, Long.MAX_VALUE, 1.0);
    }

    /** Whole objects being written. */
    public static RequestPattern puts() {
        return of("PUT", "^/[^/?]+/[^?]+(?!.*" + QUERY_OF_PART + ")");
    }

    public static RequestPattern parts() {
        return of("PUT", QUERY_OF_PART);
    }

    /** Uploads being completed. */
    public static RequestPattern completions() {
        return of("POST", "[?&]uploadId=");
    }

    /** Objects being read. */
    public static RequestPattern gets() {
        return of("GET", "^/[^/?]+/[^?]+");
    }

    public static RequestPattern heads() {
        return of("HEAD", "");
    }

    public static RequestPattern lists() {
        return of("GET", "[?&]list-type=");
    }

    /** Only those of one key; spelled as on the wire. */
    public RequestPattern ofKey(final String key) {
        return new RequestPattern(
                methods,
                Pattern.compile("(?=.*/" + Pattern.quote(key) + "(\\?|$))" + target.pattern()),
                header,
                skip,
                most,
                probability);
    }

    public RequestPattern carrying(final String name) {
        return new RequestPattern(methods, target, name, skip, most, probability);
    }

    public RequestPattern after(final long count) {
        return new RequestPattern(methods, target, header, count, most, probability);
    }

    public RequestPattern once() {
        return times(1);
    }

    public RequestPattern times(final long count) {
        return new RequestPattern(methods, target, header, skip, count, probability);
    }

    public RequestPattern withProbability(final double share) {
        return new RequestPattern(methods, target, header, skip, most, share);
    }

    boolean matches(final HttpHead request) {
        return methods.matcher(request.method()).matches()
                && target.matcher(request.target()).find()
                && (header == null || request.has(header));
    }
}
