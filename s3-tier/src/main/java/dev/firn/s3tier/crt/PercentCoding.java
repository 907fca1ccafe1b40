package dev.firn.s3tier.crt;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Percent-encoding as the signature of S3 wants it: every byte of the UTF-8 but letters, digits and {@code - . _ ~} becomes
 * {@code %XX}, once (AWS General Reference, "Create a canonical request").
 */
final class PercentCoding {
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();

    private PercentCoding() {}

    /** For a path: slashes stay. */
    static String encodePath(final String key) {
        return encode(key, true);
    }

    /** For a query's value: slashes are encoded. */
    static String encodeQuery(final String value) {
        return encode(value, false);
    }

    private static String encode(final String text, final boolean keepSlashes) {
        final byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        final StringBuilder encoded = new StringBuilder(bytes.length + 16);
        for (final byte b : bytes) {
            final char c = (char) (b & 0xFF);
            if (isUnreserved(c) || (c == '/' && keepSlashes)) {
                encoded.append(c);
            } else {
                encoded.append('%').append(HEX[c >> 4]).append(HEX[c & 0xF]);
            }
        }
        return encoded.toString();
    }

    /**
     * What a list with {@code encoding-type=url} holds: stores write a space as {@code +} or {@code %20}, and a plus always
     * as {@code %2B}.
     *
     * @throws MalformedAnswerException when it is not percent-encoded UTF-8.
     */
    static String decode(final String encoded) throws MalformedAnswerException {
        if (encoded.indexOf('%') < 0 && encoded.indexOf('+') < 0) {
            return encoded;
        }
        final byte[] from = encoded.getBytes(StandardCharsets.UTF_8);
        final ByteBuffer to = ByteBuffer.allocate(from.length);
        for (int i = 0; i < from.length; i++) {
            if (from[i] == '+') {
                to.put((byte) ' ');
            } else if (from[i] != '%') {
                to.put(from[i]);
            } else {
                final int high = i + 2 < from.length ? Character.digit(from[i + 1], 16) : -1;
                final int low = i + 2 < from.length ? Character.digit(from[i + 2], 16) : -1;
                if (high < 0 || low < 0) {
                    throw new MalformedAnswerException("a key is not percent-encoded rightly: " + encoded);
                }
                to.put((byte) (high << 4 | low));
                i += 2;
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(to.flip()).toString();
        } catch (final CharacterCodingException e) {
            throw new MalformedAnswerException("a key is no UTF-8: " + encoded, e);
        }
    }

    private static boolean isUnreserved(final char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '.'
                || c == '_'
                || c == '~';
    }
}
