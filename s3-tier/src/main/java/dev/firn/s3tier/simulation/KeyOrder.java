package dev.firn.s3tier.simulation;

import java.util.Comparator;

/** The order of keys by their UTF-8 bytes, which is that of their code points, without making the bytes. */
final class KeyOrder implements Comparator<String> {
    static final KeyOrder INSTANCE = new KeyOrder();

    private KeyOrder() {}

    @Override
    public int compare(final String left, final String right) {
        final int common = Math.min(left.length(), right.length());
        for (int i = 0; i < common; i++) {
            final char a = left.charAt(i);
            final char b = right.charAt(i);
            if (a != b) {
                return Integer.compare(rank(a), rank(b));
            }
        }
        return Integer.compare(left.length(), right.length());
    }

    /** Surrogates stand for code points beyond all that one char holds: above U+E000..U+FFFF. */
    private static int rank(final char c) {
        return Character.isSurrogate(c) ? c + 0x1_0000 : c;
    }
}
