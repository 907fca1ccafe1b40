package dev.firn.s3tier.crt;

import java.util.List;
import software.amazon.awssdk.crt.http.HttpHeader;

/**
 * Status and headers of an answer.
 *
 * @param contentLength of the body; -1 when it is not told.
 */
record AnswerHead(int status, List<HttpHeader> headers, long contentLength) {
    static AnswerHead of(final int status, final HttpHeader[] headers) {
        final AnswerHead plain = new AnswerHead(status, List.of(headers), -1);
        final long length = parseLength(plain.header("Content-Length"));
        return new AnswerHead(status, plain.headers, length);
    }

    /** The first header of this name, or null. */
    String header(final String name) {
        for (final HttpHeader header : headers) {
            if (header.getName().equalsIgnoreCase(name)) {
                return header.getValue();
            }
        }
        return null;
    }

    /** What the store's operator finds the request by; empty when it told nothing. */
    String requestId() {
        final String id = header("x-amz-request-id");
        final String hostId = header("x-amz-id-2");
        if (id == null) {
            return hostId == null ? "" : hostId;
        }
        return hostId == null ? id : id + " " + hostId;
    }

    static String quoted(final String etag) {
        if (etag == null || etag.isEmpty()) {
            return null;
        }
        return etag.startsWith("\"") || etag.startsWith("W/") ? etag : "\"" + etag + "\"";
    }

    private static long parseLength(final String text) {
        if (text == null) {
            return -1;
        }
        try {
            return Math.max(-1, Long.parseLong(text.trim()));
        } catch (final NumberFormatException _) {
            return -1;
        }
    }
}
