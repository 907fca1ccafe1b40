package dev.firn.columnar.parquet;

import java.util.Arrays;

/**
 * The least or greatest value of a page, or what lies below or above it and is shorter.
 *
 * @param bytes PLAIN; null when the values have no order (NaN alone), or none that is short enough.
 * @param exact whether it is a value.
 */
record Bound(byte[] bytes, boolean exact) {
    /** Longest bound of bytes in an index: parquet-java's default. */
    static final int MAX_BYTES = 64;

    private static final int CONTINUATION_MASK = 0xC0;
    private static final int CONTINUATION = 0x80;
    private static final int LAST_ASCII = 0x7E;

    static final Bound NONE = new Bound(null, false);

    static Bound least(final LeafColumn leaf, final byte[] value) {
        if (value == null) {
            return NONE;
        }
        if (!leaf.field().isVariable() || value.length <= MAX_BYTES) {
            return new Bound(value, true);
        }
        return new Bound(Arrays.copyOf(value, cut(value)), false);
    }

    /** Cut and raised: at the last byte that can be, in text at the last ASCII letter, so that it stays text. */
    static Bound greatest(final LeafColumn leaf, final byte[] value) {
        if (value == null) {
            return NONE;
        }
        if (!leaf.field().isVariable() || value.length <= MAX_BYTES) {
            return new Bound(value, true);
        }
        final int cut = cut(value);
        for (int last = cut - 1; last >= 0; last--) {
            if (value[last] >= 0 && value[last] <= LAST_ASCII) {
                final byte[] raised = Arrays.copyOf(value, last + 1);
                raised[last]++;
                return new Bound(raised, false);
            }
        }
        return NONE;
    }

    /** Where text may be cut without cutting a letter. */
    private static int cut(final byte[] value) {
        int cut = MAX_BYTES;
        while (cut > 0 && (value[cut] & CONTINUATION_MASK) == CONTINUATION) {
            cut--;
        }
        return cut;
    }

    boolean isKnown() {
        return bytes != null;
    }
}
