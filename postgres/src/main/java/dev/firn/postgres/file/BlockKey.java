package dev.firn.postgres.file;

/**
 * A block of a relation as primitives, for paths that can't have an object for each: one long for tablespace and database, one for
 * relfilenode and fork, an int for the block. Both longs are exact, so equal keys are equal relations; the hash is for tables.
 */
public final class BlockKey {
    private static final int FORK_BITS = 8;
    private static final int FORK_MASK = (1 << FORK_BITS) - 1;
    private static final long MULTIPLIER_A = 0x9E37_79B9_7F4A_7C15L;
    private static final long MULTIPLIER_B = 0xC2B2_AE3D_27D4_EB4FL;

    private BlockKey() {}

    /** Packs tablespace and database. */
    public static long space(final int tablespace, final int database) {
        return Integer.toUnsignedLong(tablespace) << Integer.SIZE | Integer.toUnsignedLong(database);
    }

    /** The tablespace of a packed space. */
    public static int tablespace(final long space) {
        return (int) (space >>> Integer.SIZE);
    }

    /** The database of a packed space. */
    public static int database(final long space) {
        return (int) space;
    }

    /** Packs relfilenode and the number of a fork. */
    public static long relation(final int relfilenode, final int fork) {
        return Integer.toUnsignedLong(relfilenode) << FORK_BITS | (fork & FORK_MASK);
    }

    /** The relfilenode of a packed relation. */
    public static int relfilenode(final long relation) {
        return (int) (relation >>> FORK_BITS);
    }

    /** The fork's number of a packed relation. */
    public static int fork(final long relation) {
        return (int) relation & FORK_MASK;
    }

    /** A hash of a block whose bits all depend on all of the key. */
    public static long hash(final long space, final long relation, final int block) {
        long hash = (space ^ Long.rotateLeft(relation, Integer.SIZE - FORK_BITS)) * MULTIPLIER_A;
        hash = (hash ^ hash >>> Integer.SIZE ^ Integer.toUnsignedLong(block)) * MULTIPLIER_B;
        hash = (hash ^ hash >>> Integer.SIZE) * MULTIPLIER_A;
        return hash ^ hash >>> Integer.SIZE;
    }

    /** For messages: {@code relation 1663/5/16384 fork VISIBILITY_MAP block 7}. */
    public static String describe(final long space, final long relation, final int block) {
        final Fork fork = Fork.of(fork(relation));
        return "relation " + new RelFileLocator(tablespace(space), database(space), relfilenode(relation)) + " fork "
                + (fork == null ? String.valueOf(fork(relation)) : fork.toString()) + " block "
                + Integer.toUnsignedString(block);
    }
}
