package dev.firn.s3tier.s3server;

import java.util.Locale;

/** How the server behind a proxy as a whole is worse than S3. Takes headers away that a client may have signed: not for servers that check. */
public enum ServerTrait {
    /** Conditions of writes are ignored, as by a server that does not know them. */
    WITHOUT_CONDITIONAL_WRITES,
    /** {@code If-None-Match} is honoured, {@code If-Match} is ignored. */
    WITHOUT_CONDITIONAL_REPLACE,
    /** Conditional writes are answered 501. */
    REFUSES_CONDITIONAL_WRITES,
    /** Every list is answered as it was the first time. */
    STALE_LISTS,
    /** Whatever range is asked for, the whole object comes. */
    IGNORES_RANGES,
    /** Checksums of writes are not looked at, nor told. */
    WITHOUT_CHECKSUMS,
    /** User metadata is dropped. */
    WITHOUT_METADATA;

    boolean takesFromRequest(final HttpHead request, final String header) {
        final String name = header.toLowerCase(Locale.ROOT);
        final boolean write = request.method().equals("PUT") || request.method().equals("POST");
        return switch (this) {
            case WITHOUT_CONDITIONAL_WRITES -> write && (name.equals("if-none-match") || name.equals("if-match"));
            case WITHOUT_CONDITIONAL_REPLACE -> write && name.equals("if-match");
            case IGNORES_RANGES -> name.equals("range");
            case WITHOUT_CHECKSUMS -> isChecksum(name);
            case WITHOUT_METADATA -> name.startsWith("x-amz-meta-");
            case REFUSES_CONDITIONAL_WRITES, STALE_LISTS -> false;
        };
    }

    boolean takesFromAnswer(final String header) {
        final String name = header.toLowerCase(Locale.ROOT);
        return switch (this) {
            case WITHOUT_CHECKSUMS -> isChecksum(name);
            case WITHOUT_METADATA -> name.startsWith("x-amz-meta-");
            default -> false;
        };
    }

    private static boolean isChecksum(final String name) {
        return name.startsWith("x-amz-checksum-")
                || name.equals("x-amz-sdk-checksum-algorithm")
                || name.equals("content-md5");
    }
}
