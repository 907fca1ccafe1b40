package dev.firn.pagestore.key;

import dev.firn.postgres.file.BlockKey;

/**
 * Page keys as three longs, for paths that cannot have an object for each: {@code high} has class and tablespace, {@code middle} database
 * and relfilenode, {@code low} fork and block, each a uint32 over a uint32. Keys are ordered by the three, without sign.
 */
public final class PageKeys {
    private static final long MULTIPLIER_A = 0x9E37_79B9_7F4A_7C15L;
    private static final long MULTIPLIER_B = 0xC2B2_AE3D_27D4_EB4FL;

    private PageKeys() {}

    public static long high(final KeyClass keyClass, final int tablespace) {
        return pair(keyClass.number(), tablespace);
    }

    public static long middle(final int database, final int relfilenode) {
        return pair(database, relfilenode);
    }

    public static long low(final int fork, final int block) {
        return pair(fork, block);
    }

    /** Null for a number that no class has. */
    public static KeyClass keyClass(final long high) {
        return KeyClass.of(upper(high));
    }

    public static int tablespace(final long high) {
        return (int) high;
    }

    public static int database(final long middle) {
        return upper(middle);
    }

    public static int relfilenode(final long middle) {
        return (int) middle;
    }

    public static int fork(final long low) {
        return upper(low);
    }

    /** Unsigned. */
    public static int block(final long low) {
        return (int) low;
    }

    /** Below 0, 0, or above 0, as the first key is before the second, equal or after it. */
    public static int compare(
            final long high1,
            final long middle1,
            final long low1,
            final long high2,
            final long middle2,
            final long low2) {
        if (high1 != high2) {
            return Long.compareUnsigned(high1, high2);
        }
        return middle1 != middle2 ? Long.compareUnsigned(middle1, middle2) : Long.compareUnsigned(low1, low2);
    }

    /** A hash whose bits all depend on all of the key. */
    public static long hash(final long high, final long middle, final long low) {
        long hash = (high ^ Long.rotateLeft(middle, Integer.SIZE - 3)) * MULTIPLIER_A;
        hash = (hash ^ hash >>> Integer.SIZE ^ low) * MULTIPLIER_B;
        hash = (hash ^ hash >>> Integer.SIZE) * MULTIPLIER_A;
        return hash ^ hash >>> Integer.SIZE;
    }

    /** For messages. */
    public static String describe(final long high, final long middle, final long low) {
        final KeyClass keyClass = keyClass(high);
        if (keyClass == KeyClass.PAGE) {
            return BlockKey.describe(
                    BlockKey.space(tablespace(high), database(middle)),
                    BlockKey.relation(relfilenode(middle), fork(low)),
                    block(low));
        }
        return (keyClass == null ? "class " + upper(high) : keyClass.toString()) + " of " + unsigned((int) high) + '/'
                + unsigned(upper(middle)) + '/' + unsigned((int) middle) + '/' + unsigned(upper(low)) + '/'
                + unsigned((int) low);
    }

    private static String unsigned(final int part) {
        return Integer.toUnsignedString(part);
    }

    private static long pair(final int upper, final int lower) {
        return Integer.toUnsignedLong(upper) << Integer.SIZE | Integer.toUnsignedLong(lower);
    }

    private static int upper(final long pair) {
        return (int) (pair >>> Integer.SIZE);
    }
}
