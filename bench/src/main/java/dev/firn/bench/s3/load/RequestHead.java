package dev.firn.bench.s3.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The request line and the headers that matter, of one HTTP/1.1 request (RFC 9112).
 *
 * @param contentLength 0 when there is none.
 * @param rangeStart -1 when no range was asked for.
 * @param rangeEnd the last byte; -1 for the object's end.
 * @param expectsContinue whether the client waits to be told to send the body.
 * @param understood false when there is something here that this server does not do.
 */
record RequestHead(
        String method,
        String path,
        String query,
        long contentLength,
        long rangeStart,
        long rangeEnd,
        boolean expectsContinue,
        boolean understood) {
    private static final String RANGE_UNIT = "bytes=";

    /**
     * Takes a head off the buffer, which stands ready to be read from.
     *
     * @return null when its end has not arrived yet; the buffer is as it was then.
     */
    static RequestHead take(final ByteBuffer buffer) {
        final int end = endOf(buffer);
        if (end < 0) {
            return null;
        }
        final byte[] bytes = new byte[end - buffer.position()];
        buffer.get(bytes);
        return parse(new String(bytes, StandardCharsets.ISO_8859_1));
    }

    /** The position after the empty line, or -1. */
    private static int endOf(final ByteBuffer buffer) {
        for (int i = buffer.position(); i + 3 < buffer.limit(); i++) {
            if (buffer.get(i) == '\r'
                    && buffer.get(i + 1) == '\n'
                    && buffer.get(i + 2) == '\r'
                    && buffer.get(i + 3) == '\n') {
                return i + 4;
            }
        }
        return -1;
    }

    private static RequestHead parse(final String text) {
        int lineEnd = text.indexOf('\r');
        final int methodEnd = text.indexOf(' ');
        final int targetEnd = text.indexOf(' ', methodEnd + 1);
        if (methodEnd < 0 || targetEnd < 0 || targetEnd > lineEnd) {
            return new RequestHead("", "", "", 0, -1, -1, false, false);
        }
        final String target = text.substring(methodEnd + 1, targetEnd);
        final int question = target.indexOf('?');
        long contentLength = 0;
        long rangeStart = -1;
        long rangeEnd = -1;
        boolean expectsContinue = false;
        boolean understood = true;
        while (true) {
            final int lineStart = lineEnd + 2;
            lineEnd = text.indexOf('\r', lineStart);
            final int colon = text.indexOf(':', lineStart);
            if (lineEnd <= lineStart || colon < 0 || colon > lineEnd) {
                break;
            }
            final String value = text.substring(colon + 1, lineEnd).strip();
            switch (text.substring(lineStart, colon).toLowerCase(Locale.ROOT)) {
                case "content-length" -> contentLength = Long.parseLong(value);
                case "transfer-encoding" -> understood = false;
                case "expect" -> expectsContinue = value.equalsIgnoreCase("100-continue");
                case "range" -> {
                    final int dash = value.indexOf('-');
                    understood &= value.startsWith(RANGE_UNIT) && dash > RANGE_UNIT.length() && value.indexOf(',') < 0;
                    if (understood) {
                        rangeStart = Long.parseLong(value.substring(RANGE_UNIT.length(), dash));
                        rangeEnd = dash + 1 == value.length() ? -1 : Long.parseLong(value.substring(dash + 1));
                    }
                }
                default -> {}
            }
        }
        return new RequestHead(
                text.substring(0, methodEnd),
                question < 0 ? target : target.substring(0, question),
                question < 0 ? "" : target.substring(question + 1),
                contentLength,
                rangeStart,
                rangeEnd,
                expectsContinue,
                understood);
    }
}
