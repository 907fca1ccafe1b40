package dev.firn.s3tier.crt;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Where the next page of a list of uploads begins: two markers, given out as one opaque token. */
record UploadsToken(String keyMarker, String uploadIdMarker) {
    String encode() {
        return base64(keyMarker) + "." + base64(uploadIdMarker);
    }

    /** @throws IllegalArgumentException when it is none that {@link #encode} has made. */
    static UploadsToken decode(final String token) {
        final int dot = token.indexOf('.');
        if (dot < 0) {
            throw new IllegalArgumentException("this is no token of a list of uploads: " + token);
        }
        return new UploadsToken(text(token.substring(0, dot)), text(token.substring(dot + 1)));
    }

    private static String base64(final String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(final String base64) {
        return new String(Base64.getUrlDecoder().decode(base64), StandardCharsets.UTF_8);
    }
}
