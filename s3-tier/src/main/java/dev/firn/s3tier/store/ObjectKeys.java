package dev.firn.s3tier.store;

import java.nio.charset.StandardCharsets;

/**
 * Which keys Firn uses: what every kind of store can hold. UTF-8 of up to 1,024 bytes; spaces, {@code +}, {@code //} and
 * other odd things are keys like any other.
 *
 * <p>Refused, because some store or some list's XML cannot carry them: an empty key, control characters, unpaired surrogates, U+FFFE, U+FFFF, and
 * parts named {@code .} or {@code ..}. No key is at the same time the directory of another: with {@code a/b} there is no
 * {@code a}; a local directory answers {@link FailureKind#REJECTED}.
 */
public final class ObjectKeys {
    public static final int MAX_BYTES = 1_024;

    private ObjectKeys() {}

    /** @throws IllegalArgumentException when no store could hold an object under this key; says why. */
    public static String requireValid(final String key) {
        if (key.isEmpty()) {
            throw new IllegalArgumentException("an object's key is not empty");
        }
        final int bytes = key.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "an object's key has at most " + MAX_BYTES + " bytes, this one " + bytes);
        }
        for (int i = 0; i < key.length(); i++) {
            final char c = key.charAt(i);
            if (Character.isISOControl(c) || c == '\uFFFE' || c == '\uFFFF' || isUnpaired(key, i)) {
                throw new IllegalArgumentException(
                        "an object's key has no control characters and no broken surrogates, this one has U+"
                                + Integer.toHexString(c) + " at " + i);
            }
        }
        int start = 0;
        while (start <= key.length()) {
            final int slash = key.indexOf('/', start);
            final int end = slash < 0 ? key.length() : slash;
            final String part = key.substring(start, end);
            if (part.equals(".") || part.equals("..")) {
                throw new IllegalArgumentException("an object's key has no part named " + part + ": " + key);
            }
            start = end + 1;
        }
        return key;
    }

    private static boolean isUnpaired(final String key, final int index) {
        final char c = key.charAt(index);
        if (Character.isHighSurrogate(c)) {
            return index + 1 == key.length() || !Character.isLowSurrogate(key.charAt(index + 1));
        }
        return Character.isLowSurrogate(c) && (index == 0 || !Character.isHighSurrogate(key.charAt(index - 1)));
    }
}
