package dev.firn.walquorum.pgwire.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The answer to AuthenticationMD5Password: "md5" and the digest of the digest of password and user, and of the salt. */
public final class Md5Password {
    private Md5Password() {}

    public static String answer(final String user, final String password, final byte[] salt) {
        final byte[] inner = hex(password.getBytes(StandardCharsets.UTF_8), user.getBytes(StandardCharsets.UTF_8));
        return "md5" + new String(hex(inner, salt), StandardCharsets.US_ASCII);
    }

    private static byte[] hex(final byte[] first, final byte[] second) {
        try {
            final MessageDigest digest = MessageDigest.getInstance("MD5");
            digest.update(first);
            return HexFormat.of().formatHex(digest.digest(second)).getBytes(StandardCharsets.US_ASCII);
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no MD5, which the server's md5 method needs", e);
        }
    }
}
